import ClusterIndex
import DNSMessage
import Testing

@Suite("Endpoints")
struct EndpointTests {
    static let http = ServicePort.tcp("http", 80)

    static let cluster = Cluster(
        .service("hl"),
        .slice("hl-2", of: "hl", ["10.1.0.3", "10.1.0.1"], hosts: ["h3"], ports: [http]),
        .slice(
            "hl-1", of: "hl", ["10.1.0.1", "10.1.0.2", "fd00::1"], hosts: ["", "h2", "h3"],
            ports: [http, .tcp("alt", 81)]),
        .service("web", ["10.0.0.1"], ports: [http]),
        .slice("web-1", of: "web", ["10.1.1.1"], hosts: ["w1"], ports: [http]),
        .service("empty"), .slice("empty-1", of: "empty", []),
        .service("v6"),
        .slice("v6-1", of: "v6", ["fd00:0::2", "FD00::3", "fd00::", "::ffff:10.1.2.1"], ports: [.tcp("any", nil)]),
        .service("named"), .slice("named-1", of: "named", ["foo.example.com"], type: .fqdn),
        .service("mixed"), .slice("mixed-1", of: "mixed", ["10.1.3.1"]),
        .slice("mixed-2", of: "mixed", ["foo.example.com"], type: .fqdn),
        .slice("stray", of: "", ["10.1.4.1"]), .slice("orphan", of: "nobody", ["10.1.4.2"], hosts: ["o"]))

    @Test(
        "answer for their service, each address once and slices in the order of their names",
        arguments: [
            ("hl.a.svc.cluster.local A", "A 10.1.0.1, A 10.1.0.2, A 10.1.0.3"),
            ("hl.a.svc.cluster.local AAAA", "AAAA fd00::1"),
            ("_alt._tcp.hl.a.svc.cluster.local A", "A 10.1.0.1, A 10.1.0.2"),
            ("_nope._tcp.hl.a.svc.cluster.local A", "NXDOMAIN noSuchPort"),
            ("empty.a.svc.cluster.local A", "NXDOMAIN noReadyEndpoint"),
            ("empty.a.svc.cluster.local SRV", "NXDOMAIN noReadyEndpoint"),
            ("v6.a.svc.cluster.local A", "A 10.1.2.1"),
            ("v6.a.svc.cluster.local AAAA", "AAAA fd00::2, AAAA fd00::3, AAAA fd00::"),
            ("v6.a.svc.cluster.local SRV", "NODATA"),
            ("named.a.svc.cluster.local A", "CNAME foo.example.com."),
            ("named.a.svc.cluster.local SRV", "NODATA"),
            ("foo-example-com.named.a.svc.cluster.local A", "CNAME foo.example.com."),
            ("mixed.a.svc.cluster.local A", "A 10.1.3.1"), ("mixed.a.svc.cluster.local CNAME", "NODATA"),
            ("nobody.a.svc.cluster.local A", "NXDOMAIN noSuchService"),
            ("o.nobody.a.svc.cluster.local A", "NXDOMAIN noSuchService"),
        ])
    func services(question: String, expected: String) { #expect(Self.cluster.ask(question) == expected) }

    @Test(
        "have names of their own: host name or address with dashes, not both",
        arguments: [
            ("h2.hl.a.svc.cluster.local A", "A 10.1.0.2"), ("H2.hl.a.svc.cluster.local A", "A 10.1.0.2"),
            ("10-1-0-2.hl.a.svc.cluster.local A", "NXDOMAIN noSuchEndpoint"),
            ("10-1-0-1.hl.a.svc.cluster.local A", "A 10.1.0.1"), ("10-1-0-1.hl.a.svc.cluster.local AAAA", "NODATA"),
            ("010-1-0-1.hl.a.svc.cluster.local A", "NXDOMAIN noSuchEndpoint"),
            ("h3.hl.a.svc.cluster.local A", "A 10.1.0.3"), ("h3.hl.a.svc.cluster.local AAAA", "AAAA fd00::1"),
            ("w1.web.a.svc.cluster.local A", "A 10.1.1.1"), ("w1.hl.a.svc.cluster.local A", "NXDOMAIN noSuchEndpoint"),
            ("fd00-0--2.v6.a.svc.cluster.local AAAA", "AAAA fd00::2"),
            ("fd00--2.v6.a.svc.cluster.local AAAA", "NXDOMAIN noSuchEndpoint"),
            ("fd00--3.v6.a.svc.cluster.local AAAA", "AAAA fd00::3"),
            ("fd00--0.v6.a.svc.cluster.local AAAA", "AAAA fd00::"),
            ("fd00--.v6.a.svc.cluster.local AAAA", "NXDOMAIN noSuchEndpoint"),
            ("_http._tcp.h2.hl.a.svc.cluster.local SRV", "NXDOMAIN badName"),
        ])
    func names(question: String, expected: String) { #expect(Self.cluster.ask(question) == expected) }

    @Test("answer SRV once for each name and port, with all addresses of the name")
    func srv() {
        let zone = "hl.a.svc.cluster.local."
        #expect(
            Self.cluster.ask("hl.a.svc.cluster.local SRV")
                == "SRV 12 80 10-1-0-1.\(zone), SRV 12 81 10-1-0-1.\(zone), "
                + "SRV 12 80 h2.\(zone), SRV 12 81 h2.\(zone), "
                + "SRV 12 80 h3.\(zone), SRV 12 81 h3.\(zone) + 10-1-0-1.\(zone) A 10.1.0.1, h2.\(zone) A 10.1.0.2, "
                + "h3.\(zone) AAAA fd00::1, h3.\(zone) A 10.1.0.3")
        #expect(
            Self.cluster.ask("h3.hl.a.svc.cluster.local SRV")
                == "SRV 33 80 h3.\(zone), SRV 33 81 h3.\(zone) + h3.\(zone) AAAA fd00::1, h3.\(zone) A 10.1.0.3")
        #expect(Self.cluster.ask("_http._tcp.nope.hl.a.svc.cluster.local SRV") == "NXDOMAIN badName")
    }

