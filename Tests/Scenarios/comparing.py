"""Tells what of a reply is otherwise than expected."""

import copy
import re

from questions import SECTIONS

# What a scripted upstream tells of the name that it saw: its letters' case is chance (0x20).
SEEN_NAME = re.compile(r"\bname=\S+")


def difference(wanted, got, row):
    """The keys that differ with what was got, None where nothing was; {} if all is as expected."""
    wanted, got = comparable(wanted, row), comparable(got, row)
    tolerance = row.get("ttl")
    found = {}
    for key in sorted(set(wanted) | set(got)):
        one, other = wanted.get(key), got.get(key)
        if one == other:
            continue
        if isinstance(tolerance, int) and key in SECTIONS and one is not None and other is not None:
            if alike(one, other, tolerance):
                continue
            other = [without_ttl(line) for line in other]
        found[key] = other
    return found


def comparable(reply, row):
    if not isinstance(reply, dict) or "answer" not in reply:
        return reply
    reply = copy.deepcopy(reply)
    if row.get("edns") != "exact":
        reply.pop("edns", None)
    if "TC" in reply["flags"] and row.get("tc") != "whole":
        return {key: value for key, value in reply.items() if key not in SECTIONS}
    for section in SECTIONS:
        lines = [SEEN_NAME.sub(lambda match: match.group(0).lower(), line) for line in reply[section]]
        if row.get("types_only"):
            lines = sorted({kind_of(line) for line in lines})
        elif row.get("ttl") == "any":
            lines = [without_ttl(line) for line in lines]
        if row.get("order") != "exact" and not row.get("types_only"):
            lines = chain_first(lines, keep=section == "answer" and row.get("type") not in ("AXFR", "IXFR"))
        reply[section] = lines
    return reply


def chain_first(lines, keep):
    """Sorted; the aliases of an answer keep their order."""
    chain = [line for line in lines if keep and line.split(" ")[3] == "CNAME"]
    return chain + sorted(line for line in lines if line not in chain)


def kind_of(line):
    words = line.split(" ")
    return " ".join([words[0], words[3]] + (words[4:5] if words[3] == "RRSIG" else []))


def without_ttl(line):
    words = line.split(" ")
    return " ".join([words[0], "TTL"] + words[2:])


def alike(wanted, got, tolerance):
    """The same records, with TTLs not further apart than the tolerance."""
    one, other = sorted(wanted, key=without_ttl), sorted(got, key=without_ttl)
    if [without_ttl(line) for line in one] != [without_ttl(line) for line in other]:
        return False
    return all(abs(ttl(a) - ttl(b)) <= tolerance for a, b in zip(one, other))


def ttl(line):
    return int(line.split(" ")[1])
