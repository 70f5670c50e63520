"""The cases of docker/kind/swap: it runs beside stubs of kind, kubectl and builders, which write down what they hear.

A case names what fails, and what must be so in the end: exit code, the image that runs, words of the output, commands
that must or must not have been given.
"""

import concurrent.futures
import dataclasses
import json
import os
import shutil
import signal
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
COREDNS = "registry.k8s.io/coredns/coredns:v1.13.1"
OURS = "docker.io/library/clusterdns:git-"
LATER = "registry.k8s.io/coredns/coredns:v1.14.2"
EARLIER = "localhost/clusterdns:git-0123456789ab"
NOTES = ["clusterdns-replaced-image", "clusterdns-image"]
# What the script may use beside kubectl, kind and a builder.
TOOLS = "bash cat date dirname env git grep mktemp python3 rm sed sleep tail tar tr".split()
STUBS = ["kubectl", "kind", "docker"]
SECONDS_MAX = 60
AT_A_TIME = 6


@dataclasses.dataclass
class Case:
    title: str
    arguments: list = dataclasses.field(default_factory=list)
    faults: list = dataclasses.field(default_factory=list)
    status: int = 0
    # The beginning of the image that runs in the end.
    image: str = COREDNS
    # What runs at first, what is noted as replaced by it, and by what it is noted that it was replaced.
    first: str = COREDNS
    recorded: str = ""
    put: str = EARLIER
    # What is noted as replaced in the end; what runs must then be noted too.
    record: str = ""
    says: list = dataclasses.field(default_factory=list)
    asks: list = dataclasses.field(default_factory=list)
    never: list = dataclasses.field(default_factory=list)
    missing: list = dataclasses.field(default_factory=list)
    clusters: list = dataclasses.field(default_factory=lambda: ["kind"])
    context: str = "kind-kind"
    restarts: int = 0
    keeps_notes: bool = False
    interrupt: int = 0
    is_real: bool = False


CHANGES = ["kubectl set image", "kubectl annotate", "kubectl rollout restart"]
UNTOUCHED = {"status": 1, "never": CHANGES}
TROUBLE = ["the log of a pod", "an event of a pod", "ImagePullBackOff"]


def back(*words, status=1):
    """What must be so when CoreDNS was put back."""
    says = [f"putting back {COREDNS}", f"{COREDNS} answers again", *TROUBLE, *words]
    return {"image": COREDNS, "says": says, "status": status}


