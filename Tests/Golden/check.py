#!/usr/bin/env python3
"""Asks a server the recorded questions of a real cluster and compares its answers with CoreDNS's.

  check.py --start .build/release/clusterdns      starts it on both configurations, in a network namespace of its own
  check.py --server 127.0.0.1:1053 --set verified asks one that runs already (it must serve cluster.json)

A difference must be listed in deviations.tsv, with the answer that is expected instead; a listed one that does not
occur fails as well. Prints each failure and, last, `N passed, N failed` (with `N skipped` where no namespace can be
made).
"""

import argparse
import os
import re
import sys
import tempfile
from dataclasses import dataclass, field

sys.dont_write_bytecode = True

import server
import wire

HERE = os.path.dirname(os.path.abspath(__file__))
TTL_SECONDS = {"insecure": 30, "verified": 5}
SERVER_EDNS_BYTES = 1232
NO_EDNS_BYTES = 512
OWN_ADDRESSES = ["192.0.2.2/32", "fd00::2/128"]  # of the recording server: they decide NS and ns.dns
ZONES = ["cluster.local.", "in-addr.arpa.", "ip6.arpa."]
SECTIONS = ["answer", "authority", "additional"]
RECORDED, GLUE = "=", "glue"  # stand for a whole section in deviations.tsv


@dataclass
class Question:
    name: str
    how: str  # the type, then what is special: tcp, 512 (no EDNS), do, class=CH

    def __post_init__(self):
        self.type, *words = self.how.split()
        self.tcp = "tcp" in words or self.type in ("AXFR", "IXFR")
        self.edns_bytes = None if "512" in words else SERVER_EDNS_BYTES
        self.do = "do" in words
        self.cls = next((w.removeprefix("class=") for w in words if w.startswith("class=")), "IN")

    def __str__(self):
        return f"{self.name} {self.how}"


@dataclass
class Deviation:
    row: str
    why: str
    sets: list
    types: list
    names: re.Pattern
    outcome: list
    used: int = 0

    def concerns(self, question, chosen):
        return (
            chosen in self.sets
            and (question.how in self.types or (question.type in self.types and question.cls == "IN"))
            and bool(self.names.fullmatch(question.name))
        )


@dataclass
class Result:
    passed: int = 0
    failures: list = field(default_factory=list)


def read_answers(chosen):
    """{question text: (Question, outcome fields)}; verified.tsv holds only what differs from insecure.tsv."""
    rows = {}
    for file in ["insecure.tsv"] + (["verified.tsv"] if chosen == "verified" else []):
        with open(os.path.join(HERE, file)) as lines:
            for line in lines:
                if not line.startswith("\t"):
                    name = line.rstrip("\n")
                    continue
                how, *outcome = line.rstrip("\n")[1:].split("\t")
                question = Question(name, how)
                rows[str(question)] = (question, outcome)
    return list(rows.values())


def read_deviations():
    rows = []
    with open(os.path.join(HERE, "deviations.tsv")) as lines:
        for number, line in enumerate(lines, 1):
            if line.startswith("#") or not line.strip():
                continue
            fields = line.rstrip("\n").split("\t")
            if len(fields) < 6:
                raise SystemExit(f"deviations.tsv:{number}: needs row, why, sets, types, names and outcome")
            row, why, sets, types, names, *outcome = fields
            pattern = re.compile(names, re.IGNORECASE)
            rows.append(Deviation(row, why, sets.split(","), types.split(","), pattern, outcome))
    return rows


def soa(zone, ttl):
    return f"{zone} {ttl} SOA ns.dns.{zone} hostmaster.{zone} SERIAL 7200 1800 86400 {ttl}"


def zone_of(name):
    """The zone of a name, spelled as in the name."""
    return next((name[-len(zone) :] for zone in ZONES if name.lower().endswith(zone)), "")


def expand(outcome, question, ttl, recorded=None):
    """An outcome of the files, written out: rcode, flags and sections with full records."""
    head, *texts = outcome
    rcode, *marks = head.split()
    flags = [f for f in ["aa", "tc", "rd"] if f == "rd" or (f == "aa" and "-aa" not in marks) or f in marks]
    if rcode == RECORDED:
        rcode = recorded["rcode"]
    if not texts and rcode in ("NODATA", "NXDOMAIN"):
        texts = ["", soa(zone_of(question.name), ttl)]
    full = {"rcode": "NOERROR" if rcode == "NODATA" else rcode, "flags": flags}
    for name, text in zip(SECTIONS, texts + [""] * len(SECTIONS)):
        if text == RECORDED:
            full[name] = recorded[name]
        elif text == GLUE:
            full[name] = GLUE
        else:
            full[name] = [record(part, question, ttl) for part in text.split(" ; ") if part]
    return ordered(full)


def record(text, question, ttl):
    """One record of the files, written out: @ is the question's name, * the configured TTL."""
    words = [question.name if word == "@" else word for word in text.split(" ")]
    if words[1:] == ["SOA"]:
        return soa(words[0], ttl)
    if words[1] == "*":
        words[1] = str(ttl)
    return " ".join(words)


def ordered(answer):
    """CNAMEs stay in order, the rest of each section is sorted."""
    for name in SECTIONS:
        if answer[name] != GLUE:
            chain = [line for line in answer[name] if line.split()[2] == "CNAME"]
            answer[name] = chain + sorted(line for line in answer[name] if line.split()[2] != "CNAME")
    return answer


