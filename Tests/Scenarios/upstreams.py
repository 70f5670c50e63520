"""Plays the servers that a scenario asks: a scripted one with faults on command, and nsd, knot and unbound."""

import collections
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import threading
import time

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from questions import read_framed

START_SECONDS_MAX = 10
ZONES = {"upstream.zone": 5401, "upstream2.zone": 5402, "upstream3.zone": 5403}
# Programs whose configuration may lie in a folder: {folder} in it is one of its own, {here} the scenario.
PROGRAMS = {
    "knot.conf": ["knotd", "-c"],
    "unbound.conf": ["unbound", "-d", "-c"],
    "nsd.conf": ["nsd", "-d", "-c"],
}
NSD = """\
server:
  ip-address: 127.0.0.1@{port}
  do-ip6: no
  username: ""
  chroot: ""
  zonesdir: {folder}
  zonelistfile: {folder}/zone.list
  database: ""
  logfile: {folder}/log
  pidfile: {folder}/pid
  xfrdfile: {folder}/xfrd.state
  xfrdir: {folder}
  server-count: 1
  rrl-ratelimit: 0
  round-robin: no
  minimal-responses: no
  refuse-any: no
  hide-version: yes
remote-control:
  control-enable: no
"""


class Scripted:
    """Rules of upstream.json for one port; README.md tells what they may say."""

    def __init__(self, address, rules):
        host, _, port = address.rpartition(":")
        self.host, self.port, self.rules = host or "127.0.0.1", int(port), rules
        self.counts, self.lock = collections.Counter(), threading.Lock()
        self.up()

    def up(self):
        self.running, self.streams = True, []
        self.datagrams = self.bound(socket.SOCK_DGRAM)
        self.listener = self.bound(socket.SOCK_STREAM)
        self.listener.listen(50)
        for work in (self.serve_datagrams, self.serve_streams):
            threading.Thread(target=work, daemon=True).start()

    def bound(self, kind, port=None):
        opened = socket.socket(socket.AF_INET, kind)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        opened.bind((self.host, self.port if port is None else port))
        return opened

    def down(self):
        self.running = False
        for opened in [self.datagrams, self.listener] + self.streams:
            try:
                opened.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            opened.close()

    def serve_datagrams(self):
        server = self.datagrams
        while self.running:
            try:
                wire, peer = server.recvfrom(65535)
            except OSError:
                return
            threading.Thread(target=self.answer_datagram, args=(server, wire, peer), daemon=True).start()

    def answer_datagram(self, server, wire, peer):
        for reply, faithful in self.replies(wire, "udp"):
            sender = server if faithful else self.bound(socket.SOCK_DGRAM, 0)
            try:
                sender.sendto(reply, peer)
            except OSError:
                pass

    def serve_streams(self):
        server = self.listener
        while self.running:
            try:
                stream, _ = server.accept()
            except OSError:
                return
            self.streams.append(stream)
            threading.Thread(target=self.answer_stream, args=(stream,), daemon=True).start()

    def answer_stream(self, stream):
        try:
            while True:
                replies = self.replies(read_framed(stream), "tcp")
                if replies is None:
                    break
                for reply, _ in replies:
                    stream.sendall(struct.pack("!H", len(reply)) + reply)
        except (OSError, EOFError):
            pass
        stream.close()

    def replies(self, wire, protocol):
        """Each with whether it comes from the port that was asked; None: the stream is closed."""
        try:
            query = dns.message.from_wire(wire)
        except dns.exception.DNSException:
            return []
        if not query.question:
            return []
        rule, count = self.match(query.question[0], protocol)
        if rule.get("delay"):
            time.sleep(rule["delay"])
        if rule.get("drop") or rule.get(protocol) == "drop":
            return []
        if rule.get(protocol) == "close":
            return None
        if rule.get("relay"):
            return relayed(wire, rule["relay"])
        reply = self.reply(query, rule, count, protocol)
        # Nobody but the upstream itself can write into its streams.
        kinds = rule.get("forged", []) if protocol == "udp" else []
        forged = [self.forged(query, rule, kind, protocol) for kind in kinds]
        return forged + [distorted(reply, query, rule.get("wrong"))]

    def match(self, question, protocol):
        name, kind = question.name.to_text(), dns.rdatatype.to_text(question.rdtype)
        for index, rule in enumerate(self.rules):
            if rule.get("type") and kind not in rule["type"].split("|"):
                continue
            if not re.fullmatch(rule.get("name", ".*"), name, re.I) or rule.get("proto", protocol) != protocol:
                continue
            with self.lock:
                key = index if rule.get("together") else (index, name.lower(), kind)
                if self.counts[key] >= rule.get("first", float("inf")):
                    continue
                self.counts[key] += 1
                return rule, self.counts[key]
        return {"rcode": "REFUSED"}, 1

    def reply(self, query, rule, count, protocol):
        question = query.question[0]
        reply = dns.message.make_response(query)
        options = [dns.edns.GenericOption(code, bytes.fromhex(data)) for code, data in rule.get("options", [])]
        edns = rule.get("edns", 1232 if query.edns >= 0 else None)
        if edns is None:
            reply.use_edns(-1)
        else:
            flags = query.ednsflags & dns.flags.DO if "edns" not in rule else 0
            reply.use_edns(0, flags, edns, options=options)
        reply.set_rcode(dns.rcode.from_text(rule.get("rcode", "NOERROR")))
        reply.flags &= ~(dns.flags.AA | dns.flags.RA | dns.flags.AD)
        for flag in rule.get("flags", ["RA"]):
            reply.flags |= dns.flags.from_text(flag)
        words = {
            "n": count, "name": question.name.to_text(), "type": dns.rdatatype.to_text(question.rdtype),
            "port": self.port, "proto": protocol, "seen": what_was_seen(query, protocol),
        }
        for section in ("answer", "authority", "additional"):
            for line in rule.get(section, []):
                for word, value in words.items():
                    line = line.replace("{" + word + "}", str(value))
                owner, ttl, group, kind, data = line.split(None, 4)
                getattr(reply, section).append(dns.rrset.from_text(owner, int(ttl), group, kind, data))
        if rule.get("tc") and protocol == "udp":
            reply.flags |= dns.flags.TC
            if rule["tc"] == "empty":
                reply.answer, reply.authority, reply.additional = [], [], []
        return reply

    def forged(self, query, rule, kind, protocol):
        """What somebody else would send who guesses: the same with another address, and one thing wrong."""
        other = {**rule, "answer": [f"{{name}} 300 IN {rule.get('forged_data', 'A 192.0.2.66')}"], "rcode": "NOERROR"}
        return distorted(self.reply(query, other, 1, protocol), query, kind)