CASES = [
    Case(
        "swaps, checks, and tells how to go back", image=OURS, record=COREDNS,
        asks=["kind load image-archive", "exec clusterdns-check -- nslookup", "rollout status", "delete pod"],
        says=["==> building", f"==> loading {OURS}", "(reverse)", "swap --undo --context kind-kind"]),
    Case(
        "builds with Docker where buildah is not installed", missing=["buildah"], image=OURS, record=COREDNS,
        asks=["docker build --file", "docker save --output"]),
    Case(
        "says what it lacks where neither is installed", missing=["buildah", "docker"], **UNTOUCHED,
        says=["docker is not installed"]),
    Case(
        "takes an archive that is there instead of building", ["--archive", "ARCHIVE"], image="localhost/archived:1",
        record=COREDNS, never=["build"], asks=["kind load image-archive"]),
    Case(
        "refuses an archive without a name in it", ["--archive", "EMPTY"], **UNTOUCHED, says=["no docker-archive"]),
    Case(
        "takes an image that any cluster can pull, without kind",
        ["--image", "hub.test/clusterdns:1", "--context", "prod"],
        missing=["kind", "docker", "buildah"], context="prod", image="hub.test/clusterdns:1", record=COREDNS,
        says=["swap --undo --context prod"]),
    Case(
        "works in another kind cluster", ["--cluster", "other"], clusters=["kind", "other"], context="kind-other",
        image=OURS, record=COREDNS, asks=["--name other"]),
    Case(
        "looks up a name of the outside too", ["--outside", "example.com"], image=OURS, record=COREDNS,
        asks=["nslookup -type=a example.com"], says=["example.com: Name"]),
    Case(
        "swapped once more, remembers CoreDNS and not itself", ["--image", "localhost/clusterdns:new"], first=EARLIER,
        recorded=COREDNS, image="localhost/clusterdns:new", record=COREDNS),
    Case(
        "restarts the pods where the same name is a new image", ["--image", EARLIER], first=EARLIER, recorded=COREDNS,
        image=EARLIER, record=COREDNS, restarts=1, asks=["rollout restart"], never=["kubectl set image"]),
    Case(
        "swapped again after somebody has put another CoreDNS in, remembers that",
        ["--image", "localhost/clusterdns:new"],
        first=LATER, recorded=COREDNS, image="localhost/clusterdns:new", record=LATER),
    # What can fail before anything is changed.
    Case("kubectl is missing", missing=["kubectl"], **UNTOUCHED, says=["kubectl is not installed"]),
    Case("kind is missing", missing=["kind"], **UNTOUCHED, says=["kind is not installed"]),
    Case(
        "no cluster of that name", clusters=["a", "b"], **UNTOUCHED,
        says=["no kind cluster 'kind'", "a, b", "kind create cluster"]),
    Case(
        "no cluster at all", clusters=[], **UNTOUCHED,
        says=["no kind cluster 'kind'.", "kind create cluster --name kind"]),
    Case("Docker does not run", faults=["no-docker"], **UNTOUCHED, says=["Is Docker or Podman running?"]),
    Case(
        "no CoreDNS in the cluster", faults=["no-deployment"], **UNTOUCHED,
        says=["NotFound", "there is no deployment/coredns"]),
    Case(
        "the image does not build", faults=["build"], **UNTOUCHED, says=["the compiler says no", "could not be built"]),
    Case("the image does not load", faults=["load"], **UNTOUCHED, says=["kind could not load it"]),
    Case(
        "the pod that checks does not start", faults=["pod"], **UNTOUCHED, says=["an event of the pod that asks"]),
    Case(
        "CoreDNS itself does not answer", faults=["forward:theirs"], **UNTOUCHED,
        says=["do not resolve even before the swap", "NXDOMAIN"]),
    Case(
        "Ctrl-C while the image is built", faults=["hang-build"], interrupt=signal.SIGINT, status=130, never=CHANGES,
        says=["interrupted"]),
    # What can fail afterwards.
    Case(
        "the image does not exist on the nodes", faults=["rollout:ours"], **back("did not become ready within 120 s")),
    Case(
        "a rollout may take as long as wanted", ["--timeout", "7"], faults=["rollout:ours"], **back(),
        asks=["--timeout=7s"]),
    Case("a name of the cluster does not resolve", faults=["forward:ours"], **back("NXDOMAIN")),
    Case("the search list does not work", faults=["search:ours"], **back()),
    Case("a reverse name does not resolve", faults=["reverse:ours"], **back()),
    Case("a name outside does not resolve", ["--outside", "example.com"], faults=["outside:ours"], **back()),
    Case(
        "a failing update goes back to the clusterdns of before", ["--image", "localhost/clusterdns:new"],
        faults=["rollout-new"], first=EARLIER, recorded=COREDNS, record=COREDNS, image=EARLIER, status=1,
        says=[f"putting back {EARLIER}"]),
    Case(
        "CoreDNS cannot be put back", faults=["forward:ours", "set-back"], status=3, image=OURS, record=COREDNS,
        says=["could not be put back. By hand:", f"set image deployment/coredns coredns={COREDNS}"]),
    Case(
        "a failure is left for a look with --keep", ["--keep"], faults=["forward:ours"], status=1, image=OURS,
        record=COREDNS, says=["left as it is (--keep)", "--undo"]),
    Case(
        "Ctrl-C during the rollout puts CoreDNS back", faults=["hang:ours"], interrupt=signal.SIGINT,
        **back("interrupted", status=130)),
    Case(
        "SIGTERM during the rollout puts CoreDNS back", faults=["hang:ours"], interrupt=signal.SIGTERM,
        **back("interrupted", status=143)),
    # And back.
    Case(
        "--undo puts CoreDNS back", ["--undo"], first=EARLIER, recorded=COREDNS, says=[f"{COREDNS} answers again"],
        never=["build", "kind", "kubectl run"]),
    Case("--undo without a swap changes nothing", ["--undo"], says=["Nothing to undo"], never=CHANGES),
    Case(
        "--undo leaves what somebody has put there since", ["--undo"], first=LATER, recorded=COREDNS, image=LATER,
        says=[f"Nothing to undo: deployment/coredns runs {LATER}"], never=CHANGES, keeps_notes=True),
    Case(
        "--undo that fails says so", ["--undo"], faults=["rollout:theirs"], first=EARLIER, recorded=COREDNS,
        keeps_notes=True, status=3, says=["did not become ready", *TROUBLE]),
    Case(
        "--undo after one that failed waits for the rollout", ["--undo"], recorded=COREDNS,
        asks=["kubectl rollout status"], never=["kubectl set image"]),
    # Usage.
    Case("--help helps", ["--help"], says=["--undo", "Exit code"], never=["kubectl", "kind"]),
    Case("a wrong option", ["--udno"], status=2, says=["'--udno' is no option"], never=["kubectl"]),
    Case("an option without its value", ["--cluster"], status=2, says=["--cluster wants a value"], never=["kubectl"]),
    Case("a time that is none", ["--timeout", "soon"], status=2, says=["not 'soon'"], never=["kubectl"]),
    Case(
        "an image without a tag", ["--image", "hub.test:5000/clusterdns"], status=2, never=["kubectl"],
        says=["--image wants NAME:TAG"]),
    Case(
        "an archive that is not there", ["--archive", "/nowhere"], status=2, says=["there is no file /nowhere"],
        never=["kubectl"]),
    Case(
        "--archive with --image", ["--archive", "ARCHIVE", "--image", "a:b"], status=2, says=["exclude each other"],
        never=["kubectl"]),
]
REAL = Case("asks with busybox itself, and this server answers", image=OURS, record=COREDNS, is_real=True)


