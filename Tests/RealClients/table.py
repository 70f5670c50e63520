"""What each real client is asked to do, and what must come out.

A row: the client's tool, the command, and what its output must show: a regular expression (or, after `not`, one that
must not match), `= A B` for exactly these addresses in any order, `N addresses`, `at least N addresses`, `exit N`.
The names are those of the recorded cluster; resolv.conf is that of a pod in namespace `prod`.
"""

DNS_ADDRESS = "10.96.0.10"  # of the Service kube-dns, as in every pod's resolv.conf
DNS_ADDRESS6 = "fd00:96::b:6c0a"
SEARCH = "prod.svc.cluster.local svc.cluster.local cluster.local"
ZONE = "cluster.local"
KUBERNETES = f"kubernetes.default.svc.{ZONE}"
HEADLESS = "= 10.244.1.1 10.244.1.2 10.244.1.3"
DUAL = "= 10.110.126.40 fd00:96::c:5243"
LARGE = f"hl-big.manual.svc.{ZONE}"  # 250 addresses
HUGE = f"hl-huge.manual.svc.{ZONE}"  # 1,000 addresses
ODD_CASE = "KuBeRnEtEs.DeFaUlT.sVc.ClUsTeR.lOcAl"

DIG = [
    ("dig", f"dig {KUBERNETES}",
     ["status: NOERROR", r"flags: qr aa rd;", r"^kubernetes\S+\s+30\s+IN\s+A\s+10\.96\.0\.1$",
      r"SERVER: 10\.96\.0\.10#53", r"EDNS: version: 0, flags:; udp: 1232"]),
    ("dig", f"dig @{DNS_ADDRESS6} {KUBERNETES}", ["= 10.96.0.1", r"SERVER: fd00:96::b:6c0a#53"]),
    ("dig", f"dig +tcp {KUBERNETES}", ["= 10.96.0.1", r"\(TCP\)"]),
    ("dig", f"dig +tcp +keepopen {KUBERNETES} A {KUBERNETES} AAAA", ["= 10.96.0.1", "ANSWER: 0, AUTHORITY: 1"]),
    ("dig", f"dig +noedns {KUBERNETES}", ["= 10.96.0.1", "not EDNS", "ADDITIONAL: 0"]),
    ("dig", f"dig +norecurse {KUBERNETES}", ["= 10.96.0.1", "flags: qr aa;"]),
    ("dig", f"dig +dnssec +cdflag {KUBERNETES}", ["= 10.96.0.1", "flags: do;", "flags: qr aa rd cd;"]),
    ("dig", f"dig +cookie=0102030405060708 {KUBERNETES}", ["= 10.96.0.1", r"not \(echoed\)"]),
    ("dig", f"dig +nocookie +nsid +subnet=192.0.2.0/24 {KUBERNETES}", ["= 10.96.0.1", "not CLIENT-SUBNET"]),
    ("dig", f"dig +edns=1 +noednsneg {KUBERNETES}", ["status: BADVERS", "EDNS: version: 0"]),
    ("dig", f"dig {ODD_CASE}", [rf"^;{ODD_CASE}\.\s", rf"^{ODD_CASE}\.\s.*10\.96\.0\.1$"]),
    ("dig", f"dig AAAA web.prod.svc.{ZONE}",
     ["status: NOERROR", "ANSWER: 0, AUTHORITY: 1", r"^cluster\.local\.\s+30\s+IN\s+SOA"]),
    ("dig", f"dig nope.prod.svc.{ZONE}", ["status: NXDOMAIN", r"^cluster\.local\.\s+30\s+IN\s+SOA"]),
    ("dig", f"dig no-endpoints-headless.prod.svc.{ZONE}", ["status: NXDOMAIN"]),
    ("dig", f"dig www.example.com.prod.svc.{ZONE}", ["status: NXDOMAIN"]),
    ("dig", f"dig _pg._tcp.pg.db.svc.{ZONE} SRV",
     ["ANSWER: 2", r"SRV\s+0 25 5432 pg-0\.pg\.db", r"^pg-0\.pg\.db\S+\s+30\s+IN\s+A\s"]),
    ("dig", f"dig dns-version.{ZONE} TXT", [r'28800\s+IN\s+TXT\s+"1\.1\.0"']),
    ("dig", f"dig {ZONE} NS", ["status: NOERROR", r"^cluster\.local\.\s+30\s+IN\s+NS\s+\S+\.cluster\.local\."]),
    ("dig", f"dig {ZONE} SOA",
     [r"IN\s+SOA\s+ns\.dns\.cluster\.local\. hostmaster\.cluster\.local\. \d+ 7200 1800 86400 30"]),
    ("dig", "dig -x 10.96.0.1", [r"IN\s+PTR\s+kubernetes\.default\.svc\.cluster\.local\."]),
    ("dig", f"dig -x {DNS_ADDRESS6}", [r"IN\s+PTR\s+kube-dns\.kube-system\.svc\.cluster\.local\."]),
    ("dig", f"dig internal.ext.svc.{ZONE}", [r"CNAME\s+web\.prod\.svc", "= 10.101.63.170"]),
    ("dig", f"dig {KUBERNETES} ANY +notcp", ["status: NOERROR"]),
    ("dig", f"dig {KUBERNETES} TYPE65280", ["status: NOERROR", "ANSWER: 0"]),
    ("dig", f"dig +ignore +noedns {LARGE}",
     ["flags: qr aa tc rd;", "at least 20 addresses", r"rcvd: ([1-4]\d\d|50\d|51[0-2])$"]),
    ("dig", f"dig +ignore {LARGE}",
     ["flags: qr aa tc rd;", "at least 60 addresses", r"rcvd: (\d{3}|1[01]\d\d|12[0-3]\d)$"]),
    ("dig", f"dig +ignore +bufsize=4096 {LARGE}", ["flags: qr aa tc rd;", r"rcvd: (\d{3}|1[01]\d\d|12[0-3]\d)$"]),
    ("dig", f"dig {LARGE}", ["250 addresses", "Truncated, retrying in TCP mode"]),
    ("dig", f"dig +tcp {HUGE}", ["1000 addresses", "not flags: qr aa tc"]),
    ("dig", f"dig +tcp {HUGE} SRV", ["ANSWER: 1000", "flags: qr aa rd;"]),
    ("dig", f"dig {ZONE} AXFR", [r"Transfer failed\."]),
    ("dig", f"dig {ZONE} IXFR=1", ["Transfer failed|REFUSED"]),
    ("dig", "dig CH TXT version.bind", ["status: REFUSED", "AUTHORITY: 0"]),
    ("dig", f"dig +opcode=notify {ZONE} SOA", ["opcode: NOTIFY, status: NOTIMP"]),
    ("dig", f"dig +opcode=update {ZONE} SOA", ["opcode: UPDATE, status: NOTIMP"]),
    ("dig", "dig example.org", ["status: (REFUSED|SERVFAIL)"]),
    ("dig", "dig +search +short web", ["= 10.101.63.170"]),
    ("dig", "dig +search +short kubernetes.default", ["= 10.96.0.1"]),
    ("host", "host kubernetes.default", ["= 10.96.0.1"]),
    ("host", "host web-dual", [DUAL]),
]
KDIG = [
    ("kdig", f"kdig {KUBERNETES}", ["status: NOERROR", "= 10.96.0.1"]),
    ("kdig", f"kdig +tcp {HUGE}", ["1000 addresses"]),
    ("kdig", f"kdig {LARGE}", ["250 addresses"]),
    ("kdig", f"kdig +edns +bufsize=512 +ignore {LARGE}", ["Flags: qr aa tc rd;", "at least 20 addresses"]),
    ("kdig", f"kdig +padding=128 +nsid {KUBERNETES}", ["= 10.96.0.1"]),
    ("kdig", f"kdig +cookie {KUBERNETES}", ["= 10.96.0.1", "not BADCOOKIE"]),
    ("kdig", f"kdig +edns=1 {KUBERNETES}", ["BADVERS"]),
    ("kdig", f"kdig {ODD_CASE}", ["= 10.96.0.1"]),
    ("kdig", f"kdig {ZONE} AXFR", ["REFUSED"]),
    ("kdig", f"kdig nope.{ZONE}", ["status: NXDOMAIN"]),
    ("kdig", "kdig -x 10.96.0.10", [r"PTR\s+kube-dns\.kube-system\.svc\.cluster\.local\."]),
]
BUSYBOX = [
    ("busybox", f"busybox nslookup {KUBERNETES}", ["= 10.96.0.1", "exit 0"]),
    ("busybox", f"busybox nslookup hl.prod.svc.{ZONE}", [HEADLESS, "exit 0"]),
    ("busybox", f"busybox nslookup 10-244-1-139.default.pod.{ZONE}", ["= 10.244.1.139", "exit 0"]),
    ("busybox", f"busybox nslookup web-dual.prod.svc.{ZONE}", [DUAL, "exit 0"]),
    ("busybox", f"busybox nslookup nope.prod.svc.{ZONE}", ["NXDOMAIN", "exit 1"]),
    ("busybox", f"busybox nslookup {LARGE}", ["at least 20 addresses"]),
    ("busybox", "busybox nslookup 10.96.0.1", [r"name = kubernetes\.default\.svc\.cluster\.local", "exit 0"]),
    ("busybox", f"busybox nslookup -type=srv _pg._tcp.pg.db.svc.{ZONE}", [r"service = 0 25 5432 pg-0\.pg\.db"]),
    ("busybox", f"busybox nslookup {KUBERNETES} {DNS_ADDRESS6}", ["= 10.96.0.1", "exit 0"]),
]
GETENT = [
    ("getent", "getent ahosts web", ["= 10.101.63.170"]),
    ("getent", "getent ahosts kubernetes.default", ["= 10.96.0.1"]),
    ("getent", "getent ahosts kubernetes.default.svc", ["= 10.96.0.1"]),
    ("getent", f"getent ahosts {KUBERNETES}", ["= 10.96.0.1"]),
    ("getent", f"getent ahosts {KUBERNETES}.", ["= 10.96.0.1"]),
    ("getent", "getent ahosts hl", [HEADLESS]),
    ("getent", "getent ahosts web-dual", [DUAL]),
    ("getent", "getent ahostsv6 web-v6", ["= fd00:96::6:bb32"]),
    ("getent", "getent ahosts pg-1.pg.db", ["= 10.244.2.31 fd00:244:2::1f"]),
    ("getent", "getent ahosts internal.ext", ["= 10.101.63.170"]),
    ("getent", "getent ahosts 10-244-1-139.default.pod", ["= 10.244.1.139"]),
    ("getent", "getent ahosts hl-big.manual", ["250 addresses"]),
    ("getent", "getent ahosts nope", ["exit 2"]),
    ("getent", "getent ahosts kubernetes", ["exit 2"]),
    ("getent", "getent hosts kubernetes.default", ["= 10.96.0.1"]),
    ("getent", "getent hosts 10.96.0.1", [r"kubernetes\.default\.svc\.cluster\.local"]),
    ("getent", f"getent hosts {DNS_ADDRESS6}", [r"kube-dns\.kube-system\.svc\.cluster\.local"]),
]


