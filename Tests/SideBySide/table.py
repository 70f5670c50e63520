"""What Tests/SideBySide/run serves, asks, and knows of the other libraries."""

DNS_ADDRESS = "10.96.0.10"

FILES = {
    "resolv.conf": f"search a.test b.test\nnameserver {DNS_ADDRESS}\noptions ndots:2 timeout:2 attempts:2\n",
    "hosts": "127.0.0.1 localhost\n::1 localhost\n192.0.2.77 pinned.a.test pinned # both\n192.0.2.78 pinned\n",
    "nsswitch.conf": "hosts: files dns\n",
}

# The zones; names outside do not exist, some fail.
COREFILE = """\
test 2.0.192.in-addr.arpa {
    errors
    file zone test
    file reverse 2.0.192.in-addr.arpa
}
broken.a.test broken.test {
    template ANY ANY {
        rcode SERVFAIL
    }
}
refused.test {
    acl {
        block
    }
}
mute.test {
    erratic {
        drop 1
    }
}
. {
    template ANY ANY {
        rcode NXDOMAIN
    }
}
"""
ZONE = """\
$ORIGIN test.
$TTL 60
@ SOA ns hostmaster 1 3600 600 86400 30
@ NS ns
ns A 10.96.0.10
four.a A 192.0.2.4
six.a AAAA 2001:db8::6
both.a A 192.0.2.1
both.a AAAA 2001:db8::1
both.b A 192.0.2.2
many A 192.0.2.11
many A 192.0.2.12
many A 192.0.2.13
many AAAA 2001:db8::11
many AAAA 2001:db8::12
text.a TXT "in a"
text.b TXT "in b"
text.b A 192.0.2.22
onlyb.b A 192.0.2.23
empty.a TXT "no address"
deep.empty2 A 192.0.2.24
alias CNAME far.alias
far.alias CNAME both.a
lost CNAME nothing
long TXT "one, " "two, " "three"
two TXT "first"
two TXT "second"
broken.b A 192.0.2.25
pinned.b A 192.0.2.99
_http._tcp.web.a SRV 10 20 80 both.a
_http._tcp.web.a SRV 10 30 81 four.a
_http._tcp.web.a SRV 20 0 8080 six.a
_sip._udp SRV 0 0 5060 many
*.speed A 192.0.2.200
*.speed AAAA 2001:db8::200
""" + "".join(f"big A 198.51.100.{n}\nbig AAAA 2001:db8:1::{n:x}\n" for n in range(1, 151))
REVERSE = """\
$ORIGIN 2.0.192.in-addr.arpa.
$TTL 60
@ SOA ns.test. hostmaster.test. 1 3600 600 86400 30
@ NS ns.test.
4 PTR four.a.test.
5 CNAME 4
"""

QUESTIONS = """\
addresses four.a.test.
addresses four.a.test
addresses four
addresses FOUR.a
addresses six
addresses both
addresses both.
addresses both.b
addresses many.test
addresses many.test.
addresses onlyb
addresses text
addresses text.
addresses empty
addresses empty2.test.
addresses alias.test.
addresses far.alias.test.
addresses lost.test.
addresses nothing.test.
addresses nothing
addresses nothing.at.all
addresses big.test.
addresses broken
addresses broken.test.
addresses refused.test.
addresses mute.test.
addresses localhost
addresses pinned
addresses pinned.a.test
addresses 192.0.2.55
addresses 2001:db8::55
addresses 127.1
addresses 0x7f000001
addresses fe80::1%1
addresses ns.test
addresses a.test.
addresses test.
services _http._tcp.web
services _http._tcp.web.a.test.
services _sip._udp.test.
services _sip._tcp.test.
services four.a.test.
services broken.test.
texts text
texts long.test.
texts two.test.
texts four.a.test.
texts nothing.test.
names 192.0.2.4
names 192.0.2.5
names 192.0.2.6
names 192.0.2.77
names 2001:db8::1
""".splitlines()

# Where a library says something else than DNSResolver: {(library, question): (its answer, why)}.
STOPS_AT_FAILURE = "it ends the search list at a server's failure; glibc goes on"
DNS_ONLY = "it knows nothing but DNS: no hosts file, no addresses"
OLD_FORM = "it takes old forms of addresses; refused here, for programs read them differently (RFC 6943)"
WITH_ZONE = "it takes a zone; refused here, for an answer has no place for it"
ASKS = "it asks servers for it as a name"
DIFFERENCES = {
    ("getaddrinfo", "addresses 127.1"): ("127.0.0.1", OLD_FORM),
    ("getaddrinfo", "addresses 0x7f000001"): ("127.0.0.1", OLD_FORM),
    ("getaddrinfo", "addresses fe80::1%1"): ("fe80::1%lo", WITH_ZONE),
    **{
        (library, f"addresses {text}"): ("NXDOMAIN", ASKS)
        for library in ("c-ares", "dnspython") for text in ("127.1", "0x7f000001", "fe80::1%1")
    },
    ("c-ares", "addresses broken"): ("failure", STOPS_AT_FAILURE),
    ("dnspython", "addresses broken"): ("failure", STOPS_AT_FAILURE),
    ("dnspython", "addresses text"): ("NODATA", "it ends the search list at a name without records of the type"),
    ("dnspython", "addresses localhost"): ("NXDOMAIN", DNS_ONLY),
    ("dnspython", "addresses pinned"): ("192.0.2.99", DNS_ONLY),
    ("dnspython", "addresses pinned.a.test"): ("NXDOMAIN", DNS_ONLY),
    ("dnspython", "addresses 192.0.2.55"): ("NXDOMAIN", DNS_ONLY),
    ("dnspython", "addresses 2001:db8::55"): ("NXDOMAIN", DNS_ONLY),
    ("dnspython", "names 192.0.2.77"): ("NXDOMAIN", DNS_ONLY),
}