def what_was_seen(query, protocol):
    question = query.question[0]
    flags = " ".join(
        f"{flag.lower()}={int(bool(query.flags & dns.flags.from_text(flag)))}" for flag in ("RD", "CD", "AD"))
    there = query.edns >= 0
    options = ",".join(f"{int(option.otype)}:{option.to_wire().hex()}" for option in query.options) if there else ""
    return (f"name={question.name} type={dns.rdatatype.to_text(question.rdtype)} "
            f"class={dns.rdataclass.to_text(question.rdclass)} proto={protocol} {flags} "
            f"edns={query.payload if there else 'none'} "
            f"do={int(bool(query.ednsflags & dns.flags.DO)) if there else 0} opts={options}")


def distorted(reply, query, kind):
    """The bytes of a reply with a fault, and whether they come from the port that was asked."""
    question = query.question[0]
    if kind == "question":
        name = dns.name.from_text("wrong.example.")
        reply.question = [dns.rrset.RRset(name, question.rdclass, question.rdtype)]
    if kind == "type":
        reply.question = [dns.rrset.RRset(question.name, question.rdclass, dns.rdatatype.HINFO)]
    if kind == "case":
        flipped = dns.name.from_text(question.name.to_text().swapcase())
        reply.question = [dns.rrset.RRset(flipped, question.rdclass, question.rdtype)]
    if kind == "query":
        reply.flags &= ~dns.flags.QR
    wire = reply.to_wire(max_size=65535)
    if kind == "id":
        wire = struct.pack("!H", (query.id + 1) & 65535) + wire[2:]
    if kind == "garbage":
        wire = wire[:12] + b"\xff" * 20
    if kind == "cut":
        wire = wire[:-3]
    if kind == "header":
        wire = wire[:11]
    return wire, kind != "source"


def relayed(wire, address):
    """Asks another server the very same, as a forwarder in a loop would; [] if it is silent."""
    host, _, port = address.rpartition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(START_SECONDS_MAX)
        try:
            asking.sendto(wire, (host, int(port)))
            return [(asking.recv(65535), True)]
        except OSError:
            return []


def needed_programs(folder, settings):
    """The programs without which a scenario cannot be played."""
    needed = {command[0] for name, command in PROGRAMS.items() if os.path.exists(f"{folder}/{name}")}
    if settings.get("nsd") or any(os.path.exists(f"{folder}/{zone}") for zone in ZONES):
        needed.add("nsd")
    return needed


def start_all(folder, settings, work):
    """({address: scripted upstream}, processes)."""
    zones = {int(port): names for port, names in settings.get("nsd", {}).items()} or {
        port: [name] for name, port in ZONES.items() if os.path.exists(f"{folder}/{name}")}
    processes = [start_nsd(folder, f"{work}/nsd{port}", port, names) for port, names in zones.items()]
    for name, command in PROGRAMS.items():
        if os.path.exists(f"{folder}/{name}"):
            processes.append(start_program(folder, f"{work}/{name}.d", name, command))
    for port in list(zones) + settings.get("upstream_ports", []):
        wait_for(port)
    scripted = {}
    if os.path.exists(f"{folder}/upstream.json"):
        with open(f"{folder}/upstream.json") as text:
            scripted = {address: Scripted(address, rules) for address, rules in json.load(text).items()}
    return scripted, processes


def start_nsd(folder, own, port, names):
    os.makedirs(own)
    text = NSD.format(port=port, folder=own)
    if os.path.exists(f"{folder}/nsd.key"):
        with open(f"{folder}/nsd.key") as key:
            text += key.read()
    for name in names:
        shutil.copy(f"{folder}/{name}", f"{own}/{name}")
        text += f'zone:\n  name: "{origin(own, name)}"\n  zonefile: {name}\n  provide-xfr: 127.0.0.0/8 NOKEY\n'
    with open(f"{own}/nsd.conf", "w") as out:
        out.write(text)
    return quietly(["nsd", "-d", "-c", f"{own}/nsd.conf"])


def start_program(folder, own, name, command):
    os.makedirs(own)
    with open(f"{folder}/{name}") as text:
        configuration = text.read().replace("{folder}", own).replace("{here}", folder)
    with open(f"{own}/{name}", "w") as out:
        out.write(configuration)
    return quietly(command + [f"{own}/{name}"])


def quietly(command):
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def origin(folder, name):
    with open(f"{folder}/{name}") as zone:
        text = zone.read()
    found = re.search(r"^\$ORIGIN\s+(\S+)", text, re.M) or re.search(r"^(\S+)\s.*SOA", text, re.M)
    return found.group(1)


def wait_for(port):
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
