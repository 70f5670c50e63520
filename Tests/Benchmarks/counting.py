"""Instructions per query of a whole server, counted by callgrind."""

import glob
import os
import re
import subprocess
import time

import forwarders
import measure
import servers

QUERIES = 10_000
# The first ones fill what a server builds once.
WARM_UP_QUERIES = 500
DUMP_SECONDS_MAX = 30
START_SECONDS_MAX = 300
COUNTS = "counts"


def start(run, name, folder, text, **values):
    """A clusterdns below callgrind, in a folder of the run."""
    place = run.place(folder)
    os.makedirs(place)
    tool = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={os.path.join(place, COUNTS)}"]
    port = servers.free_port()
    ports = {key: servers.free_port() for key in ("health", "ready", "metrics")}
    corefile = text.format(port=port, upstream=run.upstream.port, **ports, **values)
    path = servers.write(place, "Corefile", corefile)
    return run.keep(servers.Server(name, [*tool, run.binary, "-conf", path], place, port))


def instructions_per_query(server, name, questions, options=()):
    """What answering costs, without starting: counters go to zero in between."""
    server.wait_until_it_answers(name, "A")
    measure.load_once(server, first_of(server, questions, WARM_UP_QUERIES), outstanding=1, options=options)
    control(server, "--zero")
    server.answered = measure.load_once(server, first_of(server, questions, QUERIES), options=options)
    control(server, "--dump")
    deadline = time.monotonic() + DUMP_SECONDS_MAX
    while time.monotonic() < deadline:
        found = re.search(r"^(?:totals|summary): (\d+)", counts(server), re.M)
        if found:
            return int(found.group(1)) / max(1, server.answered)
        time.sleep(0.2)
    raise SystemExit(f"forwarding: callgrind wrote no counts of {server.name}:\n{server.output()}")


def counts(server):
    """What callgrind has dumped of a server, perhaps not to its end yet."""
    text = ""
    for path in sorted(glob.glob(os.path.join(server.folder, COUNTS + ".*"))):
        with open(path) as part:
            text += part.read()
    return text


def instructions_of(server, files):
    """Those per query that the lines of these source files took, inlined ones too, with what they call elsewhere."""
    names, here, called, total, inclusive = {}, "", "", 0, False

    def file_of(value):
        number, _, name = value.partition(" ")
        return os.path.basename(names.setdefault(number, name))

    for line in counts(server).splitlines():
        key, _, value = line.partition("=")
        if key in ("fl", "fi", "fe"):
            here = called = file_of(value)
        elif key in ("cfi", "cfl"):
            called = file_of(value)
        elif key == "fn":
            called = here
        elif key == "calls":
            inclusive = True
        elif re.match(r"[+*\-\d]", line):
            if here in files and not (inclusive and called in files):
                total += int(line.split()[1])
            if inclusive:
                inclusive, called = False, here
    return total / max(1, server.answered)


def first_of(server, questions, count):
    path = os.path.join(server.folder, f"first-{count}")
    with open(questions) as lines, open(path, "w") as out:
        out.writelines(line for _, line in zip(range(count), lines))
    return path


def control(server, verb):
    done = subprocess.run(["callgrind_control", verb, str(server.process.pid)], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"forwarding: callgrind_control failed:\n{done.stdout}{done.stderr}")
