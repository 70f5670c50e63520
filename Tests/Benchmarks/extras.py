"""What protection, counting and rules cost an ordinary cluster query: instructions with each of them and without."""

import re
import secrets
import socket
import struct

import counting
import forwarders

SHARE_MAX = 1.02
REWRITE_INSTRUCTIONS_MAX = 400
COOKIE_OPTION = 10
CLIENT_COOKIE_BYTES = 8
ENOUGH = 1_000_000
RRL = f"""\
    rrl {{{{
        responses-per-second {ENOUGH}
    }}}}
"""
PROMETHEUS = "    prometheus 127.0.0.1:{metrics}\n"
# None of them is about a name of the cluster.
REWRITE = r"""
    rewrite name exact old.shop.example new.shop.svc.cluster.local
    rewrite name exact web.default.svc.cluster.lan web.default.svc.cluster.local
    rewrite name exact api.default.svc.cluster.lan api.default.svc.cluster.local
    rewrite name suffix .shop.example .shop.svc.cluster.local answer auto
    rewrite name suffix .svc.old.local .svc.cluster.local answer auto
    rewrite name suffix .svc.other.local .svc.cluster.local answer auto
    rewrite name prefix legacy- web-
    rewrite name suffix .staging.example .staging.svc.cluster.local answer auto
    rewrite ttl suffix .slow.example 30-300
    rewrite type ANY HINFO
"""
REWRITE_TEXT = r"""
    rewrite name substring .staging. .production.
    rewrite name regex (.*)\.coredns\.rocks {{1}}.default.svc.cluster.local answer auto
    rewrite ttl regex (.*)\.slow\.svc\.cluster\.local 30-300
"""
# Where what cannot be left out stands.
FAIR_SHARE = ["FairShare.swift"]
TOP = ["TopTalkers.swift", "TopWindows.swift", "TopSketch.swift"]


def with_more(block, lines):
    """The server block with more lines at its end."""
    return block[: block.rindex("}}")] + lines + "}}\n"


def measure(run, first, questions, manifests):
    """Prints the table; yields (sentence, met)."""
    counted = Counted(run, first, questions, manifests)
    bare, fair_share = counted.cost("bare", "", FAIR_SHARE)
    edns, _ = counted.cost("edns", "", options=["-e"])
    print(f"instructions per cluster query, bare kubernetes block: {bare:,.0f}; with an OPT record: {edns:,.0f}")
    cookie, _ = counted.cost("cookie", "", cookie=True)
    rrl, _ = counted.cost("rrl", RRL)
    prometheus, top = counted.cost("prometheus", PROMETHEUS, TOP)
    rewrite, _ = counted.cost("rewrite", REWRITE)
    text, _ = counted.cost("rewrite-text", REWRITE + REWRITE_TEXT)
    rows = [("fair share", fair_share, bare), ("/debug/top", top, bare), ("rrl", rrl - bare, bare),
            ("a cookie of ours, known", cookie - edns, edns)]
    for name, more, base in rows:
        print(f"  {name}: {more:,.0f} more, {more / base:.2%}")
        if name != rows[-1][0]:
            share = 1 + more / base
            yield f"{name} at {share:.3f} of a cluster query (at most {SHARE_MAX})", share <= SHARE_MAX
    print(f"  prometheus as a whole: {prometheus - bare:,.0f} more")
    print(f"  rewrite with ten rules that do not match: {rewrite - bare:,.0f} more; with three more about text: "
          f"{text - bare:,.0f}")
    yield (f"ten rules of rewrite that do not match at {rewrite - bare:,.0f} instructions (at most "
           f"{REWRITE_INSTRUCTIONS_MAX})", rewrite - bare <= REWRITE_INSTRUCTIONS_MAX)


class Counted:
    """Servers below callgrind, one after another, asked the same."""

    def __init__(self, run, first, questions, manifests):
        self.run, self.first, self.questions, self.manifests = run, first, questions, manifests

    def cost(self, name, lines, files=(), options=(), cookie=False):
        """Instructions per query, and those of them that these source files take with all they call."""
        text = with_more(forwarders.BARE, lines)
        server = counting.start(self.run, name, f"extras-{name}", text, manifests=self.manifests)
        server.wait_until_it_answers(self.first, "A")
        if cookie:
            options = ["-E", f"{COOKIE_OPTION}:{known_cookie(server.port, self.first).hex()}"]
        whole = counting.instructions_per_query(server, self.first, self.questions, options)
        part = counting.instructions_of(server, files)
        self.run.stop(server)
        return whole, part


def known_cookie(port, name):
    """A cookie of ours that the server has just made for this address (RFC 7873)."""
    client = secrets.token_bytes(CLIENT_COOKIE_BYTES)
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split("."))
    option = struct.pack("!HH", COOKIE_OPTION, len(client)) + client
    message = struct.pack("!HHHHHH", 1, 0x0100, 1, 0, 0, 1) + labels + b"\0" + struct.pack("!HH", 1, 1)
    message += b"\0" + struct.pack("!HHIH", 41, 1232, 0, len(option)) + option
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.settimeout(5)
        udp.sendto(message, ("127.0.0.1", port))
        reply = udp.recv(65535)
    found = re.search(re.escape(client) + b"(.{16})", reply, re.S)
    if not found:
        raise SystemExit("forwarding: no server cookie came back")
    return client + found.group(1)
