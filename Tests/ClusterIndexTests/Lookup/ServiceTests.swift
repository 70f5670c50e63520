import ClusterIndex
import DNSMessage
import Testing

@Suite("Services")
struct ServiceTests {
    static let long = String(repeating: "l", count: 63)

    static let cluster = Cluster(
        .service("web", ["10.0.0.1"], ports: [.tcp("http", 80), .tcp("", 81), .tcp("again", 80)]),
        .service("web", in: "ab", ["10.0.0.2", "fd00::2"], ports: [.tcp("http", 80)]),
        .service("repeated", ["10.0.0.3", "10.0.0.3", "fd00::3", "fd00:0:0::3"], ports: [.tcp("p", 1)]),
        .service("mapped", ["::ffff:10.0.0.4"]), .service("portless", ["10.0.0.5"]),
        .service(long, ["10.0.0.6"], ports: [.tcp(long, 9)]), .service("unassigned", [""], ports: [.tcp("p", 1)]),
        .service("hidden", in: "unknown", ["10.0.0.7"]),
        .external("out", "www.example.com"), .external("in", "web.a.svc.cluster.local."),
        .external("nothing", "nope.a.svc.cluster.local"), .external("address", "192.0.2.1"),
        .external("no-name", "a..b"), .external("loop", "loop-2.a.svc.cluster.local"),
        .external("loop-2", "loop.a.svc.cluster.local"), .external("self", "self.a.svc.cluster.local"))

