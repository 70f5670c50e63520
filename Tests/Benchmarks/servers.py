"""The servers under test: how each is configured and started. All listen on 127.0.0.1, each on a port of its own."""

import os
import shutil
import socket
import subprocess
import time

from measure import ask

HOST = "127.0.0.1"
START_SECONDS_MAX = 120
STOP_SECONDS_MAX = 20
ZONES = ["cluster.local", "in-addr.arpa", "ip6.arpa"]
# What the peers do: answers alone. Metrics and shuffling cost about 0.1 µs a query more (see --full).
COREFILE = """\
.:{port} {{
    bind 127.0.0.1
    ready 127.0.0.1:{ready}
    kubernetes cluster.local in-addr.arpa ip6.arpa {{
        manifests {manifests}
        pods insecure
        ttl 30
    }}
    {more}
}}
"""
FULL = "errors\n    health 127.0.0.1:{health}\n    prometheus 127.0.0.1:{metrics}\n    loadbalance"
# minimal-responses keeps NSD from adding NS and glue to each answer, which a cluster DNS server does not do either.
NSD = """\
server:
  ip-address: 127.0.0.1@{port}
  do-ip6: no
  server-count: {workers}
  reuseport: yes
  rrl-ratelimit: 0
  rrl-whitelist-ratelimit: 0
  minimal-responses: yes
  round-robin: yes
  tcp-count: 1000
  username: ""
  chroot: ""
  zonesdir: "{zones}"
  database: ""
  zonelistfile: "{folder}/zone.list"
  pidfile: "{folder}/nsd.pid"
  xfrdfile: "{folder}/xfrd.state"
  xfrdir: "{folder}"
  logfile: "{folder}/nsd.log"
remote-control:
  control-enable: no
"""
KNOT = """\
server:
    rundir: "{folder}"
    listen: 127.0.0.1@{port}
    udp-workers: {workers}
    tcp-workers: {workers}
    background-workers: 1
    tcp-reuseport: on
    automatic-acl: off
log:
  - target: stderr
    any: warning
database:
    storage: "{folder}/db"
template:
  - id: default
    storage: "{zones}"
    file: "%s"
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
zone:
"""


class Missing(Exception):
    """A server that this machine lacks."""


class Server:
    """A running server process and its port."""

    def __init__(self, name, command, folder, port):
        self.name, self.port, self.folder = name, port, folder
        self.log = open(os.path.join(folder, "output"), "w+")
        self.process = subprocess.Popen(
            command, cwd=folder, stdout=self.log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )

    def wait_until_it_answers(self, name, kind):
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise SystemExit(f"run: {self.name} ended with {self.process.returncode}:\n{self.output()}")
            answer = ask(HOST, self.port, name, kind, 0.5)
            if answer and answer[0] == "NOERROR" and answer[1]:
                return
            time.sleep(0.1)
        raise SystemExit(f"run: {self.name} did not answer {name} within {START_SECONDS_MAX} s:\n{self.output()}")

    def output(self):
        self.log.flush()
        self.log.seek(0)
        return self.log.read()[-4000:]

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


def free_port():
    for _ in range(100):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind((HOST, 0))
            try:
                tcp.bind((HOST, udp.getsockname()[1]))
            except OSError:
                continue
            return udp.getsockname()[1]
    raise SystemExit("run: no free port on 127.0.0.1")


def tool(name, package):
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if not path:
        raise Missing(f"{name} is not installed (apt-get install {package})")
    return path


def write(folder, name, text):
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, name)
    with open(path, "w") as out:
        out.write(text)
    return path


def reflector(binary, folder, workers):
    os.makedirs(folder)
    port = free_port()
    return Server("reflector", [binary, HOST, str(port), str(workers)], folder, port)


def clusterdns(binary, folder, manifests, corefile=COREFILE, full=False):
    port = free_port()
    ports = {name: free_port() for name in ("health", "ready", "metrics")}
    more = FULL.format(**ports) if full else ""
    path = write(folder, "Corefile", corefile.format(port=port, manifests=manifests, more=more, **ports))
    return Server("clusterdns", [binary, "-conf", path], folder, port)


def nsd(folder, zones, workers):
    port = free_port()
    text = NSD.format(port=port, folder=folder, zones=zones, workers=workers)
    text += "".join(f'zone:\n  name: "{zone}"\n  zonefile: "{zone}"\n' for zone in ZONES)
    return Server("NSD", [tool("nsd", "nsd"), "-d", "-c", write(folder, "nsd.conf", text)], folder, port)


def knot(folder, zones, workers):
    port = free_port()
    os.makedirs(os.path.join(folder, "db"))
    text = KNOT.format(port=port, folder=folder, zones=zones, workers=workers)
    text += "".join(f"  - domain: {zone}\n" for zone in ZONES)
    return Server("Knot", [tool("knotd", "knot"), "-c", write(folder, "knot.conf", text)], folder, port)
