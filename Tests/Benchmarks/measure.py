"""Measuring: one round of dnsperf against a server, and what that cost the server's processes."""

import os
import re
import secrets
import socket
import statistics
import struct
import subprocess
import time
from dataclasses import dataclass

ONCE_SECONDS_MAX = 600
TICKS = os.sysconf("SC_CLK_TCK")
KINDS = {"A": 1, "SOA": 6, "PTR": 12, "AAAA": 28, "SRV": 33}
RCODES = {0: "NOERROR", 2: "SERVFAIL", 3: "NXDOMAIN", 5: "REFUSED"}


@dataclass
class Load:
    """How hard dnsperf loads: the same for every server."""

    seconds: int = 3
    clients: int = 16
    outstanding: int = 400
    tcp: bool = False
    rate: int | None = None  # queries a second; as fast as can be without


@dataclass
class Round:
    queries_per_second: float
    lost_share: float
    latency_us: float
    cpu_us: float
    response_bytes: int
    rcodes: dict


def load(server, queries, how):
    """One round: dnsperf at full speed; the CPU time of the server's processes over its answers."""
    command = ["dnsperf", "-s", "127.0.0.1", "-p", str(server.port), "-d", queries, "-l", str(how.seconds)]
    command += ["-c", str(how.clients), "-q", str(how.outstanding), "-T", "1", "-t", "2"]
    command += ["-m", "tcp" if how.tcp else "udp"]
    command += ["-Q", str(how.rate)] if how.rate else []
    before = cpu_seconds(server.process.pid)
    done = subprocess.run(command, capture_output=True, text=True, timeout=how.seconds + 30)
    used = cpu_seconds(server.process.pid) - before
    if done.returncode != 0:
        raise SystemExit(f"run: dnsperf against {server.name} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return parse(done.stdout, used)


def load_once(server, queries, outstanding=400, options=()):
    """Every question of a file once; how many were answered."""
    command = ["dnsperf", "-s", "127.0.0.1", "-p", str(server.port), "-d", queries, "-n", "1", "-c", "4"]
    command += ["-q", str(outstanding), "-T", "1", "-t", "5", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=ONCE_SECONDS_MAX)
    found = re.search(r"Queries completed:\s+(\d+)", done.stdout)
    if done.returncode != 0 or not found:
        raise SystemExit(f"dnsperf against {server.name} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return int(found.group(1))


def parse(text, cpu_used):
    def number(pattern):
        found = re.search(pattern, text)
        return float(found.group(1)) if found else 0.0

    answered = number(r"Queries completed:\s+(\d+)")
    sent = number(r"Queries sent:\s+(\d+)")
    codes = re.search(r"Response codes:\s+(.*)", text)
    return Round(
        queries_per_second=number(r"Queries per second:\s+([\d.]+)"),
        lost_share=number(r"Queries lost:\s+(\d+)") / sent if sent else 1.0,
        latency_us=number(r"Average Latency \(s\):\s+([\d.]+)") * 1e6,
        cpu_us=cpu_used * 1e6 / answered if answered else float("inf"),
        response_bytes=int(number(r"response (\d+)")),
        rcodes={name: float(share) for name, share in re.findall(r"(\w+) \d+ \(([\d.]+)%\)", codes.group(1))}
        if codes
        else {},
    )


def median(rounds):
    """The median of each figure; rcodes of the first round (they are checked to be the same in all)."""
    def middle(name):
        return statistics.median(getattr(r, name) for r in rounds)

    figures = ["queries_per_second", "lost_share", "latency_us", "cpu_us", "response_bytes"]
    return Round(**{name: middle(name) for name in figures}, rcodes=rounds[0].rcodes)


def processes(root):
    """The process and its descendants."""
    children = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            parent = int(stat_fields(entry)[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(entry))
    found, queue = [], [root]
    while queue:
        pid = queue.pop()
        found.append(pid)
        queue += children.get(pid, [])
    return found


def stat_fields(pid):
    """Fields of /proc/PID/stat from the third on, after the name, which may hold blanks."""
    with open(f"/proc/{pid}/stat") as text:
        return text.read().rsplit(")", 1)[1].split()


def cpu_seconds(root):
    """User and system time of the process and its descendants."""
    ticks = 0
    for pid in processes(root):
        try:
            fields = stat_fields(pid)
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS


def exact_cpu_seconds(pid):
    """User and system time of one process, to the nanosecond: what clock_getcpuclockid gives, which Python lacks."""
    return time.clock_gettime(~pid << 3 | 2)


def resident_megabytes(root):
    """VmRSS of a single process; for several, the sum of their proportional shares."""
    pids = processes(root)
    if len(pids) == 1:
        return kilobytes(f"/proc/{root}/status", "VmRSS:") / 1024
    return sum(kilobytes(f"/proc/{pid}/smaps_rollup", "Pss:") for pid in pids) / 1024


def kilobytes(path, key):
    with open(path) as lines:
        for line in lines:
            if line.startswith(key):
                return int(line.split()[1])
    return 0


def query(name, kind):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split("."))
    header = struct.pack("!HHHHHH", secrets.randbits(16), 0x0100, 1, 0, 0, 0)
    return header + labels + b"\0" + struct.pack("!HH", KINDS[kind], 1)


def ask(host, port, name, kind, seconds):
    """(rcode, number of answers) of one question over UDP, or None without an answer."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.settimeout(seconds)
        message = query(name, kind)
        try:
            udp.connect((host, port))
            udp.send(message)
            reply = udp.recv(65535)
        except OSError:
            return None
    if len(reply) < 12 or reply[:2] != message[:2]:
        return None
    _, flags, _, answers, _, _ = struct.unpack("!HHHHHH", reply[:12])
    return RCODES.get(flags & 15, str(flags & 15)), answers
