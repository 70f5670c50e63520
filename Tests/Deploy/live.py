"""The manifests at work: each Corefile is served, and the API server grants what the ClusterRole does and no more."""

import os
import shutil
import subprocess
import sys
import time

import manifests
import running
import swapping
from running import GrantingAPI, Permission, Process, ask, http_status

NODE_ADDRESS = "169.254.20.10"
POD_ADDRESS, GATEWAY = "10.244.1.5", "10.244.1.1"
API_NAME, API_ADDRESS = "kubernetes.default.svc.cluster.local", "10.96.0.1"
QUESTIONS = [
    (API_NAME, "A", API_ADDRESS), ("1.0.96.10.in-addr.arpa", "PTR", API_NAME + "."),
    ("no." + API_NAME, "A", "NXDOMAIN"),
]
READY = "http://127.0.0.1:8181/ready"
PORT_OF_METRICS = "prometheus.io/port"
KUBE_DNS = """\
.:53 {{
    bind {address}
    kubernetes cluster.local in-addr.arpa ip6.arpa {{
        manifests {cluster}
    }}
}}
"""


class Live:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.all_of = manifests.Manifests()
        self.deployment = self.all_of.one("Deployment", "coredns")
        self.daemon_set = self.all_of.one("DaemonSet", "clusterdns-node")
        self.pod = None

    def check(self):
        """Yields (title, failures, what was said)."""
        running.settle_in(self.folder)
        scenes = [
            self.deployment_serves, self.role_is_needed, self.optional_rules_are_needed, self.node_has_its_address,
            self.daemon_set_serves, self.snapshot_bridges_a_restart, self.pods_hear_at_once_that_nobody_answers,
            self.forwarding_needs_no_watch,
        ]
        try:
            for scene in scenes:
                self.log = ""
                try:
                    failures = list(scene())
                except (LookupError, OSError, subprocess.SubprocessError) as error:
                    failures = [f"{type(error).__name__}: {error}"]
                yield "live: " + scene.__name__.replace("_", " "), failures, self.log
        finally:
            if self.pod:
                self.pod.kill()
                self.pod.wait()

    # Scenes: each yields what is wrong.

    def deployment_serves(self):
        corefile = self.all_of.corefiles(self.deployment)["Corefile"]
        asked = set()
        for streams in (True, False):
            api = GrantingAPI(self.granted("system:coredns"), streams)
            with Process(self.binary, corefile, self.folder, f"deployment-{streams}") as process:
                yield from self.serves(process, self.deployment, "127.0.0.1")
                asked |= api.asked
                if streams:
                    print(f"resident with kubeadm's Corefile and the recorded cluster: {process.resident_kilobytes} kB")
                    yield from self.swap_with_busybox()
            yield from self.ended(process)
            api.stop()
            yield from (f"asks for {one}, which the ClusterRole does not grant" for one in api.refused)
        unused = self.granted("system:coredns") - asked
        yield from (f"never asks for {one}, which the ClusterRole grants" for one in unused)

    def role_is_needed(self):
        """Without one rule the server is not ready, and says what it lacks."""
        lacking = Permission("discovery.k8s.io", "endpointslices", "watch")
        api = GrantingAPI(self.granted("system:coredns") - {lacking})
        corefile = self.all_of.corefiles(self.deployment)["Corefile"]
        with Process(self.binary, corefile, self.folder, "lacking") as process:
            process.wait(lambda: "endpointslices" in process.said() and http_status(READY) == 503)
            self.log = process.said()
            if lacking not in api.refused or http_status(READY) != 503:
                yield "is ready without a permission"
            if "endpointslices" not in self.log or "watch" not in self.log:
                yield "does not say which permission it lacks"
        api.stop()

    def optional_rules_are_needed(self):
        role, optional = self.granted("system:coredns"), self.all_of.optional_permissions()
        corefile = self.all_of.corefiles(self.deployment)["Corefile"]
        corefile = corefile.replace("pods insecure", "pods verified\n       multicluster clusterset.local")
        corefile = corefile.replace("kubernetes cluster.local", "kubernetes cluster.local clusterset.local")
        asked = set()
        for streams in (True, False):
            api = GrantingAPI({*role, *(Permission(*one) for one in optional)}, streams)
            with Process(self.binary, corefile, self.folder, f"optional-{streams}") as process:
                process.wait(lambda: {one.resource for one in api.asked} >= {"pods", "serviceimports"})
                # Another attempt where streaming is refused.
                process.wait(lambda: streams or Permission("", "pods", "list") in api.asked)
                asked |= api.asked
                self.log += process.said()
            api.stop()
            yield from (f"asks for {one}, which no rule grants" for one in api.refused)
        # No such API in the cluster of the tests, so nothing to list once the watch has failed.
        unused = {one for one in optional - asked if one != ("multicluster.x-k8s.io", "serviceimports", "list")}
        yield from (f"never asks for {one}" for one in unused)

    def node_has_its_address(self):
        """The init container's command, in busybox, as often as a pod starts."""
        [container] = manifests.pod(self.daemon_set)["initContainers"]
        before = addresses()
        for wanted in ("added", "has"):
            done = run_in_busybox(container["command"], self.folder)
            self.log += done.stdout + done.stderr
            if done.returncode != 0 or wanted not in done.stdout:
                yield f"exit code {done.returncode}, '{done.stdout}'"
        if addresses() - before != {NODE_ADDRESS + "/32"}:
            yield f"the node has got {addresses() - before}"

    def daemon_set_serves(self):
        self.make_pod()
        corefile = self.all_of.corefiles(self.daemon_set)["Corefile"]
        asked = set()
        for streams in (False, True):
            api = GrantingAPI(self.granted("system:clusterdns-node"), streams)
            with Process(self.binary, corefile, self.folder, f"node-{streams}") as process:
                yield from self.serves(process, self.daemon_set, NODE_ADDRESS)
                yield from self.pod_resolves(NODE_ADDRESS)
                if ask("127.0.0.1", API_NAME, "A") != "no reply":
                    yield "answers on another address of the node"
                asked |= api.asked
            yield from self.ended(process)
            api.stop()
            yield from (f"asks for {one}, which is not granted" for one in api.refused)
        unused = self.granted("system:clusterdns-node") - asked
        yield from (f"never asks for {one}" for one in unused)

    def snapshot_bridges_a_restart(self):
        """Started again while there is no API server, with the volume of before."""
        corefile = self.all_of.corefiles(self.daemon_set)["Corefile"]
        with Process(self.binary, corefile, self.folder, "restarted") as process:
            if not process.wait(lambda: ask(NODE_ADDRESS, API_NAME, "A") == API_ADDRESS):
                yield "does not answer from the snapshot"
            self.log = process.said()

    def pods_hear_at_once_that_nobody_answers(self):
        """While the node's server is replaced: so clients go on to their second name server, and need not wait."""
        code = f"import socket; s = socket.socket(type=socket.SOCK_DGRAM); s.settimeout(10); " \
            f"s.connect(('{NODE_ADDRESS}', 53)); s.send(bytes(12)); s.recv(512)"
        done = subprocess.run([*self.inside, sys.executable, "-c", code], capture_output=True, text=True)
        if "ConnectionRefusedError" not in done.stderr:
            yield f"it is not refused: {done.stderr}"

    def forwarding_needs_no_watch(self):
        corefile = self.all_of.corefiles(self.daemon_set)["Corefile.forwarding"]
        kube_dns = KUBE_DNS.format(address=running.DNS_ADDRESS, cluster=running.CLUSTER)
        for prefix, command in (
            ([], f"address del {running.DNS_ADDRESS}/32 dev lo"),
            ([], f"route add {running.DNS_ADDRESS} via {POD_ADDRESS} dev pod0 onlink"),
            (self.inside, f"address add {running.DNS_ADDRESS}/32 dev lo"),
        ):
            subprocess.run([*prefix, "ip", *command.split()], check=True)
        api = GrantingAPI(set())
        with Process(self.binary, kube_dns, self.folder, "kube-dns", self.inside) as behind:
            behind.wait(lambda: ask(running.DNS_ADDRESS, API_NAME, "A") == API_ADDRESS)
            with Process(self.binary, corefile, self.folder, "forwarding") as process:
                yield from self.serves(process, self.daemon_set, NODE_ADDRESS)
                yield from self.pod_resolves(NODE_ADDRESS)
        yield from self.ended(process)
        api.stop()
        yield from (f"asks the API server for {one}" for one in api.asked)

    # Parts of scenes.

    def granted(self, role):
        return {Permission(*one) for one in self.all_of.permissions(role)}

    def serves(self, process, workload, address):
        """Its probes, its metrics and its answers."""
        [container] = manifests.pod(workload)["containers"]
        ports = {port["name"]: port["containerPort"] for port in container.get("ports", [])}
        for name in ("readinessProbe", "livenessProbe"):
            get = container[name]["httpGet"]
            url = f"http://{get.get('host', '127.0.0.1')}:{ports.get(get['port'], get['port'])}{get['path']}"
            if not process.wait(lambda: http_status(url) == 200):
                yield f"{name}: {url} is {http_status(url)}"
        annotations = workload["spec"]["template"]["metadata"].get("annotations") or (
            self.all_of.one("Service", "kube-dns")["metadata"]["annotations"])
        if http_status(f"http://127.0.0.1:{annotations[PORT_OF_METRICS]}/metrics") != 200:
            yield "no metrics where the annotation has them"
        for name, kind, wanted in QUESTIONS:
            for tcp in (False, True):
                got = ask(address, name, kind, tcp)
                if got != wanted:
                    yield f"{name} {kind} at {address}: {got}, not {wanted}"
        self.log = process.said()

    def ended(self, process):
        if process.status != 0:
            yield f"exit code {process.status}: {process.said()}"

    def swap_with_busybox(self):
        [(_, failures, output)] = swapping.run(os.path.join(self.folder, "swap"), [swapping.REAL])
        yield from (f"swap with busybox: {failure}\n{output}" for failure in failures)

    def make_pod(self):
        """A pod's network: its own namespace, and the node as its gateway."""
        self.pod = subprocess.Popen(["unshare", "-n", "sleep", "600"])
        self.inside = ["nsenter", "-t", str(self.pod.pid), "-n"]
        end = time.monotonic() + running.START_SECONDS_MAX
        while namespace(self.pod.pid) == namespace("self") and time.monotonic() < end:
            time.sleep(0.02)
        for command in (
            "link add pod0 type veth peer name eth0", f"link set eth0 netns {self.pod.pid}",
            f"address add {GATEWAY}/32 dev pod0", "link set pod0 up", f"route add {POD_ADDRESS} dev pod0",
        ):
            subprocess.run(["ip", *command.split()], check=True)
        for command in (
            "link set lo up", f"address add {POD_ADDRESS}/32 dev eth0", "link set eth0 up",
            f"route add {GATEWAY} dev eth0", f"route add default via {GATEWAY}",
        ):
            subprocess.run([*self.inside, "ip", *command.split()], check=True)

    def pod_resolves(self, address):
        command = ["busybox", "nslookup", "-type=a", API_NAME, address]
        done = subprocess.run([*self.inside, *command], capture_output=True, text=True, timeout=60)
        if f"Address: {API_ADDRESS}\n" not in done.stdout:
            yield f"a pod on the node: {done.stdout}{done.stderr}"


def namespace(process):
    return os.readlink(f"/proc/{process}/ns/net")


def addresses():
    shown = subprocess.run(["ip", "-o", "address", "show"], capture_output=True, text=True, check=True).stdout
    return {line.split()[3] for line in shown.splitlines()}


def run_in_busybox(command, folder):
    """As in an image of busybox, where every command is busybox."""
    path = os.path.join(folder, "busybox")
    os.makedirs(path, exist_ok=True)
    for name in ("sh", "ip", "grep", "echo"):
        if not os.path.exists(os.path.join(path, name)):
            os.symlink(shutil.which("busybox"), os.path.join(path, name))
    return subprocess.run(
        [os.path.join(path, command[0]), *command[1:]], capture_output=True, text=True, env={"PATH": path})
