"""DNS messages for the checkers: a query in wire form, a reply as text. Independent of the server, on purpose."""

import secrets
import socket
import struct

TYPES = {
    "A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "HINFO": 13, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33,
    "NAPTR": 35, "OPT": 41, "DS": 43, "DNSKEY": 48, "SVCB": 64, "HTTPS": 65, "IXFR": 251, "AXFR": 252, "ANY": 255,
    "CAA": 257,
}
CLASSES = {"IN": 1, "CH": 3, "HS": 4, "NONE": 254, "ANY": 255}
RCODES = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"]
FLAGS = [("aa", 0x0400), ("tc", 0x0200), ("rd", 0x0100), ("ra", 0x0080), ("ad", 0x0020), ("cd", 0x0010)]
POINTERS_MAX = 127
DO_BIT = 0x8000


class Malformed(Exception):
    """A reply that is not a DNS message."""


def type_number(text):
    return TYPES[text] if text in TYPES else int(text.removeprefix("TYPE"))


def type_text(number):
    return next((text for text, value in TYPES.items() if value == number), f"TYPE{number}")


def class_text(number):
    return next((text for text, value in CLASSES.items() if value == number), f"CLASS{number}")


def encode_name(text):
    labels = [label.encode() for label in text.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def query(name, kind, cls="IN", edns_bytes=None, do=False):
    """A query with RD set and, if a size is given, an OPT record."""
    header = struct.pack("!HHHHHH", secrets.randbits(16), 0x0100, 1, 0, 0, 0 if edns_bytes is None else 1)
    message = header + encode_name(name) + struct.pack("!HH", type_number(kind), CLASSES[cls])
    if edns_bytes is not None:
        message += b"\0" + struct.pack("!HHIH", TYPES["OPT"], edns_bytes, DO_BIT if do else 0, 0)
    return message


def exchange(host, port, message, tcp=False, seconds=3):
    """The reply with the query's id, or None when none came in time."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM) as peer:
        peer.settimeout(seconds)
        try:
            peer.connect((host, port))
            if not tcp:
                peer.send(message)
                return receive_udp(peer, message)
            peer.sendall(struct.pack("!H", len(message)) + message)
            size = receive_all(peer, 2)
            return receive_all(peer, struct.unpack("!H", size)[0]) if size else None
        except OSError:
            return None


def receive_udp(peer, message):
    for _ in range(16):
        reply = peer.recv(65535)
        if reply[:2] == message[:2]:
            return reply
    return None


def receive_all(peer, count):
    data = b""
    while len(data) < count:
        part = peer.recv(count - len(data))
        if not part:
            return None
        data += part
    return data


class Reply:
    """A decoded reply: rcode, flags, edns as (size, do) or None, and three sections of `owner ttl TYPE rdata` lines."""

    def __init__(self, data):
        self.bytes = data
        try:
            self.decode(data)
        except (struct.error, IndexError, OSError) as error:
            raise Malformed(f"{error} in {data.hex()}") from error

    def decode(self, data):
        _, bits, questions, *counts = struct.unpack("!HHHHHH", data[:12])
        self.flags = [text for text, bit in FLAGS if bits & bit]
        self.is_reply = bool(bits & 0x8000)
        at = 12
        for _ in range(questions):
            _, at = read_name(data, at)
            at += 4
        self.question = data[12:at]
        self.edns = None
        rcode = bits & 15
        self.sections = []
        for count in counts:
            lines = []
            for _ in range(count):
                owner, at = read_name(data, at)
                kind, cls, ttl, size = struct.unpack("!HHIH", data[at : at + 10])
                at += 10
                if kind == TYPES["OPT"]:
                    self.edns = (cls, bool(ttl & DO_BIT))
                    rcode |= ttl >> 24 << 4
                else:
                    shown = "" if cls == CLASSES["IN"] else class_text(cls) + " "
                    lines.append(f"{owner} {ttl} {shown}{type_text(kind)} {rdata_text(data, at, kind, size)}")
                at += size
            self.sections.append(lines)
        if at != len(data):
            raise Malformed(f"{len(data) - at} bytes too many or too few in {data.hex()}")
        self.rcode = RCODES[rcode] if rcode < len(RCODES) else f"RCODE{rcode}"


def read_name(data, at):
    """The name at an offset as text, and the offset behind it."""
    labels, end = [], None
    for _ in range(POINTERS_MAX + 128):
        size = data[at]
        if size >= 0xC0:
            end = end or at + 2
            at = struct.unpack("!H", data[at : at + 2])[0] & 0x3FFF
        elif size > 63:
            raise Malformed(f"label type {size >> 6} at {at}")
        elif size:
            labels.append(escape(data[at + 1 : at + 1 + size], b'"().;\\@$'))
            at += 1 + size
        else:
            return ".".join(labels) + ".", end or at + 1
    raise Malformed("a name without an end")


def escape(data, special, lowest=0x21):
    def one(byte):
        if byte in special:
            return "\\" + chr(byte)
        return chr(byte) if lowest <= byte < 0x7F else f"\\{byte:03d}"

    return "".join(one(byte) for byte in data)


def rdata_text(data, at, kind, size):
    raw = data[at : at + size]
    if kind == TYPES["A"] and size == 4:
        return socket.inet_ntop(socket.AF_INET, raw)
    if kind == TYPES["AAAA"] and size == 16:
        return socket.inet_ntop(socket.AF_INET6, raw)
    if kind in (TYPES["NS"], TYPES["CNAME"], TYPES["PTR"]):
        return read_name(data, at)[0]
    if kind == TYPES["SRV"]:
        priority, weight, port = struct.unpack("!HHH", raw[:6])
        return f"{priority} {weight} {port} {read_name(data, at + 6)[0]}"
    if kind == TYPES["MX"]:
        return f"{struct.unpack('!H', raw[:2])[0]} {read_name(data, at + 2)[0]}"
    if kind == TYPES["SOA"]:
        primary, next_at = read_name(data, at)
        mailbox, next_at = read_name(data, next_at)
        return f"{primary} {mailbox} " + " ".join(map(str, struct.unpack("!IIIII", data[next_at : next_at + 20])))
    if kind in (TYPES["TXT"], TYPES["HINFO"]):
        return " ".join(f'"{text}"' for text in strings(raw))
    return f"\\# {size} {raw.hex()}".rstrip()


def strings(raw):
    at = 0
    while at < len(raw):
        yield escape(raw[at + 1 : at + 1 + raw[at]], b'"\\', lowest=0x20)
        at += 1 + raw[at]
