"""Endpoint changes at a steady rate, as if pods were replaced: slice after slice gets a new last endpoint."""

import collections
import os
import threading
import time

import cluster as model
import manifests

SLICES_CHANGED = 2000  # in turn, so that each change is to another slice
LAST_KEPT = 20


class Changes:
    """Changes a manifest folder from a thread of its own, between `start` and `stop`, as often as wanted."""

    def __init__(self, cluster, folder, per_second):
        self.beside = folder.rstrip("/") + ".next"
        self.per_second = per_second
        self.prepared = list(prepare(cluster, folder))
        self.count = 0
        self.seconds = 0.0
        self.last = collections.deque(maxlen=LAST_KEPT)  # (name, family-4 address) that must be answered now
        self.stopping = threading.Event()
        self.thread = None

    def start(self):
        self.stopping.clear()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def stop(self):
        self.stopping.set()
        self.thread.join()

    def run(self):
        began = time.monotonic()
        made = 0
        while not self.stopping.wait(max(0.0, began + made / self.per_second - time.monotonic())):
            self.change()
            made += 1
        self.seconds += time.monotonic() - began

    def change(self):
        """Moves one endpoint away or, the next time round, back; the file is replaced as a careful writer does it."""
        path, versions = self.prepared[self.count % len(self.prepared)]
        content, name = versions[self.count // len(self.prepared) % 2]
        with open(self.beside, "w") as out:
            out.write(content)
        os.rename(self.beside, path)
        self.count += 1
        self.last.append(name)

    @property
    def rate(self):
        return self.count / self.seconds if self.seconds else 0.0


def prepare(cluster, folder):
    """(path, [(content moved, name), (content as it was, name)]) for slices spread over the cluster."""
    slices = [
        (one, name, part)
        for one in cluster
        for name, family, part in one.slices()
        if family == 4 and len(part) > 1 and not part[-1].hostname
    ]
    step = max(1, len(slices) // SLICES_CHANGED)
    for number, (one, name, part) in enumerate(slices[::step]):
        versions = []
        for address in (str(model.CHANGED_NETWORK[256 + number]), part[-1].addresses[4]):
            content = manifests.encode(manifests.slice_object(one, name, 4, part, moved_to=address))
            versions.append((content, f"{model.dashed(address)}.{one.fqdn}"))
        yield manifests.slice_path(folder, one, name), versions
