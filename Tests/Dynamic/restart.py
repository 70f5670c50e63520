"""API servers that end streams, are killed, come back with another past, refuse and are away."""

import os
import tempfile
import time

import answers
import api
import changes
import driver
import streams

HERE = os.path.dirname(os.path.abspath(__file__))
OPTIONS, TTL_SECONDS, NEEDED = changes.CONFIGURATIONS["verified"]
KUBECONFIG = """\
apiVersion: v1
kind: Config
clusters: [{{name: here, cluster: {{server: "http://127.0.0.1:{port}"}}}}]
users: [{{name: dns, user: {{token: secret}}}}]
contexts: [{{name: here, context: {{cluster: here, user: dns}}}}]
current-context: here
"""
# The recorded server was away for 3 to 20 s; nothing but the client's back-off depends on it.
AWAY_SECONDS = {4: 1, 8: 0.2, 10: 2}
REQUEST_PATIENCE_SECONDS = 20


class Stream:
    """The recorded connections of one resource, played in their order into a feed."""

    def __init__(self, name, selectors, asked):
        folder = os.path.join(HERE, "restart")
        self.name = name
        self.asked = asked  # by the recorder, a connection each
        self.recordings = [streams.read(os.path.join(folder, f"{name}.{n:02}.raw")) for n in range(1, len(asked) + 1)]
        self.feed = api.Feed(selectors)
        self.connection = 0
        self.coming = []

    def show(self, connection, offset, of_list=1):
        """Shows what had come when the recorder had read so much of a connection; of a list that begins only a part."""
        held = 0
        while self.connection < connection:
            self.finish()
            self.begin_next()
            held = len(self.coming) * (1 - of_list) if self.asked[self.connection - 1] == "list" else 0
        while len(self.coming) > held and self.coming[0].end <= offset:
            self.feed.add(self.coming.pop(0))

    def finish(self):
        """Shows the rest of the connection."""
        while self.coming:
            self.feed.add(self.coming.pop(0))

    def begin_next(self):
        recording = self.recordings[self.connection]
        is_list = self.asked[self.connection] == "list"
        self.connection += 1
        if not recording.is_watch:
            self.feed.refusals.append(recording.raw)
        elif recording.oldest:
            self.feed.oldest, self.feed.expired = recording.oldest, recording.raw
        else:
            if is_list:
                self.feed.begin(recording.head)
            self.feed.watch_head = recording.head
            self.coming = list(recording.parts)


class Story:
    def __init__(self, binary, encoding, by_kubeconfig, deviations, folder):
        self.title = f"restart, {encoding}, {'kubeconfig' if by_kubeconfig else 'endpoint'}"
        self.rows = answers.read("restart/answers.tsv", "restart", TTL_SECONDS, deviations)
        self.steps = {int(row["step"]): row for row in streams.table(os.path.join(HERE, "restart", "steps.tsv"))}
        connections = streams.table(os.path.join(HERE, "restart", "connections.tsv"))
        self.streams = []
        for recorded, selectors in NEEDED.values():
            name = f"{recorded}-{encoding}"
            asked = [row["asked"] for row in connections if row["stream"] == name]
            self.streams.append(Stream(name, selectors, asked))
        feeds = dict(zip(NEEDED, [stream.feed for stream in self.streams]))
        self.source = api.APIServer(feeds, encoding)
        self.show(1)
        self.source.up()
        options = [f"endpoint http://127.0.0.1:{self.source.port}"]
        if by_kubeconfig:
            path = os.path.join(folder, "kubeconfig")
            with open(path, "w") as out:
                out.write(KUBECONFIG.format(port=self.source.port))
            options = [f"kubeconfig {path} here"]
        self.server = driver.Driver(binary, self.title, options + OPTIONS, folder)

    def show(self, step, of_list=1):
        with self.source.changed:
            for stream in self.streams:
                stream.show(*map(int, self.steps[step][stream.name].split(":")), of_list)
            self.source.changed.notify_all()

    def settle(self, step, patience_seconds=driver.PATIENCE_SECONDS, rows=None, former=()):
        """Answers as recorded at the end of a step."""
        self.server.settle(step, self.steps[step]["what"], rows or self.rows[step], patience_seconds, former)

    def check_requests(self, step):
        """The client asked what the recorder asked up to here, from the same versions."""
        seconds = 0 if self.server.result.failures else REQUEST_PATIENCE_SECONDS
        self.source.wait(lambda: all(len(s.feed.asked) >= s.connection for s in self.streams), seconds)
        for stream in self.streams:
            asked, wanted = stream.feed.asked, stream.asked[: stream.connection]
            faults = [] if asked == wanted else [f"want {wanted}", f"got  {asked}"]
            self.server.result.expect(f"{self.title}, step {step}: requests for {stream.name}", faults)

    def kill(self):
        with self.source.changed:
            for stream in self.streams:
                stream.finish()
        self.source.kill()

    def play(self):
        self.settle(1, driver.START_PATIENCE_SECONDS)
        self.show(2)
        self.source.end("clean")
        self.check_requests(2)
        self.settle(2)
        self.show(3)
        self.settle(3)
        self.kill()
        self.settle(4)
        time.sleep(AWAY_SECONDS[4])
        self.settle(4)
        self.settle(5)
        self.come_back(6)
        self.show(7)
        self.settle(7)
        self.kill()
        time.sleep(AWAY_SECONDS[8])
        self.settle(8, rows=self.rows[7])
        self.come_back(8)
        self.show(9)
        self.settle(9)
        self.kill()
        self.settle(10, rows=self.rows[9])
        time.sleep(AWAY_SECONDS[10])
        self.come_back(10)
        self.show(11)
        self.source.end("clean")
        self.check_requests(11)
        self.settle(11, rows=self.rows[10])

    def come_back(self, step):
        """The lists stop halfway for a moment: nothing may be missed meanwhile."""
        former = self.rows[step - 1]
        self.show(step, of_list=0.5)
        self.source.up()
        self.check_requests(step)
        self.server.watch(step, f"{self.steps[step]['what']}, halfway", self.rows[step], former)
        self.show(step)
        self.settle(step, former=former)


def run(binary, encoding, by_kubeconfig, deviations):
    with tempfile.TemporaryDirectory(prefix="clusterdns-dynamic-") as folder:
        story = Story(binary, encoding, by_kubeconfig, deviations, folder)
        try:
            story.play()
        finally:
            result = story.server.stop()
            if story.source.is_up:
                story.source.kill()
    result.expect(f"{story.title}: requests", story.source.faults)
    return result
