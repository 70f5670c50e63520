"""Asks what a row of answers.jsonl says, over UDP, TCP, TLS or HTTPS, and tells what came back."""

import base64
import collections
import http.client
import json
import re
import socket
import ssl
import struct
import threading
import time
import urllib.error
import urllib.request

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.tsig
import dns.tsigkeyring

import masking

SERVER_PORT = 5300
REPLY_SECONDS_MAX = 6
TRANSFER_GAP_SECONDS_MAX = 1.5
HTTP_SECONDS_MAX = 5
SECTIONS = ("answer", "authority", "additional")
COOKIE, COOKIE_HALF = 10, 16
ERROR = 15
FLAGS = ("AA", "TC", "RD", "RA", "AD", "CD")


class NotServed(Exception):
    """A reply over HTTP that is no DNS message; holds what it is."""


def ask(row):
    """What is seen of the reply to one question: {rcode, flags, edns, answer, …}, or {error}."""
    options = row.get("options", {})
    query, ring = make_query(row, options)
    about = {}
    try:
        if options.get("https"):
            wires = [over_https(query, options, about)]
        elif options.get("tcp") or options.get("tls") or is_transfer(row):
            wires = over_stream(query, row, options, about, ring)
        else:
            wires = [over_udp(query, options)]
        messages = [read(wire, query, ring, is_transfer(row)) for wire in wires]
    except NotServed as other:
        return {**about, "body": str(other)}
    except TimeoutError:
        return {"error": "timeout"}
    except dns.exception.DNSException as problem:
        return {"error": type(problem).__name__}
    except ConnectionRefusedError:
        return {"error": "refused"}
    except (EOFError, OSError, http.client.HTTPException):
        return {"error": "failed" if options.get("tls") or options.get("https") else "closed"}
    return {**seen(messages, query, row, ring), **about}


def make_query(row, options):
    kind, group = dns.rdatatype.from_text(row["type"]), dns.rdataclass.from_text(row.get("class", "IN"))
    query = dns.message.make_query(row["name"], kind, group, use_edns=False)
    edns = [dns.edns.GenericOption(code, bytes.fromhex(data)) for code, data in options.get("edns", [])]
    if options.get("subnet"):
        address, length = options["subnet"].split("/")
        edns.insert(0, dns.edns.ECSOption(address, int(length)))
    if options.get("nsid"):
        edns.insert(0, dns.edns.GenericOption(3, b""))
    plain = options.get("bufsize") == 512 and not options.get("do") and not edns
    if not options.get("noedns") and not plain:
        flags = dns.flags.DO if options.get("do") else 0
        query.use_edns(options.get("version", 0), flags, options.get("bufsize", 1232), options=edns)
    query.flags = (query.flags & ~dns.flags.RD) | (0 if options.get("norecurse") else dns.flags.RD)
    for flag in ("cd", "ad", "aa"):
        if options.get(flag):
            query.flags |= dns.flags.from_text(flag.upper())
    if options.get("opcode"):
        query.set_opcode(dns.opcode.from_text(options["opcode"]))
    query.id = options.get("id", query.id)
    if row["type"] == "IXFR":
        serial = f". . {options.get('serial', 0)} 0 0 0 0"
        query.authority.append(dns.rrset.from_text(row["name"], 0, "IN", "SOA", serial))
    return query, sign(query, options.get("tsig"))


def sign(query, tsig):
    if not tsig:
        return None
    ring = dns.tsigkeyring.from_text({tsig["name"]: tsig["secret"]})
    algorithm = dns.name.from_text(tsig.get("algorithm", "hmac-sha256."))
    query.use_tsig(ring, dns.name.from_text(tsig["name"]), algorithm=algorithm)
    return ring


def is_transfer(row):
    return row["type"] in ("AXFR", "IXFR") and not row.get("options", {}).get("udp")


def over_udp(query, options):
    with open_socket(socket.SOCK_DGRAM, options) as plain:
        plain.sendto(query.to_wire(), (host(options), options.get("port", SERVER_PORT)))
        return plain.recv(65535)


