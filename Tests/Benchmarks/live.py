"""What is measured of a server that watches an API server: starts, relists, events, churn."""

import os
import re
import socket
import statistics
import threading
import time
import urllib.request

import measure
import servers

COREFILE = """\
.:{port} {{
    bind 127.0.0.1
    prometheus 127.0.0.1:{metrics}
    kubernetes cluster.local in-addr.arpa ip6.arpa {{
        {source}
        pods insecure
        ttl 30
    }}
}}
"""
RESOURCES = 3  # namespaces, services, endpointslices
START_SECONDS_MAX = 60
RELIST_SECONDS_MAX = 120
POLL_SECONDS = 0.001
SETTLE_SECONDS = 3.0
QUIET_SECONDS = 0.25
QUIET_SHARE_MAX = 0.02  # of a core: a server that takes less has nothing to do
SAMPLE_EVERY = 20  # events
PORTS = 16  # of one client: that all lead to one of two workers happens once in 32,768 runs
LOAD_RATE = 20_000  # queries a second: moderate, so that what is lost is lost for another reason
RELIST_PAUSE_SECONDS = 3.0  # one list right after the other is put off: a watch must have worked in between


class Live:
    """A clusterdns that watches an API server, or one that has nothing to read."""

    def __init__(self, binary, folder, source):
        os.makedirs(folder, exist_ok=True)
        port, self.metrics = servers.free_port(), servers.free_port()
        text = COREFILE.format(port=port, metrics=self.metrics, source=source)
        path = servers.write(folder, "Corefile", text)
        self.began = time.monotonic()
        self.server = servers.Server("clusterdns", [binary, "-conf", path], folder, port)

    @property
    def pid(self):
        return self.server.process.pid

    def first_answer(self, name, wanted):
        """Seconds from the start of the process to the first answer of this kind; other codes are none."""
        message = measure.query(name, "A")
        while time.monotonic() < self.began + START_SECONDS_MAX:
            if exchange(self.server.port, message) == wanted:
                return time.monotonic() - self.began
            if self.server.process.poll() is not None:
                raise SystemExit(f"api: clusterdns ended:\n{self.server.output()}")
            time.sleep(POLL_SECONDS)
        raise SystemExit(f"api: clusterdns did not answer {name}:\n{self.server.output()}")

    def cpu(self):
        return measure.exact_cpu_seconds(self.pid)

    def resident(self):
        return measure.resident_megabytes(self.pid)

    def forget_peak(self):
        with open(f"/proc/{self.pid}/clear_refs", "w") as file:
            file.write("5")

    def peak(self):
        return measure.kilobytes(f"/proc/{self.pid}/status", "VmHWM:") / 1024

    def relists(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics}/metrics", timeout=10) as reply:
            text = reply.read().decode()
        return sum(float(n) for n in re.findall(r"^coredns_kubernetes_relists_total\{.*\} (\S+)$", text, re.MULTILINE))

    def wait_until_quiet(self):
        """Until it has nothing more to do."""
        deadline = time.monotonic() + RELIST_SECONDS_MAX
        while time.monotonic() < deadline:
            before = self.cpu()
            time.sleep(QUIET_SECONDS)
            if self.cpu() - before < QUIET_SECONDS * QUIET_SHARE_MAX:
                return
        raise SystemExit("api: clusterdns does not come to rest")

    def wait_until_relisted(self, before):
        """Until every resource has been listed once more."""
        deadline = time.monotonic() + RELIST_SECONDS_MAX
        while time.monotonic() < deadline:
            if self.relists() >= before + RESOURCES:
                return self.wait_until_quiet()
            time.sleep(0.05)
        raise SystemExit(f"api: clusterdns did not list anew:\n{self.server.output()}")

    def stop(self):
        self.server.stop()


def exchange(port, message):
    """(code, whether there are records) of one question, or None."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.settimeout(0.1)
        try:
            udp.connect((servers.HOST, port))
            udp.send(message)
            reply = udp.recv(4096)
        except OSError:
            return None
    return (reply[3] & 15, reply[7] > 0) if len(reply) >= 12 else None


def start_live(binary, folder, api):
    """(server, seconds to the first correct answer, CPU seconds of the sync): asks what no server knew a moment ago."""
    name = api.ask("touch")["name"]
    live = Live(binary, folder, f"kubeconfig {api.kubeconfig}")
    first = live.first_answer(name, (0, True))
    live.wait_until_quiet()
    return live, first, live.cpu()


def start_empty(binary, folder):
    """CPU seconds of a start with an empty cluster, from a file."""
    path = servers.write(folder, "empty.yaml", "")
    live = Live(binary, folder, f"manifests {path}")
    try:
        live.first_answer("missing.missing.svc.cluster.local", (3, False))
        live.wait_until_quiet()
        return live.cpu()
    finally:
        live.stop()


def relist(live, api, renews):
    """(peak while everything is listed anew, CPU seconds), with everything changed in the meantime or nothing."""
    time.sleep(RELIST_PAUSE_SECONDS / 2)
    before, used = live.relists(), live.cpu()
    live.forget_peak()
    force_relist(api, renews)
    live.wait_until_relisted(before)
    return live.peak(), live.cpu() - used


def force_relist(api, renews):
    for command in ["down", "renew", "up"] if renews else ["relist"]:
        api.ask(command)


def events(live, api, prober, rate, seconds):
    """Milliseconds from when an event was written until all workers answer it, of each sampled one; None for never."""
    count = rate * seconds
    command = [prober, str(live.server.port), str(PORTS)]
    text = api.follow(f"churn {rate} {count} {SAMPLE_EVERY}", command, seconds * 10 + 60)
    return [int(line) / 1e6 if line != "-1" else None for line in text.split()]


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class Background:
    """A moderate load by dnsperf in the background."""

    def __init__(self, live, queries, seconds):
        self.round = None
        how = measure.Load(seconds=seconds, rate=LOAD_RATE)
        self.thread = threading.Thread(target=self.run, args=(live.server, queries, how))
        self.thread.start()

    def run(self, server, queries, how):
        self.round = measure.load(server, queries, how)

    def wait(self):
        self.thread.join()
        if self.round is None:
            raise SystemExit("api: dnsperf failed")
        return self.round


def relists_under_load(live, api, queries, times):
    """(round of dnsperf, relists that were complete) while everything is listed anew, unchanged and changed in turn."""
    before = live.relists()
    background = Background(live, queries, int((times + 1) * RELIST_PAUSE_SECONDS) + 1)
    for number in range(times):
        time.sleep(RELIST_PAUSE_SECONDS)
        force_relist(api, renews=number % 2 == 1)
    return background.wait(), int(live.relists() - before) // RESOURCES


def churn(live, api, count):
    """(events a second, CPU µs of an event, megabytes before, after, and after a pause)."""
    before, used = live.resident(), live.cpu()
    api.send(f"churn 0 {count} 0")
    done = api.read_line()
    live.wait_until_quiet()
    cpu, after = live.cpu() - used, live.resident()
    time.sleep(SETTLE_SECONDS)
    return done["count"] / done["seconds"], cpu * 1e6 / count, before, after, live.resident()


def median(values):
    return statistics.median(values)
