"""A node in network and mount namespaces: an API server that grants what a ClusterRole grants, and servers as pods."""

import collections
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[1:1] = [os.path.join(TESTS, "Golden"), os.path.join(TESTS, "Scenarios")]

import cluster_api
import server
import wire

CERTIFICATES = os.path.join(TESTS, "Scenarios", "recorded", "kubeadm-verbatim")
CLUSTER = os.path.join(TESTS, "Golden", "cluster.json")
SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
SNAPSHOTS = "/var/lib/clusterdns"
DNS_ADDRESS = "10.96.0.10"
# A pod's, with busybox to ask.
RESOLVER = f"""\
search default.svc.cluster.local svc.cluster.local cluster.local
nameserver {DNS_ADDRESS}
options ndots:5
"""
START_SECONDS_MAX = 60

Permission = collections.namedtuple("Permission", "group resource verb")


def settle_in(folder):
    """Makes of new namespaces what a container sees: resolv.conf, a service account, a place to write."""
    with open(os.path.join(folder, "resolv.conf"), "w") as out:
        out.write(RESOLVER)
    for command in (
        "mount --make-rprivate /",
        f"mount --bind {folder}/resolv.conf {os.path.realpath('/etc/resolv.conf')}",
        "mount -t tmpfs tmpfs /var/run",
        "mount -t tmpfs tmpfs /var/lib",
    ):
        subprocess.run(command.split(), check=True)
    os.makedirs(SERVICE_ACCOUNT)
    os.makedirs(SNAPSHOTS)
    shutil.copy(os.path.join(CERTIFICATES, "api-ca.crt"), f"{SERVICE_ACCOUNT}/ca.crt")
    for name, text in (("token", "token"), ("namespace", "kube-system")):
        with open(f"{SERVICE_ACCOUNT}/{name}", "w") as out:
            out.write(text)


class GrantingAPI(cluster_api.ClusterAPI):
    """The API server: refuses what is not granted, and remembers what it was asked."""

    def __init__(self, granted, streams=True):
        self.granted, self.streams, self.asked, self.refused = granted, streams, set(), set()
        super().__init__(CLUSTER, CERTIFICATES)
        for one in self.servers:
            one.RequestHandlerClass = type("Granting", (GrantingHandler,), {"api": self})


class GrantingHandler(cluster_api.Handler):
    def do_GET(self):
        address = urllib.parse.urlparse(self.path)
        query = dict(urllib.parse.parse_qsl(address.query))
        wanted = permission(address.path, "watch" if query.get("watch") in ("true", "1") else "list")
        self.api.asked.add(wanted)
        if wanted not in self.api.granted:
            self.api.refused.add(wanted)
            return self.send(403, status(403, "Forbidden", f"{wanted} is not granted"))
        if "sendInitialEvents" in query and not self.api.streams:
            # As servers before 1.32 say it, which cannot stream a list.
            return self.send(422, status(422, "Invalid", "sendInitialEvents is forbidden for watch"))
        return super().do_GET()


def status(code, reason, message):
    failure = {"kind": "Status", "apiVersion": "v1", "status": "Failure"}
    return {**failure, "code": code, "reason": reason, "message": message}


def permission(path, verb):
    """What a request needs, as a rule of RBAC names it."""
    parts = path.strip("/").split("/")
    return Permission("" if parts[0] == "api" else parts[1], parts[-1], verb)


class Process:
    """A server in the namespace, or in another one by way of a prefix; ends with the block."""

    def __init__(self, binary, corefile, folder, name, prefix=()):
        self.log = os.path.join(folder, name + ".log")
        path = os.path.join(folder, name)
        with open(path, "w") as out:
            out.write(corefile)
        # kubelet sets these; the certificate of the API server is for this address.
        kubelet = {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(cluster_api.TLS_PORT)}
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [*prefix, binary, "-conf", path], cwd=folder, env={**os.environ, **kubelet}, stdout=log,
                stderr=subprocess.STDOUT)

    def __enter__(self):
        return self

    def __exit__(self, *about):
        self.status = server.stop(self.process)

    @property
    def resident_kilobytes(self):
        with open(f"/proc/{self.process.pid}/status") as text:
            return next(int(line.split()[1]) for line in text if line.startswith("VmRSS:"))

    def wait(self, is_met):
        """Whether it came to be so while the server ran."""
        end = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < end and self.process.poll() is None:
            if is_met():
                return True
            time.sleep(0.05)
        return False

    def said(self):
        with open(self.log) as text:
            return text.read()[-2000:]


def http_status(url):
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5) as reply:
            return reply.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def ask(address, name, kind, tcp=False):
    """The data of the answer's records, or the code of a reply without any, or none."""
    data = wire.exchange(address, 53, wire.query(name, kind), tcp, seconds=2)
    if not data:
        return "no reply"
    reply = wire.Reply(data)
    return " ".join(line.split()[-1] for line in reply.sections[0]) or reply.rcode