def over_stream(query, row, options, about, ring):
    with open_socket(socket.SOCK_STREAM, options) as stream:
        stream.connect((host(options), options.get("port", SERVER_PORT)))
        if options.get("tls"):
            context = ssl._create_unverified_context()
            if options.get("client_cert"):
                context.load_cert_chain(options["client_cert"], options["client_key"])
            stream = context.wrap_socket(stream, server_hostname=options.get("servername", "dns.test"))
            about["tls"] = stream.version()
        wire = query.to_wire()
        stream.sendall(options.get("proxy", "").encode() + struct.pack("!H", len(wire)) + wire)
        wires = [read_framed(stream)]
        if is_transfer(row) and not ring:
            read_transfer(stream, wires, query, row["type"])
        return wires


def read_transfer(stream, wires, query, kind):
    """The rest of a transfer: it ends with the second SOA, an error, or with silence."""
    marks = 0
    while True:
        message = read(wires[-1], query, None, True)
        marks += sum(1 for rrset in message.answer if rrset.rdtype == dns.rdatatype.SOA)
        current = kind == "IXFR" and len(wires) == 1 and marks == 1 and len(message.answer) == 1
        if marks >= 2 or message.rcode() != 0 or current:
            return
        stream.settimeout(TRANSFER_GAP_SECONDS_MAX)
        try:
            wires.append(read_framed(stream))
        except (OSError, EOFError):
            return


def over_https(query, options, about):
    place, port = host(options), options.get("port", SERVER_PORT)
    kind = http.client.HTTPConnection if options.get("plain") else http.client.HTTPSConnection
    context = {} if options.get("plain") else {"context": ssl._create_unverified_context()}
    connection = kind(place, port, timeout=options.get("timeout", REPLY_SECONDS_MAX), **context)
    path, wire, headers = options.get("path", "/dns-query"), query.to_wire(), {"Accept": "application/dns-message"}
    if options["https"] == "GET":
        text = base64.urlsafe_b64encode(wire).rstrip(b"=").decode()
        connection.request("GET", f"{path}?dns={text}", headers=headers)
    else:
        headers["Content-Type"] = "application/dns-message"
        connection.request(options["https"], path, wire, headers)
    reply = connection.getresponse()
    data = reply.read()
    connection.close()
    kinds = {"type": reply.getheader("Content-Type"), "cache": reply.getheader("Cache-Control")}
    about["http"] = {"status": reply.status, **kinds}
    if reply.status != 200:
        raise NotServed(data.decode("latin-1").strip())
    return data


def host(options):
    return options.get("address", "127.0.0.1")


def open_socket(kind, options):
    six = ":" in host(options)
    opened = socket.socket(socket.AF_INET6 if six else socket.AF_INET, kind)
    opened.settimeout(options.get("timeout", REPLY_SECONDS_MAX))
    if "source" in options or "source_port" in options:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if kind == socket.SOCK_STREAM:      # the same port may be wanted again at once
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        opened.bind((options.get("source", "::" if six else "0.0.0.0"), options.get("source_port", 0)))
    return opened


def read_framed(stream):
    return read_exactly(stream, struct.unpack("!H", read_exactly(stream, 2))[0])


def read_exactly(stream, count):
    data = b""
    while len(data) < count:
        piece = stream.recv(count - len(data))
        if not piece:
            raise EOFError("closed")
        data += piece
    return data


def read(wire, query, ring, transfer):
    common = {"one_rr_per_rrset": True, "ignore_trailing": True, "xfr": transfer}
    mac = query.mac if ring else b""
    try:
        return dns.message.from_wire(wire, keyring=ring, request_mac=mac, continue_on_error=not ring, **common)
    except dns.exception.FormError:     # an unsigned reply to a signed query
        return dns.message.from_wire(wire, continue_on_error=True, **common)