class Play:
    """One case in a folder of its own."""

    def __init__(self, case, folder):
        self.case, self.folder = case, folder
        self.state, self.bin = os.path.join(folder, "state"), os.path.join(folder, "bin")
        for path in (self.state, self.bin, os.path.join(folder, "tmp"), os.path.join(folder, "docker", "kind")):
            os.makedirs(path)
        self.swap = shutil.copy(os.path.join(ROOT, "docker", "kind", "swap"), os.path.join(folder, "docker", "kind"))
        shutil.copy(os.path.join(HERE, "stubs", "build"), os.path.join(folder, "docker"))
        open(os.path.join(folder, "docker", "Dockerfile"), "w").close()
        for name in [*TOOLS, *STUBS, "build", "buildah"]:
            stub = os.path.join(HERE, "stubs", name)
            found = "/bin/true" if name == "buildah" else stub if os.path.exists(stub) else shutil.which(name)
            if name not in case.missing and found:
                os.symlink(found, os.path.join(self.bin, name))
        if case.is_real:
            os.symlink(shutil.which("busybox"), os.path.join(self.bin, "busybox"))
        self.write_cluster()
        self.write_archives()

    def write_cluster(self):
        case = self.case
        self.notes = dict(zip(NOTES, [case.recorded, case.put])) if case.recorded else {}
        cluster = {
            "image": case.first, "annotations": self.notes,
            "pods": [], "faults": case.faults, "clusters": case.clusters, "context": case.context, "restarts": 0,
            "is_real": case.is_real,
        }
        with open(os.path.join(self.state, "cluster.json"), "w") as out:
            json.dump(cluster, out)

    def write_archives(self):
        self.archives = {name: os.path.join(self.folder, name) for name in ("ARCHIVE", "EMPTY")}
        with open(self.path("manifest.json"), "w") as out:
            out.write('[{"Config":"c.json","RepoTags":["localhost/archived:1"],"Layers":[]}]')
        subprocess.run(["tar", "-cf", self.archives["ARCHIVE"], "-C", self.folder, "manifest.json"], check=True)
        subprocess.run(["tar", "-cf", self.archives["EMPTY"], "-C", self.folder, "state"], check=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self):
        """What is wrong; nothing if all is as it should be."""
        arguments = [self.archives.get(word, word) for word in self.case.arguments]
        env = {"PATH": self.bin, "STUB_STATE": self.state, "TMPDIR": self.path("tmp"), "HOME": self.folder}
        process = subprocess.Popen(
            [os.path.join(self.bin, "bash"), self.swap, *arguments], env=env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
        if self.case.interrupt:
            self.interrupt(process)
        try:
            self.output = process.communicate(timeout=SECONDS_MAX)[0]
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            self.output = process.communicate()[0]
            return [f"no end within {SECONDS_MAX} s"]
        return [text for text, is_wrong in self.judge(process.returncode) if is_wrong]

    def interrupt(self, process):
        """As a terminal does it: the signal goes to the whole group."""
        end = time.monotonic() + SECONDS_MAX
        while not os.path.exists(os.path.join(self.state, "hanging")) and time.monotonic() < end:
            time.sleep(0.05)
        os.killpg(process.pid, self.case.interrupt)

    def judge(self, status):
        case = self.case
        with open(os.path.join(self.state, "cluster.json")) as text:
            cluster = json.load(text)
        asked = [plain(words) for words in self.asked()]
        notes = dict(zip(NOTES, [case.record, cluster["image"]])) if case.record else {}
        notes = self.notes if case.keeps_notes else notes
        yield f"exit code {status}, not {case.status}", status != case.status
        yield f"{cluster['image']} runs, not {case.image}", not cluster["image"].startswith(case.image)
        yield f"noted is {cluster['annotations']}, not {notes}", cluster["annotations"] != notes
        yield f"{cluster['restarts']} restarts, not {case.restarts}", cluster["restarts"] != case.restarts
        yield "the pod that asks was left behind", bool(cluster["pods"])
        yield "files were left behind", bool(os.listdir(self.path("tmp")))
        yield "a stub was asked what it does not know", os.path.exists(os.path.join(self.state, "unknown"))
        for words in case.says:
            yield f"does not say '{words}'", words not in self.output
        for words in case.asks:
            yield f"never asks '{words}'", not any(words in line for line in asked)
        for words in case.never:
            found = [line for line in asked if line.startswith(words)]
            yield f"asks {found[:1]}", bool(found)

    def asked(self):
        """What the stubs were asked, each a list of words."""
        path = os.path.join(self.state, "asked")
        if not os.path.exists(path):
            return []
        with open(path) as text:
            return [json.loads(line) for line in text]


def plain(words):
    """A command in a line, of kubectl's without context and namespace."""
    return " ".join(words if words[0] != "kubectl" else [words[0], *words[5:]])


def run(folder, cases):
    """Yields (title, failures, output) of each case; several run at a time, as most of them wait."""
    plays = [Play(case, os.path.join(folder, f"swap{number}")) for number, case in enumerate(cases)]
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        for play, failures in zip(plays, pool.map(Play.run, plays)):
            yield f"swap: {play.case.title}", failures, play.output
    if len(cases) > 1 and shutil.which("kubectl"):
        commands = {plain(words): words for play in plays for words in play.asked() if words[0] == "kubectl"}
        yield "kubectl itself knows these commands", list(unknown_to_kubectl(folder, commands)), ""


def unknown_to_kubectl(folder, commands):
    """Commands that a real kubectl refuses before it asks a server; there is none at this address."""
    config = os.path.join(folder, "kubeconfig")
    contexts = sorted({words[2] for words in commands.values()})
    with open(config, "w") as out:
        json.dump({
            "apiVersion": "v1", "kind": "Config", "users": [{"name": "u", "user": {}}],
            "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:9"}}],
            "contexts": [{"name": name, "context": {"cluster": "c", "user": "u"}} for name in contexts]}, out)
    for shown, words in commands.items():
        done = subprocess.run(
            words, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=SECONDS_MAX,
            env={**os.environ, "KUBECONFIG": config, "HOME": folder})
        if "refused" not in done.stderr:
            yield f"{shown}: {done.stderr or done.stdout}"