    @Test(
        "answer by their cluster IPs and ports",
        arguments: [
            ("web.a.svc.cluster.local A", "A 10.0.0.1"),
            ("WEB.A.SVC.Cluster.Local A", "A 10.0.0.1"),
            ("web.a.svc.cluster.local AAAA", "NODATA"),
            ("web.ab.svc.cluster.local AAAA", "AAAA fd00::2"),
            ("web.abc.svc.cluster.local A", "NXDOMAIN noSuchNamespace"),
            ("we.a.svc.cluster.local A", "NXDOMAIN noSuchService"),
            ("hidden.unknown.svc.cluster.local A", "NXDOMAIN noSuchNamespace"),
            ("repeated.a.svc.cluster.local A", "A 10.0.0.3"),
            ("repeated.a.svc.cluster.local AAAA", "AAAA fd00::3"),
            ("mapped.a.svc.cluster.local A", "A 10.0.0.4"),
            ("mapped.a.svc.cluster.local AAAA", "NODATA"),
            ("portless.a.svc.cluster.local A", "A 10.0.0.5"),
            ("portless.a.svc.cluster.local SRV", "NODATA"),
            ("unassigned.a.svc.cluster.local A", "NODATA"),
            ("unassigned.a.svc.cluster.local SRV", "NODATA"),
            ("\(long).a.svc.cluster.local A", "A 10.0.0.6"),
            ("web.a.svc.cluster.local MX", "NODATA"),
            ("*.a.svc.cluster.local A", "NXDOMAIN noSuchService"),
        ])
    func clusterIPs(question: String, expected: String) { #expect(Self.cluster.ask(question) == expected) }

    @Test(
        "answer SRV with weights by the number of items, and their addresses",
        arguments: [
            (
                "web.a.svc.cluster.local SRV",
                "SRV 33 80 web.a.svc.cluster.local., SRV 33 81 web.a.svc.cluster.local. "
                    + "+ web.a.svc.cluster.local. A 10.0.0.1"
            ),
            (
                "_http._tcp.WEB.ab.svc.Cluster.local SRV",
                "SRV 50 80 web.ab.svc.Cluster.local. + web.ab.svc.Cluster.local. A 10.0.0.2, "
                    + "web.ab.svc.Cluster.local. AAAA fd00::2"
            ),
            (
                "repeated.a.svc.cluster.local SRV",
                "SRV 25 1 repeated.a.svc.cluster.local. + repeated.a.svc.cluster.local. A 10.0.0.3, "
                    + "repeated.a.svc.cluster.local. AAAA fd00::3"
            ),
            ("_http._tcp.web.a.svc.cluster.local A", "A 10.0.0.1"),
            ("http.tcp.web.a.svc.cluster.local A", "A 10.0.0.1"),
            ("_HTTP._TCP.web.a.svc.cluster.local A", "A 10.0.0.1"),
            ("_._tcp.web.a.svc.cluster.local A", "A 10.0.0.1"),
            ("__http._tcp.web.a.svc.cluster.local A", "NXDOMAIN noSuchPort"),
            ("_http._udp.web.a.svc.cluster.local SRV", "NXDOMAIN noSuchPort"),
            ("_nope._tcp.web.a.svc.cluster.local SRV", "NXDOMAIN noSuchPort"),
            ("_tcp.web.a.svc.cluster.local SRV", "NXDOMAIN noReadyEndpoint"),
            ("\(long)._tcp.\(long).a.svc.cluster.local A", "A 10.0.0.6"),
        ])
    func ports(question: String, expected: String) { #expect(Self.cluster.ask(question) == expected) }

    @Test(
        "with an external name are aliases",
        arguments: [
            ("out.a.svc.cluster.local A", "CNAME www.example.com."),
            ("out.a.svc.cluster.local CNAME", "CNAME www.example.com."),
            ("out.a.svc.cluster.local SRV", "NODATA"),
            ("in.a.svc.cluster.local A", "CNAME web.a.svc.cluster.local., A 10.0.0.1"),
            ("in.a.svc.cluster.local AAAA", "CNAME web.a.svc.cluster.local. NODATA"),
            ("nothing.a.svc.cluster.local A", "CNAME nope.a.svc.cluster.local. NXDOMAIN noSuchService"),
            ("nothing.a.svc.cluster.local CNAME", "CNAME nope.a.svc.cluster.local."),
            ("address.a.svc.cluster.local A", "NXDOMAIN badExternalName"),
            ("no-name.a.svc.cluster.local A", "NXDOMAIN badExternalName"),
            ("loop.a.svc.cluster.local A", "CNAME loop-2.a.svc.cluster.local., CNAME loop.a.svc.cluster.local."),
            ("self.a.svc.cluster.local A", "CNAME self.a.svc.cluster.local."),
            ("x.out.a.svc.cluster.local A", "NXDOMAIN noSuchEndpoint"),
            ("_http._tcp.out.a.svc.cluster.local A", "NXDOMAIN noSuchPort"),
        ])
    func aliases(question: String, expected: String) { #expect(Self.cluster.ask(question) == expected) }

    @Test("follow a chain of aliases as far as the limit")
    func chain() {
        var cluster = Cluster()
        for link in 0..<12 { cluster.index.upsert(.external("c\(link)", "c\(link + 1).a.svc.cluster.local")) }
        let answer = cluster.ask("c0.a.svc.cluster.local A")
        #expect(answer.split(separator: ",").count == Limits.aliasChainMax)
        #expect(
            cluster.ask("c3.a.svc.cluster.local A").hasSuffix("CNAME c12.a.svc.cluster.local. NXDOMAIN noSuchService"))
    }

    @Test(
        "have names around them that exist without data, or do not",
        arguments: [
            ("cluster.local A", "NODATA"), ("cluster.local SOA", "SOA ns.dns.cluster.local. 0"),
            ("svc.cluster.local TXT", "NODATA"), ("pod.cluster.local A", "NODATA"), ("a.svc.cluster.local A", "NODATA"),
            ("nope.svc.cluster.local A", "NXDOMAIN noSuchNamespace"),
            ("a.pod.cluster.local A", "NXDOMAIN podsDisabled"),
            ("a.cluster.local A", "NXDOMAIN badName"), ("dns.cluster.local A", "NXDOMAIN badName"),
            ("dns-version.cluster.local TXT", "TXT [\"1.1.0\"]"), ("dns-version.cluster.local A", "NODATA"),
            ("dns-version.cluster.local MX", "NODATA"),
            ("a.b.c.d.e.svc.cluster.local A", "NXDOMAIN badName"), ("web.a.svc.cluster.local SOA", "NODATA"),
            ("nope.a.svc.cluster.local SOA", "NXDOMAIN noSuchService"), ("cluster.local AXFR", "REFUSED"),
        ])
    func surroundings(question: String, expected: String) { #expect(Self.cluster.ask(question) == expected) }

    @Test("of another type take the place of the former under their name")
    func recreation() {
        var cluster = Cluster(.service("x", ["10.0.0.1"]), .slice("s", of: "x", ["10.1.0.1"]))
        #expect(cluster.ask("1.0.0.10.in-addr.arpa PTR") == "PTR x.a.svc.cluster.local.")
        cluster.index.upsert(.service("x"))
        #expect(cluster.ask("x.a.svc.cluster.local A") == "A 10.1.0.1")
        #expect(cluster.ask("1.0.0.10.in-addr.arpa PTR") == "NXDOMAIN noSuchAddress")
        cluster.index.delete(.service, ObjectKey(namespace: "a", name: "x"))
        #expect(cluster.ask("x.a.svc.cluster.local A") == "NXDOMAIN noSuchService")
        cluster.index.upsert(.external("x", "example.org"))
        #expect(cluster.ask("x.a.svc.cluster.local A") == "CNAME example.org.")
    }

    @Test("are hidden with their namespace and come back with it")
    func namespaces() {
        var cluster = Cluster(.service("x", ["10.0.0.1"]))
        cluster.index.delete(.namespace, ObjectKey(name: "a"))
        #expect(cluster.ask("x.a.svc.cluster.local A") == "NXDOMAIN noSuchNamespace")
        cluster.index.upsert(.namespace(Namespace(name: "a")))
        #expect(cluster.ask("x.a.svc.cluster.local A") == "A 10.0.0.1")
    }
}
