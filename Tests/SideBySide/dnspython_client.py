"""dnspython as one of the clients of Tests/SideBySide/run, which tells what they read and write."""

import concurrent.futures
import sys
import time

import dns.exception
import dns.resolver
import dns.reversename

TYPES = {"services": "SRV", "texts": "TXT"}


def shown(record):
    kind = record.rdtype.name
    if kind == "SRV":
        return f"{record.priority}/{record.weight}/{record.port}/{record.target.to_text(omit_final_dot=True)}"
    if kind == "TXT":
        return b"".join(record.strings).decode()
    return record.target.to_text(omit_final_dot=True) if kind == "PTR" else record.address


def look_up(resolver, name, kind):
    """Values, or the word for why there are none."""
    try:
        return sorted(shown(record) for record in resolver.resolve(name, kind, search=True))
    except dns.resolver.NXDOMAIN:
        return "NXDOMAIN"
    except dns.resolver.NoAnswer:
        return "NODATA"
    except dns.exception.DNSException:
        return "failure"


def addresses(resolver, name):
    """Both families, as a program that wants both does it."""
    found = [look_up(resolver, name, kind) for kind in ("A", "AAAA")]
    values = sorted(value for one in found if isinstance(one, list) for value in one)
    return values or min(found, key=["failure", "NODATA", "NXDOMAIN"].index)


def answer(resolver, line):
    kind, name = line.split()
    if kind == "addresses":
        found = addresses(resolver, name)
    elif kind == "names":
        found = look_up(resolver, dns.reversename.from_address(name), "PTR")
    else:
        found = look_up(resolver, name, TYPES[kind])
    return found if isinstance(found, str) else " ".join(found)


def measure(resolver, count, parallel, suffix):
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(parallel) as pool:
        names = [f"n{number}.{suffix}" for number in range(count)]
        failed = sum(len(found) != 2 for found in pool.map(lambda name: addresses(resolver, name), names))
    print(count, failed, time.monotonic() - began)


def main():
    resolver = dns.resolver.Resolver()
    # It does not read `attempts` of resolv.conf.
    resolver.lifetime = 1
    if sys.argv[1] == "speed":
        measure(resolver, int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
        return
    for line in sys.stdin:
        print(f"{line.strip()}: {answer(resolver, line)}", flush=True)


main()