def resolved(binary, large, no_data):
    """The same names for one C library; `large`: what it makes of 250 addresses, `no_data`: of a name without data."""
    names = [
        ("web", "= 10.101.63.170"),
        ("kubernetes.default", "= 10.96.0.1"),
        ("kubernetes.default.svc", "= 10.96.0.1"),
        (KUBERNETES, "= 10.96.0.1"),
        (KUBERNETES + ".", "= 10.96.0.1"),
        ("hl", HEADLESS),
        ("web-dual", DUAL),
        ("web-v6", "= fd00:96::6:bb32"),
        ("hl-v6", "= fd00:244:1::1 fd00:244:1::2 fd00:244:1::3"),
        ("pg-1.pg.db", "= 10.244.2.31 fd00:244:2::1f"),
        ("chain.ext", "= 10.101.63.170"),
        ("10-244-1-139.default.pod", "= 10.244.1.139"),
        ("hl-big.manual", large),
        (f"nope.prod.svc.{ZONE}.", "EAI_NONAME"),
        (f"no-endpoints-headless.prod.svc.{ZONE}.", "EAI_NONAME"),
        (f"missing.ext.svc.{ZONE}.", "EAI_NONAME"),
        (f"www.example.com.prod.svc.{ZONE}.", "EAI_NONAME"),
        (f"prod.svc.{ZONE}.", no_data),
    ]
    return [(binary, f"./{binary} {name}", [wanted]) for name, wanted in names]