def seen(messages, query, row, ring):
    reply = messages[0]
    result = {
        "rcode": dns.rcode.to_text(reply.rcode()),
        "flags": [flag for flag in FLAGS if reply.flags & dns.flags.from_text(flag)],
        "edns": edns_of(reply),
        "answer": [line for message in messages for line in records(message.answer)],
        "authority": records(reply.authority),
        "additional": records(reply.additional),
    }
    if reply.id != query.id and not row.get("options", {}).get("https"):
        result["id"] = "different"
    asked = ", ".join(f"{one.name} {dns.rdatatype.to_text(one.rdtype)}" for one in reply.question) or "none"
    if asked != f"{query.question[0].name} {row['type']}":
        result["question"] = asked
    if ring or reply.had_tsig:
        result["tsig"] = "signed" if reply.had_tsig else "unsigned"
    if reply.opcode() != 0:
        result["opcode"] = dns.opcode.to_text(reply.opcode())
    return result


def edns_of(reply):
    if reply.edns < 0:
        return None
    options = [option_of(int(option.otype), option.to_wire().hex()) for option in reply.options]
    about = {"size": reply.payload, "do": bool(reply.ednsflags & dns.flags.DO)}
    return {**about, "options": options} if options else about


def option_of(code, data):
    """Of a server cookie (RFC 7873) its length only: it is a secret. Of an error in words no port of our own."""
    if code == ERROR:
        return f"{code}:{data[:4]}{masking.masked(bytes.fromhex(data[4:]).decode(errors='replace')).encode().hex()}"
    secret = code == COOKIE and len(data) > COOKIE_HALF
    return f"{code}:{data[:COOKIE_HALF]}+{len(data[COOKIE_HALF:]) // 2}" if secret else f"{code}:{data}"


def records(rrsets):
    return [
        masking.record(f"{rrset.name} {rrset.ttl} {dns.rdataclass.to_text(rrset.rdclass)} "
                       f"{dns.rdatatype.to_text(rrset.rdtype)} {data}")
        for rrset in rrsets for data in rrset]


def ask_in_parallel(row):
    """The rcodes of many questions at the same time, sorted; `{i}` in the name is which one it is."""
    rcodes, threads = [], []
    for index in range(row["parallel"]):
        one = {**row, "name": row["name"].replace("{i}", str(index))}
        threads.append(threading.Thread(target=lambda r: rcodes.append(ask(r).get("rcode", "timeout")), args=(one,)))
        threads[-1].start()
        time.sleep(row.get("gap", 0.02))
    for thread in threads:
        thread.join()
    return {"rcodes": sorted(rcodes)}


def collect(row):
    """What is seen over many questions, in a form that does not depend on chance."""
    count = collections.Counter(trait(ask(row), row["collect"]) for _ in range(row["repeat"]))
    return {"most": count.most_common(1)[0][0]} if row.get("most") else {"seen": sorted(count)}


def trait(reply, kind):
    if "answer" not in reply:
        return json.dumps(reply, sort_keys=True)
    data = [line.split(" ", 4)[4] for line in reply["answer"]]
    if kind == "first":
        kinds = ("A", "AAAA", "MX", "TXT", "SRV")
        return next((line.split(" ", 4)[4] for line in reply["answer"] if line.split(" ")[3] in kinds), "none")
    return {"orders": " ".join(data), "sets": " ".join(sorted(data))}.get(kind, reply["rcode"])


def fetch(row):
    """What an HTTP server says: {status, body}, or {error}."""
    request = urllib.request.Request(row["http"], method=row.get("method", "GET"))
    try:
        reply = urllib.request.urlopen(request, timeout=HTTP_SECONDS_MAX)
        body, status = reply.read().decode(), reply.status
    except urllib.error.HTTPError as problem:
        body, status = problem.read().decode(), problem.code
    except OSError as problem:
        return {"error": type(getattr(problem, "reason", problem)).__name__}
    lines = body.splitlines()
    if row.get("match"):
        lines = sorted(line for line in lines if re.search(row["match"], line))
    if "/metrics" in row["http"]:
        lines = masking.metric_lines("\n".join(lines))
    return {"status": status, "body": "\n".join(lines).strip()}
