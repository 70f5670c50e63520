"""Plays one scenario: starts what its folder wants, asks its rows in order, and tells every difference."""

import collections
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request

import cluster_api
import comparing
import masking
import questions
import upstreams

HERE = os.path.dirname(os.path.abspath(__file__))
CLUSTER = os.path.join(os.path.dirname(HERE), "Golden", "cluster.json")
METRICS = "http://127.0.0.1:9153/metrics"
SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
START_SECONDS_MAX = 20
STOP_SECONDS_MAX = 10
WAIT_SECONDS_MAX = 15
FAILURE_SECONDS_MAX = 8
# By then a question that nobody waits for has arrived.
BACKGROUND_SECONDS = 0.3
OWN_ADDRESSES = ["10.244.0.2/32", "fd00:244::2/128"]
RESOLVER = """\
search prod.svc.cluster.local svc.cluster.local cluster.local
nameserver 127.0.0.53
options ndots:5
"""
HOSTS = "127.0.0.1 localhost\n::1 localhost ip6-localhost\n192.0.2.77 etchosts.example\n"

# A difference: where (`line 3`, `log missing`, `metrics`, `start`, …), what there is instead, and what was wanted, in
# words for people. `listed` is what deviations.tsv knows it by.
Difference = collections.namedtuple("Difference", "place got wanted")


class Ended(Exception):
    """The server ended at its start; holds what it said."""


def settle_in():
    """Makes of a new namespace the machine that the scenarios were recorded on."""
    folder = tempfile.mkdtemp(prefix="scenario-etc-")
    for name, text in (("resolv.conf", RESOLVER), ("hosts", HOSTS)):
        with open(f"{folder}/{name}", "w") as out:
            out.write(text)
    commands = ["ip link set lo up"] + [f"ip addr add {address} dev lo" for address in OWN_ADDRESSES]
    commands += ["hostname dns-test", "mount --make-rprivate /"]
    for name in ("resolv.conf", "hosts"):
        commands.append(f"mount --bind {folder}/{name} {os.path.realpath('/etc/' + name)}")
    commands += ["mount -t tmpfs tmpfs /var/run"]
    for command in commands:
        subprocess.run(command.split(), check=True)
    os.makedirs(SERVICE_ACCOUNT)


def play(folder, command, record=False):
    """(rows that are as expected, differences)."""
    scenario = Scenario(folder, command)
    try:
        return scenario.record() if record else scenario.play()
    finally:
        scenario.stop()
        shutil.rmtree(scenario.work, ignore_errors=True)


