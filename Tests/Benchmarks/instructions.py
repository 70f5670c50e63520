"""Instructions per endpoint change, counted by callgrind, in a small and in a large cluster."""

import os
import re
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
SIZES = [1_000, 100_000]
CHANGES = 1_000
RATIO_MAX = 1.10
SECONDS_MAX = 600


def verdicts():
    """(sentence, met) for the bound; says what it lacks and returns nothing where it cannot measure."""
    if not shutil.which("valgrind"):
        print("instructions per change: left out, valgrind is not installed (apt-get install valgrind)")
        return []
    binary = build()
    costs = [per_change(binary, endpoints) for endpoints in SIZES]
    for endpoints, cost in zip(SIZES, costs):
        print(f"instructions per endpoint change among {endpoints:,} endpoints: {cost:,.0f}")
    ratio = costs[1] / costs[0]
    return [(f"a change among {SIZES[1]:,} endpoints at {ratio:.3f} of its instructions among {SIZES[0]:,} "
             f"(at most {RATIO_MAX})", ratio <= RATIO_MAX)]


def build():
    command = ["swift", "build", "--package-path", HERE, "-c", "release"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit("run: EndpointChanges does not build:\n" + done.stdout[-4000:] + done.stderr[-4000:])
    shown = subprocess.run(command + ["--show-bin-path"], capture_output=True, text=True, check=True)
    return os.path.join(shown.stdout.strip(), "EndpointChanges")


def per_change(binary, endpoints):
    return (instructions(binary, endpoints, CHANGES) - instructions(binary, endpoints, 0)) / CHANGES


def instructions(binary, endpoints, changes):
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", binary, str(endpoints), str(changes)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_MAX)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not found:
        raise SystemExit("run: callgrind failed:\n" + done.stderr[-2000:])
    return int(found.group(1))