def masked(line):
    """Serial numbers differ between servers and runs."""
    words = line.split()
    if words[2] == "SOA":
        words[5] = "SERIAL"
    return " ".join(words)


def observe(host, port, question):
    """What the server answers, and what is wrong with the message itself."""
    message = wire.query(question.name, question.type, question.cls, question.edns_bytes, question.do)
    data = wire.exchange(host, port, message, question.tcp)
    if data is None:
        return {"error": "no reply within 3 s"}, []
    try:
        reply = wire.Reply(data)
    except wire.Malformed as error:
        return {"error": f"not a DNS message: {error}"}, []
    observed = {"rcode": reply.rcode, "flags": reply.flags}
    observed |= {name: [masked(line) for line in lines] for name, lines in zip(SECTIONS, reply.sections)}
    return ordered(observed), list(message_faults(question, message, reply))


def message_faults(question, message, reply):
    if not reply.is_reply or reply.bytes[:2] != message[:2]:
        yield "no reply to this query"
    if reply.question != message[12 : 12 + len(reply.question)] or not reply.question:
        yield f"the question came back as {reply.question!r}"
    wanted = None if question.edns_bytes is None else (SERVER_EDNS_BYTES, question.do)
    if reply.edns != wanted:
        yield f"EDNS (size, DO): want {wanted}, got {reply.edns}"
    limit = 65535 if question.tcp else min(question.edns_bytes or NO_EDNS_BYTES, SERVER_EDNS_BYTES)
    if len(reply.bytes) > limit:
        yield f"{len(reply.bytes)} bytes, at most {limit} fit"


def differences(want, got):
    """Lines that say what is not as wanted; none if all is."""
    if "error" in got:
        yield got["error"]
        return
    cut = "tc" in want["flags"]
    for key in ["rcode", "flags"] + ([] if cut else SECTIONS):
        if want[key] == GLUE:
            yield from glue_faults(got)
        elif want[key] != got[key]:
            yield f"{key}: want {want[key]}"
            yield f"{' ' * len(key)}   got {got[key]}"


def glue_faults(got):
    """Additional records that are not addresses of the answer's SRV targets."""
    targets = {line.split()[-1] for line in got["answer"]}
    for line in got["additional"]:
        owner, _, kind, _ = line.split()
        if owner not in targets or kind not in ("A", "AAAA"):
            yield f"additional: {line} is no address of a target"


def check(host, port, chosen, deviations, only):
    result, ttl = Result(), TTL_SECONDS[chosen]
    for question, outcome in read_answers(chosen):
        if only and only not in str(question):
            continue
        recorded = expand(outcome, question, ttl)
        listed = [d for d in deviations if d.concerns(question, chosen)]
        wanted = expand(listed[0].outcome, question, ttl, recorded) if listed else recorded
        for deviation in listed:
            deviation.used += wanted != recorded
        got, faults = observe(host, port, question)
        faults += differences(wanted, got)
        if len(listed) > 1:
            faults.append(f"listed {len(listed)} times in deviations.tsv: rows {[d.row for d in listed]}")
        if faults and wanted != recorded and not list(differences(recorded, got)):
            faults = [f"answered as recorded, but deviations.tsv has it under row {listed[0].row}: {listed[0].why}"]
        if faults:
            result.failures.append(f"--- {chosen}: {question}\n" + "\n".join("    " + fault for fault in faults))
        else:
            result.passed += 1
    return result


def unused(deviations, chosen_sets):
    for deviation in deviations:
        if not deviation.used and set(deviation.sets) & set(chosen_sets):
            yield f"--- deviations.tsv, row {deviation.row}: changes no recorded answer: {deviation.names.pattern}"


def check_both(binary, deviations, only):
    results = []
    with tempfile.TemporaryDirectory(prefix="clusterdns-golden-") as folder:
        for chosen in TTL_SECONDS:
            process = server.start(binary, chosen, folder)
            try:
                results.append(check("127.0.0.1", 53, chosen, deviations, only))
            finally:
                status = server.stop(process)
            if status != 0:
                results[-1].failures.append(f"--- {chosen}: the server ended with {status}")
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--start", metavar="SERVER", help="the executable to start")
    parser.add_argument("--server", metavar="HOST:PORT", help="a server that runs already")
    parser.add_argument("--set", choices=TTL_SECONDS, default="insecure", help="which recording, with --server")
    parser.add_argument("--only", default="", metavar="TEXT", help="only questions that contain it")
    parser.add_argument("--show", type=int, default=20, metavar="N", help="failures to print, default 20")
    options = parser.parse_args()
    if bool(options.start) == bool(options.server):
        parser.error("give --start or --server")
    deviations = read_deviations()
    if options.start:
        if not server.enter_namespace(OWN_ADDRESSES):
            count = sum(len(read_answers(chosen)) for chosen in TTL_SECONDS)
            print(f"golden: {server.NO_NAMESPACE}")
            print(f"0 passed, 0 failed, {count} skipped")
            return 0
        sets = list(TTL_SECONDS)
        results = check_both(os.path.abspath(options.start), deviations, options.only)
    else:
        host, port = options.server.rsplit(":", 1)
        sets = [options.set]
        results = [check(host.strip("[]"), int(port), options.set, deviations, options.only)]
    failures = [failure for result in results for failure in result.failures]
    if not options.only:
        failures += unused(deviations, sets)
    print("\n".join(failures[: options.show]))
    print(f"{sum(result.passed for result in results)} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