class Scenario:
    """A copy of the folder, the server, and the servers that it asks."""

    def __init__(self, folder, command):
        self.source = folder
        self.settings = settings_of(folder)
        self.work = tempfile.mkdtemp(prefix="scenario-")
        self.folder = self.work + "/s"
        shutil.copytree(folder, self.folder)
        # One core, and so one worker: what workers share and what not is none of the scenario's matter.
        alone = ["taskset", "--cpu-list", str(min(os.sched_getaffinity(0)))] if self.settings.get("one_core") else []
        self.command = alone + shlex.split(command.replace("{corefile}", self.settings.get("corefile", "Corefile")))
        self.server, self.scripted, self.processes, self.api = None, {}, [], None
        self.passed, self.differences = 0, []

    def play(self):
        rows = self.rows()
        try:
            self.start()
            if rows is None:
                self.compare_end()
                return self.passed, self.differences
            self.wait_until_ready()
            for number, row in enumerate(rows, 1):
                if not self.act(row):
                    self.compare_row(number, row)
            if self.settings.get("metrics"):
                self.compare_metrics()
            if self.settings.get("log"):
                self.compare_log()
        except Ended as words:
            self.differ("start", str(words), "a server that starts")
        return self.passed, self.differences

    def record(self):
        """Writes what this server does as what is expected."""
        rows = self.rows()
        self.start()
        if rows is None:
            self.wait_for_end()
            texts = self.texts_at_end()
        else:
            self.wait_until_ready()
            for row in rows:
                if not self.act(row):
                    row["expect"] = self.measure(row)
            texts = {"answers.jsonl": "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)}
            if self.settings.get("metrics"):
                texts["metrics.txt"] = "\n".join(self.metrics()) + "\n"
            if self.settings.get("log"):
                texts["log.txt"] = "\n".join(self.log()) + "\n"
        for name, text in texts.items():
            with open(f"{self.source}/{name}", "w") as out:
                out.write(text)
        return len(rows or texts), []

    def rows(self):
        """None where the server must not start."""
        if not os.path.exists(f"{self.source}/answers.jsonl"):
            return None
        with open(f"{self.source}/answers.jsonl") as text:
            return [json.loads(line) for line in text if line.strip()]

    # Starting and stopping.

    def start(self):
        if self.settings.get("incluster"):
            shutil.copy(f"{self.folder}/api-ca.crt", f"{SERVICE_ACCOUNT}/ca.crt")
            for name, text in (("token", "token"), ("namespace", "kube-system")):
                with open(f"{SERVICE_ACCOUNT}/{name}", "w") as out:
                    out.write(text)
        if self.settings.get("cluster"):
            own = f"{self.folder}/cluster.json"
            tls_folder = self.folder if self.settings.get("incluster") else None
            self.api = cluster_api.ClusterAPI(own if os.path.exists(own) else CLUSTER, tls_folder)
        for address in self.settings.get("addresses", []):
            subprocess.run(["ip", "address", "replace", address, "dev", "lo"], check=True)
        self.scripted, self.processes = upstreams.start_all(self.folder, self.settings, self.work)
        os.chdir(self.folder)       # certificates named in rows are relative to the scenario
        with open(self.path("stdout"), "w") as out, open(self.path("stderr"), "w") as errors:
            self.server = subprocess.Popen(
                self.command + self.settings.get("arguments", []), cwd=self.folder, env=self.environment(),
                stdin=subprocess.DEVNULL, stdout=out, stderr=errors, start_new_session=True)

    def environment(self):
        environment = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
        if os.path.exists(f"{self.folder}/env"):
            with open(f"{self.folder}/env") as text:
                environment.update(line.rstrip("\n").split("=", 1) for line in text if "=" in line)
        return environment

    def wait_until_ready(self):
        if self.settings.get("noready"):
            return
        place = (self.settings.get("ready_address", "127.0.0.1"), self.settings.get("ready_port", 5300))
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            if self.server.poll() is not None:
                raise Ended(f"exit {self.server.returncode}: {errors_only(self.said('stderr'))}")
            try:
                socket.create_connection(place, 0.5).close()
                time.sleep(self.settings.get("settle", 0.15))
                return
            except OSError:
                time.sleep(0.03)
        raise Ended("does not listen")

    def stop(self):
        os.chdir("/")
        running = [process for process in [self.server, *self.processes] if process]
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for upstream in self.scripted.values():
            upstream.down()
        if self.api:
            self.api.stop()

    # Rows.

    def act(self, row):
        """Whether the row is something to do instead of something to ask."""
        if "sleep" in row:
            time.sleep(row["sleep"])
        elif "write" in row:
            path = f"{self.folder}/{row['write']}"
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path + ".new~", "w") as out:
                out.write(row["content"])
            os.replace(path + ".new~", path)
        elif "remove" in row:
            os.unlink(f"{self.folder}/{row['remove']}")
        elif "signal" in row:
            os.kill(self.server.pid, getattr(signal, "SIG" + row["signal"]))
        elif "upstream" in row:
            verb, address = row["upstream"].split()
            {"stop": self.scripted[address].down, "start": self.scripted[address].up}[verb]()
        elif "cluster" in row:
            self.api.change(row["cluster"], row["object"])
        elif row.get("api") == "stop":
            self.api.stop()
            self.api = None
        elif "background" in row:
            threading.Thread(target=questions.ask, args=(row["background"],), daemon=True).start()
            time.sleep(BACKGROUND_SECONDS)
        elif "wait" in row:
            deadline = time.monotonic() + WAIT_SECONDS_MAX
            while questions.ask(row["wait"]).get("rcode") != row["rcode"] and time.monotonic() < deadline:
                time.sleep(0.1)
        elif "wait_http" in row:
            deadline = time.monotonic() + WAIT_SECONDS_MAX
            wanted = {"http": row["wait_http"]}
            while questions.fetch(wanted).get("status", 0) != row["status"] and time.monotonic() < deadline:
                time.sleep(0.1)
        else:
            return False
        return True

    def compare_row(self, number, row):
        found = collections.OrderedDict()
        for _ in range(row.get("repeat", 1) if "collect" not in row else 1):
            got = comparing.difference(row["expect"], self.measure(row), row)
            if got:
                found[json.dumps(got, ensure_ascii=False)] = got
            else:
                self.passed += 1
        wanted = comparing.comparable(row["expect"], row)
        for text, got in found.items():
            about = f"{row.get('name', row.get('http', ''))} {row.get('type', '')} {row.get('options', '')}"
            words = {key: wanted.get(key) for key in got}
            self.differ(f"line {number}", text, f"{json.dumps(words, ensure_ascii=False)} of {about}")

    def measure(self, row):
        if "http" in row:
            return questions.fetch(row)
        if "exit" in row:
            try:
                return {"exit": self.server.wait(row.get("timeout", STOP_SECONDS_MAX))}
            except subprocess.TimeoutExpired:
                return {"exit": "running"}
        if "collect" in row:
            return questions.collect(row)
        return questions.ask_in_parallel(row) if row.get("parallel") else questions.ask(row)

    # What the server said.

    def compare_metrics(self):
        recorded = masking.metric_lines("\n".join(self.expected("metrics.txt")))
        wanted = {masking.series(line): line for line in recorded}
        got = {masking.series(line): line for line in self.metrics()}
        for name, line in wanted.items():
            if name not in got:
                self.differ("metrics missing", line, "that line")
            elif line == got[name] or line.endswith(" *"):
                self.passed += 1
            else:
                self.differ("metrics", got[name], line)
        for name in sorted(got.keys() - wanted.keys()):
            self.differ("metrics extra", got[name], "no such line")

    def metrics(self):
        with urllib.request.urlopen(self.settings.get("metrics_url", METRICS), timeout=5) as reply:
            text = reply.read().decode()
        if self.settings.get("metrics_mask"):
            text = re.sub(rf"(?m)^([a-z_]*(?:{self.settings['metrics_mask']})[^ ]*) .*$", r"\1 *", text)
        if not self.settings.get("metrics_programming"):     # whether a slice is seen before its service is chance
            text = "\n".join(
                line for line in text.splitlines() if "coredns_kubernetes_dns_programming_duration" not in line)
        starts = tuple(self.settings["metrics"]) + tuple("# TYPE " + start for start in self.settings["metrics"])
        return sorted(line for line in masking.metric_lines(text) if line.startswith(starts))

    def compare_log(self):
        wanted = collections.Counter(line for line in self.expected("log.txt") if line)
        got = collections.Counter(line for line in self.log() if line)
        self.passed += sum((wanted & got).values())
        for place, lines in (("log missing", wanted - got), ("log extra", got - wanted)):
            for line, count in sorted(lines.items()):
                self.differ(place, f"{line} ({count} times)" if count > 1 else line, "log.txt as recorded")

    def log(self):
        if self.settings["log"] == "flush":
            self.server.send_signal(signal.SIGTERM)
            self.server.wait(STOP_SECONDS_MAX)
        time.sleep(0.05)
        lines = masking.log_lines(self.said("stdout", masked=False), self.folder)
        if self.settings.get("log_filter"):
            lines = [line for line in lines if re.search(self.settings["log_filter"], line)]
        return sorted(set(lines)) if self.settings["log"] == "unique" else lines      # lines repeated by a timer

    def compare_end(self):
        """Of a Corefile that must fail: the exit status, and what is said."""
        self.wait_for_end()
        for name, got in self.texts_at_end().items():
            if os.path.exists(f"{self.source}/{name}"):
                wanted = "\n".join(self.expected(name)) + "\n"
                if wanted.strip() == got.strip():
                    self.passed += 1
                else:
                    self.differ(name, got.strip(), wanted.strip())

    def wait_for_end(self):
        try:
            self.server.wait(self.settings.get("timeout", FAILURE_SECONDS_MAX))
        except subprocess.TimeoutExpired:
            pass

    def texts_at_end(self):
        status = self.server.poll()
        texts = {"exit": f"{'running' if status is None else status}\n", "stderr.txt": self.said("stderr")}
        lines = masking.log_lines(self.said("stdout", masked=False), self.folder)
        return {**texts, "stdout.txt": "".join(line + "\n" for line in lines)}

    def said(self, stream, masked=True):
        with open(self.path(stream)) as text:
            return masking.masked(text.read(), self.folder) if masked else text.read()

    def expected(self, name):
        with open(f"{self.source}/{name}") as text:
            return text.read().splitlines()

    def path(self, stream):
        return f"{self.work}/{stream}"

    def differ(self, place, got, wanted):
        self.differences.append(Difference(place, got, wanted))


def settings_of(folder):
    path = f"{folder}/scenario.json"
    if not os.path.exists(path):
        return {}
    with open(path) as text:
        return json.load(text)


def errors_only(text):
    """The lines of mistakes without the lines of the Corefile below them; everything if there are none."""
    lines = [line for line in text.splitlines() if re.match(r"\S+:\d+(:\d+)?: error: ", line)]
    return " | ".join(lines) or text.strip()