MUSL = resolved("resolve-musl", "at least 20 addresses", "EAI_NONAME|EAI_NODATA")
GLIBC = resolved("resolve-glibc", "250 addresses", "EAI_NODATA")
NODE = [
    ("node", "node -e require('dns').lookup('web',{all:true},(e,a)=>console.log(e||a.map(x=>x.address).join('\\n')))",
     ["= 10.101.63.170"]),
    ("node", f"node -e require('dns').resolve4('hl.prod.svc.{ZONE}',(e,a)=>console.log(e||a.join('\\n')))", [HEADLESS]),
    ("node", f"node -e require('dns').resolve4('{LARGE}',(e,a)=>console.log(e||a.join('\\n')))", ["250 addresses"]),
    ("node", f"node -e require('dns').resolve6('web.prod.svc.{ZONE}',(e,a)=>console.log(e.code))", ["ENODATA"]),
    ("node", f"node -e require('dns').resolve4('nope.prod.svc.{ZONE}',(e,a)=>console.log(e.code))", ["ENOTFOUND"]),
    ("node", f"node -e require('dns').resolveSrv('_pg._tcp.pg.db.svc.{ZONE}',(e,a)=>console.log(e||a))",
     ["port: 5432"]),
    ("node", "node -e require('dns').reverse('10.96.0.1',(e,a)=>console.log(e||a))", [r"kubernetes\.default\.svc"]),
]
JAVA = [
    ("java", f"java ./Lookup.java web web-dual hl.prod.svc.{ZONE} nope.prod.svc.{ZONE}.",
     ["^web 10.101.63.170$", r"^web-dual 10\.110\.126\.40 fd00:96:0:0:0:0:c:5243$",
      r"^hl\.prod\S+ 10\.244\.1\.1 10\.244\.1\.2 10\.244\.1\.3$", r"^nope\S+ UnknownHostException$",
      r"^SRV 0 25 5432 pg-0\.pg\.db\.svc\.cluster\.local\.$"]),
]
GO = [
    ("go", "go run ./lookup.go web web-dual hl-big.manual nope.prod.svc.cluster.local.",
     ["^web 10.101.63.170$", "^web-dual 10.110.126.40 fd00:96::c:5243$", "^hl-big.manual 250 addresses$",
      r"^nope\S+ no such host$"]),
]
CHECKS = DIG + KDIG + BUSYBOX + GETENT + MUSL + GLIBC + NODE + JAVA + GO
