"""Takes out of texts what differs from run to run: ports, ids, durations, serials, signatures."""

import re
import time

# Lines that a server prints about itself.
ABOUT_ITSELF = re.compile(r"CoreDNS-|clusterdns-|linux/|maxprocs|$")
SERIAL_AGE_SECONDS_MAX = 3e7
DURATION = re.compile(r"\b\d+(\.\d+)?(e-\d+)?s\b(?=[\s\"}]|$)")
MASKED = [
    (re.compile(r"\b[0-9a-f]{128}\b"), "HASH"),
    (re.compile(r"((?:\[[0-9a-f:]+\]|\d+\.\d+\.\d+\.\d+):)([1-6]\d{4})\b"), r"\1PORT"),
    # The random name of the plugin loop; its length varies, and with it the sizes.
    (re.compile(r"HINFO \d+\.\d+\."), "HINFO N.N."),
    (re.compile(r"(HINFO IN )\d+\.\d+\.( udp )\d+( .*?\" [A-Z]+ \S+ )\d+ "), r"\1N.N.\2SIZE\3SIZE "),
    (re.compile(r" - \d+ \""), ' - ID "'),
    (re.compile(r"\bserial \d{10}\b"), "serial SERIAL"),
    (re.compile(r"\bafter \d+ms\b"), "after DURATION"),
    (re.compile(r"\b20\d\d-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)"), "TIMESTAMP"),
]
TIMES = re.compile(r"(_seconds|_timestamp_seconds)(_bucket|_sum)?(\{|\s)")
COUNTS_OF_TIME = re.compile(
    r"coredns_(health_request_duration_seconds_count|kubernetes_rest_client_requests_total)")


def masked(text, folder=""):
    """A text of a server whose working folder is `folder`."""
    if folder:
        text = text.replace(folder + "/", "")
    for pattern, instead in MASKED:
        text = pattern.sub(instead, text)
    return DURATION.sub(lambda m: "DURATION" if re.search(r"\.\d{4,}|e-", m.group(0)) else m.group(0), text)


def log_lines(text, folder):
    return sorted(masked(line, folder) for line in text.splitlines() if not ABOUT_ITSELF.match(line))


def metric_lines(text):
    """Prometheus text with `*` for values that nobody can foretell, and without the words of help."""
    lines = []
    for line in text.splitlines():
        if re.match(r"(go_|process_|promhttp_)", line):
            continue
        if line.startswith("# HELP "):
            line = " ".join(line.split(" ")[:3])
        if line.startswith("coredns_build_info"):
            line = "coredns_build_info{*} *"
        elif not line.startswith("#") and TIMES.search(line) or COUNTS_OF_TIME.match(line):
            line = series(line) + " *"
        elif line.startswith("coredns_reload_version_info"):
            line = re.sub(r'value="[0-9a-f]+"', 'value="*"', line)
        lines.append(line)
    return lines


def series(line):
    return line.rsplit(" ", 1)[0]


def record(line):
    """A record as text, without what depends on the time of day."""
    words = line.split(" ")
    kind = words[3]
    if kind == "SOA" and words[6].isdigit() and abs(int(words[6]) - time.time()) < SERIAL_AGE_SECONDS_MAX:
        words[6] = "SERIAL"
    if kind == "RRSIG" and len(words) > 12:
        words[8], words[9], words[12:] = "EXPIRATION", "INCEPTION", ["SIGNATURE"]
    return " ".join(words)
