"""A cluster in change: 86 states, in three configurations, over protobuf and over JSON."""

import os
import tempfile

import answers
import api
import driver
import streams

HERE = os.path.dirname(os.path.abspath(__file__))
LABELS = {"labelSelector": "tier in (gold,silver)"}
PHASES = {"fieldSelector": "status.phase!=Succeeded,status.phase!=Failed,status.phase!=Unknown"}
CONFIGURATIONS = {
    # options, the TTL of answers, and what must be asked for: {resource: (recording, selectors)}
    "verified": (
        ["pods verified", "ttl 30"],
        30,
        {
            "services": ("services", {}),
            "endpointslices": ("endpointslices", {}),
            "namespaces": ("namespaces", {}),
            "pods": ("pods-phase", PHASES),
        },
    ),
    "labels": (
        ["labels tier in (gold,silver)", "pods verified", "ttl 30"],
        30,
        {
            "services": ("services-labels", LABELS),
            "endpointslices": ("endpointslices-labels", LABELS),
            "namespaces": ("namespaces", {}),
            "pods": ("pods-labels", LABELS | PHASES),
        },
    ),
    "podnames-ignoreempty": (
        ["pods insecure", "endpoint_pod_names", "ignore empty_service"],
        5,
        {
            "services": ("services", {}),
            "endpointslices": ("endpointslices", {}),
            "namespaces": ("namespaces", {}),
        },
    ),
}


class Replay:
    """The feeds of one configuration, shown step by step."""

    def __init__(self, needed, encoding):
        self.steps = streams.table(os.path.join(HERE, "changes", "steps.tsv"))
        self.feeds, self.recordings = {}, {}
        for resource, (recorded, selectors) in needed.items():
            stream = f"{recorded}-{encoding}"
            recording = streams.read(os.path.join(HERE, "changes", f"{stream}.raw"))
            self.feeds[resource] = api.Feed(selectors)
            self.feeds[resource].begin(recording.head)
            self.recordings[resource] = (stream, iter(recording.parts))

    def show(self, step):
        """Shows what had come at the end of a step."""
        for resource, (stream, parts) in self.recordings.items():
            feed, offset = self.feeds[resource], int(step[stream])
            while not feed.parts or feed.parts[-1].end < offset:
                feed.add(next(parts))
            if feed.parts[-1].end != offset:
                raise ValueError(f"step {step['step']} of {stream} does not end with an event")


def run(binary, chosen, encoding, deviations):
    options, ttl_seconds, needed = CONFIGURATIONS[chosen]
    steps = answers.read(f"changes/{chosen}.tsv", chosen, ttl_seconds, deviations)
    replay = Replay(needed, encoding)
    source = api.APIServer(replay.feeds, encoding)
    source.up()
    title = f"changes, {chosen}, {encoding}"
    with tempfile.TemporaryDirectory(prefix="clusterdns-dynamic-") as folder:
        options = [f"endpoint http://127.0.0.1:{source.port}", *options]
        server = driver.Driver(binary, title, options, folder)
        try:
            for state in replay.steps:
                step = int(state["step"])
                with source.changed:
                    replay.show(state)
                    source.changed.notify_all()
                patience = driver.PATIENCE_SECONDS if step else driver.START_PATIENCE_SECONDS
                server.settle(step, state["what"], steps[step], patience)
                if not server.is_running:
                    break
        finally:
            result = server.stop()
            source.kill()
    for resource, feed in replay.feeds.items():
        result.expect(f"{title}: requests for {resource}", [] if feed.asked == ["list"] else [f"asked {feed.asked}"])
    result.expect(f"{title}: requests", source.faults)
    return result