    @Test(
        "have pointers from their addresses, unless a service has the address",
        arguments: [
            ("1.0.1.10.in-addr.arpa PTR", "PTR 10-1-0-1.hl.a.svc.cluster.local."),
            ("2.0.1.10.in-addr.arpa PTR", "PTR h2.hl.a.svc.cluster.local."),
            ("1.0.0.10.in-addr.arpa PTR", "PTR web.a.svc.cluster.local."),
            ("1.4.1.10.in-addr.arpa PTR", "NXDOMAIN noSuchAddress"),
            ("2.4.1.10.in-addr.arpa PTR", "PTR o.nobody.a.svc.cluster.local."),
            ("1.0.1.10.in-addr.arpa A", "NODATA"), ("1.0.1.10.in-addr.arpa SOA", "NODATA"),
            ("1.0.1.10.in-addr.arpa TXT", "NODATA"), ("9.0.1.10.in-addr.arpa A", "NXDOMAIN badName"),
            ("9.0.1.10.in-addr.arpa SOA", "NXDOMAIN badName"), ("0.1.10.in-addr.arpa PTR", "NXDOMAIN badName"),
            ("01.0.1.10.in-addr.arpa PTR", "NXDOMAIN badName"), ("in-addr.arpa SOA", "SOA ns.dns.in-addr.arpa. 0"),
            (
                "2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.D.F.ip6.arpa PTR",
                "PTR fd00-0--2.v6.a.svc.cluster.local."
            ),
            ("hl.a.svc.cluster.local PTR", "NODATA"), ("nope.a.svc.cluster.local PTR", "NXDOMAIN noSuchService"),
        ])
    func pointers(question: String, expected: String) { #expect(Self.cluster.ask(question) == expected) }

    @Test("that are not ready are not answered; those that do not say are")
    func readiness() {
        var slice = EndpointSlice(key: ObjectKey(namespace: "a", name: "s"), serviceName: "x")
        slice.endpoints = [
            Endpoint(addresses: ["10.0.0.1"], ready: true),
            Endpoint(addresses: ["10.0.0.2"], ready: false, serving: true),
            Endpoint(addresses: ["10.0.0.3", "10.0.0.4"]),
            Endpoint(addresses: ["10.0.0.5"], ready: true, terminating: true),
        ]
        let cluster = Cluster(.service("x"), .endpointSlice(slice))
        #expect(cluster.ask("x.a.svc.cluster.local A") == "A 10.0.0.1, A 10.0.0.3, A 10.0.0.4, A 10.0.0.5")
        #expect(cluster.ask("10-0-0-2.x.a.svc.cluster.local A") == "NXDOMAIN noSuchEndpoint")
    }

    @Test("of an Endpoints object stand in until the service has a slice")
    func legacy() {
        let subset = Endpoints.Subset(ready: [Endpoint(addresses: ["10.0.0.9"])], ports: [Self.http])
        var cluster = Cluster(
            .service("x"), .endpoints(Endpoints(key: ObjectKey(namespace: "a", name: "x"), subsets: [subset, subset])))
        #expect(cluster.ask("x.a.svc.cluster.local A") == "A 10.0.0.9")
        cluster.index.upsert(.slice("s", of: "x", ["10.0.0.8"]))
        #expect(cluster.ask("x.a.svc.cluster.local A") == "A 10.0.0.8")
        #expect(cluster.ask("9.0.0.10.in-addr.arpa PTR") == "NXDOMAIN noSuchAddress")
        cluster.index.delete(.endpointSlice, ObjectKey(namespace: "a", name: "s"))
        #expect(cluster.ask("x.a.svc.cluster.local A") == "A 10.0.0.9")
        cluster.index.delete(.endpoints, ObjectKey(namespace: "a", name: "x"))
        #expect(cluster.ask("x.a.svc.cluster.local A") == "NXDOMAIN noReadyEndpoint")
    }

    @Test("go along when their slice moves to another service")
    func move() {
        var cluster = Cluster(.slice("s", of: "x", ["10.0.0.1"]), .service("x"), .service("y"))
        #expect(cluster.ask("x.a.svc.cluster.local A") == "A 10.0.0.1")
        cluster.index.upsert(.slice("s", of: "y", ["10.0.0.1"]))
        #expect(cluster.ask("x.a.svc.cluster.local A") == "NXDOMAIN noReadyEndpoint")
        #expect(cluster.ask("y.a.svc.cluster.local A") == "A 10.0.0.1")
        #expect(cluster.ask("1.0.0.10.in-addr.arpa PTR") == "PTR 10-0-0-1.y.a.svc.cluster.local.")
    }

    @Test("of a very large service fill a message and no more, with whole records")
    func large() throws {
        var cluster = Cluster(.service("x", ports: [Self.http]))
        for part in 0..<5 {
            let addresses = (0..<1000).map { "10.\(part).\($0 / 250).\($0 % 250)" }
            cluster.index.upsert(.slice("s\(part)", of: "x", addresses, ports: [Self.http]))
        }
        let a = try cluster.index.lookup("x.a.svc.cluster.local", .a, in: cluster.zones[0])
        #expect(a.answer.count == (65_535 - 12 - 27) / 16)
        let srv = try cluster.index.lookup("x.a.svc.cluster.local", .srv, in: cluster.zones[0])
        #expect(srv.answer.count > 1000 && Set(srv.answer).count == srv.answer.count)
        #expect(cluster.ask("10-4-3-249.x.a.svc.cluster.local A") == "A 10.4.3.249")
    }

    @Test("whose name would be too long have no SRV record")
    func tooLong() throws {
        let label = String(repeating: "n", count: 63)
        var cluster = Cluster()
        cluster.zones = [ClusterZone(try Name("\(label).cluster.local"))]
        cluster.index.upsert(.namespace(Namespace(name: label)))
        let key = ObjectKey(namespace: label, name: String(repeating: "s", count: 63))
        cluster.index.upsert(.service(Service(key: key, clusterIPs: ["None"])))
        let hosts = [String(repeating: "h", count: 43), String(repeating: "h", count: 44)]
        let endpoints = hosts.map { Endpoint(addresses: ["10.0.0.1"], hostname: $0) }
        let slice = EndpointSlice(key: key, serviceName: key.name, endpoints: endpoints, ports: [Self.http])
        cluster.index.upsert(.endpointSlice(slice))
        let name = "\(key.name).\(label).svc.\(label).cluster.local"
        #expect(cluster.ask("\(name) SRV") == "SRV 50 80 \(hosts[0]).\(name). + \(hosts[0]).\(name). A 10.0.0.1")
        #expect(cluster.ask("\(hosts[0]).\(name) A") == "A 10.0.0.1")
    }
}
