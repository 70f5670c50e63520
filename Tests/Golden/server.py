"""Starts a server on the recorded cluster, on port 53 of a network namespace; shared with Tests/RealClients."""

import os
import shutil
import subprocess
import sys
import time

import wire

HERE = os.path.dirname(os.path.abspath(__file__))
COREFILE = """\
.:53 {{
    errors
    kubernetes cluster.local in-addr.arpa ip6.arpa {{
        manifests {cluster}
        {options}
    }}
}}
"""
OPTIONS = {"insecure": "pods insecure\n        ttl 30", "verified": "pods verified"}
START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 15
INSIDE = "CLUSTERDNS_TEST_NAMESPACE"
NO_NAMESPACE = "needs a network namespace (root or user namespaces, unshare, ip), and none can be made here"


def enter_namespace(addresses):
    """Runs this program again in a network and mount namespace with these addresses; False if none can be made."""
    if INSIDE in os.environ:
        for command in ["link set lo up"] + [f"addr add {address} dev lo" for address in addresses]:
            subprocess.run(["ip", *command.split()], check=True)
        return True
    if not shutil.which("unshare") or not shutil.which("ip"):
        return False
    unshare = ["unshare", *([] if os.geteuid() == 0 else ["-r"]), "-n", "-m"]
    if subprocess.run([*unshare, "true"], stderr=subprocess.DEVNULL).returncode != 0:
        return False
    os.environ[INSIDE] = "1"
    os.execvp("unshare", [*unshare, sys.executable, os.path.abspath(sys.argv[0]), *sys.argv[1:]])


def start(binary, chosen, folder):
    """The process of a server that answers; ends the program in words if it does not."""
    corefile = COREFILE.format(cluster=os.path.join(HERE, "cluster.json"), options=OPTIONS[chosen])
    return launch(binary, corefile, "kubernetes.default.svc.cluster.local", folder, chosen)


def launch(binary, corefile, known, folder, file="Corefile"):
    """The same with any Corefile, by which the name `known` has addresses."""
    path = os.path.join(folder, file)
    with open(path, "w") as out:
        out.write(corefile)
    with open(path + ".log", "w") as log:
        process = subprocess.Popen([binary, "-conf", path], stdout=log, stderr=subprocess.STDOUT, cwd=folder)
    ready = wire.query(known, "A")
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline and process.poll() is None:
        reply = wire.exchange("127.0.0.1", 53, ready, seconds=1)
        if reply and wire.Reply(reply).sections[0]:
            return process
        time.sleep(0.1)
    status = stop(process)
    with open(path + ".log") as log:
        sys.exit(f"{binary} does not answer (exit status {status}):\n{log.read()[-4000:]}")


def stop(process):
    """The exit status after SIGTERM."""
    process.terminate()
    try:
        return process.wait(STOP_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return f"no end within {STOP_SECONDS_MAX} s of SIGTERM"
