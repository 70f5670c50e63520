import DNSMessage
import PluginKit
import TestSupport
import Testing

@testable import Plugins

@Suite("k8s_external")
struct ExternalTests {
    static let manifests = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: edge}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: both, namespace: edge}
        spec:
          clusterIP: 10.96.1.1
          clusterIPs: [10.96.1.1]
          externalIPs: [203.0.113.100, 203.0.113.101, "2001:db8:f::100"]
          ports: [{name: http, port: 80, protocol: TCP}, {name: dns, port: 53, protocol: UDP}]
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: balanced, namespace: edge}
        spec: {type: LoadBalancer, clusterIP: 10.96.1.2, clusterIPs: [10.96.1.2], ports: [{port: 80}]}
        status: {loadBalancer: {ingress: [{ip: 203.0.113.100}, {ip: 203.0.113.77}]}}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: named, namespace: edge}
        spec: {type: LoadBalancer, clusterIP: 10.96.1.3, clusterIPs: [10.96.1.3], ports: [{port: 443}]}
        status: {loadBalancer: {ingress: [{hostname: lb.example.org}]}}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: inner, namespace: edge}
        spec: {clusterIP: 10.96.1.4, clusterIPs: [10.96.1.4], ports: [{port: 80}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: db, namespace: edge}
        spec: {clusterIP: None, clusterIPs: [None], ports: [{name: sql, port: 3306, protocol: TCP}]}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: db-1, namespace: edge, labels: {kubernetes.io/service-name: db}}
        addressType: IPv4
        endpoints: [{addresses: [10.244.1.1], hostname: db-0}, {addresses: [10.244.1.2], hostname: db-1}]
        ports: [{name: sql, port: 3306, protocol: TCP}]
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: balanced-1, namespace: edge, labels: {kubernetes.io/service-name: balanced}}
        addressType: IPv4
        endpoints: [{addresses: [10.244.0.2]}]
        ports: [{port: 80, protocol: TCP}]
        """

    static let authority =
        "example.net. 30 IN SOA ns1.dns.example.net. hostmaster.dns.example.net. 0 7200 1800 86400 30"
    static let addresses = [
        "both.edge.example.net. 30 IN A 203.0.113.100", "both.edge.example.net. 30 IN A 203.0.113.101",
    ]

    private static func server(_ options: String = "", _ behind: String = "") throws -> (TestServer, TemporaryFile) {
        let file = try TemporaryFile(manifests)
        var setting = TestServer.Setting()
        setting.kinds = Registry.kinds + [Fixture.self]
        setting.host = .test
        let corefile = """
            example.net:{$PORT} 113.0.203.in-addr.arpa:{$PORT} {
                k8s_external example.net 113.0.203.in-addr.arpa {
                    ttl 30
            \(options)
                }
                kubernetes cluster.local {
                    manifests \(file.path)
                    ttl 7
                }
            \(behind)
            }
            example.org:{$PORT} {
                fixture {
                    record lb.example.org. 60 IN A 192.0.2.1
                }
            }
            """
        return (try TestServer(corefile, setting), file)
    }

    struct Case: CustomTestStringConvertible {
        let query: QueryText
        var code = "NOERROR"
        var answer: [String] = []
        var authority: [String] = []
        var additional: [String] = []
        var testDescription: String { query.description }
    }

    @Test(
        "answers where services are reached from outside",
        arguments: [
            Case(query: "both.edge.example.net. A", answer: addresses),
            Case(
                query: "both.edge.example.net. AAAA",
                answer: ["both.edge.example.net. 30 IN AAAA 2001:db8:f::100"]),
            Case(query: "both.edge.example.net. TXT", authority: [authority]),
            Case(
                query: "both.edge.example.net. SRV",
                answer: [
                    "both.edge.example.net. 7 IN SRV 0 16 80 both.edge.example.net.",
                    "both.edge.example.net. 7 IN SRV 0 16 53 both.edge.example.net.",
                ], additional: addresses + ["both.edge.example.net. 30 IN AAAA 2001:db8:f::100"]),
            Case(
                query: "_http._tcp.both.edge.example.net. SRV",
                answer: ["_http._tcp.both.edge.example.net. 7 IN SRV 0 33 80 both.edge.example.net."],
                additional: addresses + ["both.edge.example.net. 30 IN AAAA 2001:db8:f::100"]),
            Case(query: "_sql._tcp.both.edge.example.net. SRV", code: "NXDOMAIN", authority: [authority]),
            Case(
                query: "named.edge.example.net. A",
                answer: ["named.edge.example.net. 7 IN CNAME lb.example.org.", "lb.example.org. 60 IN A 192.0.2.1"]),
            Case(
                query: "named.edge.example.net. SRV",
                answer: ["named.edge.example.net. 7 IN SRV 0 100 443 lb.example.org."]),
            Case(query: "inner.edge.example.net. A", code: "NXDOMAIN", authority: [authority]),
            Case(query: "db.edge.example.net. A", code: "NXDOMAIN", authority: [authority]),
            Case(query: "edge.example.net. A", authority: [authority]),
            Case(query: "nope.example.net. A", code: "NXDOMAIN", authority: [authority]),
            Case(query: "a.b.c.d.edge.example.net. A", code: "NXDOMAIN", authority: [authority]),
            Case(query: "example.net. SOA", answer: [authority]),
            Case(
                query: "example.net. NS", answer: ["example.net. 30 IN NS ns1.dns.example.net."],
                additional: [
                    "ns1.dns.example.net. 30 IN A 203.0.113.100", "ns1.dns.example.net. 30 IN A 203.0.113.77",
                ]),
            Case(query: "dns.example.net. A", authority: [authority]),
            Case(query: "ns1.dns.example.net. AAAA", authority: [authority]),
            Case(query: "ns2.dns.example.net. A", code: "NXDOMAIN", authority: [authority]),
            Case(
                query: "77.113.0.203.in-addr.arpa. PTR",
                answer: ["77.113.0.203.in-addr.arpa. 30 IN PTR balanced.edge.example.net."]),
            Case(
                query: "100.113.0.203.in-addr.arpa. PTR",
                answer: [
                    "100.113.0.203.in-addr.arpa. 30 IN PTR both.edge.example.net.",
                    "100.113.0.203.in-addr.arpa. 30 IN PTR balanced.edge.example.net.",
                ]),
            Case(query: "example.net. AXFR", code: "REFUSED"),
        ])
    func answers(asked: Case) throws {
        let (server, file) = try Self.server()
        let reply = try server.ask(asked.query)
        withExtendedLifetime(file) {}
        #expect(reply.code.description == asked.code)
        #expect(reply.flags == (asked.code == "REFUSED" ? "qr,rd" : "qr,aa,rd"))
        #expect(reply.answer == asked.answer)
        #expect(reply.authority == asked.authority)
        #expect(reply.additional == asked.additional)
    }

    @Test(
        "answers headless services and their endpoints, if it is told to",
        arguments: [
            (
                "db.edge.example.net. A",
                ["db.edge.example.net. 30 IN A 10.244.1.1", "db.edge.example.net. 30 IN A 10.244.1.2"]
            ),
            ("db-1.db.edge.example.net. A", ["db-1.db.edge.example.net. 30 IN A 10.244.1.2"]),
            (
                "_sql._tcp.db.edge.example.net. SRV",
                [
                    "_sql._tcp.db.edge.example.net. 30 IN SRV 0 50 3306 db-0.db.edge.example.net.",
                    "_sql._tcp.db.edge.example.net. 30 IN SRV 0 50 3306 db-1.db.edge.example.net.",
                ]
            ),
            ("inner.edge.example.net. A", []),
        ] as [(QueryText, [String])])
    func headless(query: QueryText, answer: [String]) throws {
        let (server, file) = try Self.server("headless")
        #expect(try server.ask(query).answer == answer)
        withExtendedLifetime(file) {}
    }

    @Test("passes on what does not exist, where fallthrough says so, and leaves the cluster's own names alone")
    func fallsThrough() throws {
        let (server, file) = try Self.server(
            "fallthrough", "fixture {\nrecord extra.edge.example.net. 60 IN A 192.0.2.9\n}")
        #expect(
            try server.ask("extra.edge.example.net. A").answer == ["extra.edge.example.net. 60 IN A 192.0.2.9"])
        #expect(try server.ask("both.edge.example.net. A").answer == Self.addresses)
        withExtendedLifetime(file) {}
    }

    @Test(
        "says what is wrong with its lines",
        arguments: [
            ("k8s_external", "k8s_external needs 'kubernetes' in the same server block"),
            ("k8s_external {\n ttl 4000\n}\nkubernetes cluster.local {\n manifests x\n}", "ttl must be in range"),
            (
                "k8s_external {\n apex a.b\n}\nkubernetes cluster.local {\n manifests x\n}",
                "'a.b' is not one label of a domain name"
            ),
            (
                "k8s_external {\n nosuch\n}\nkubernetes cluster.local {\n manifests x\n}",
                "unknown property 'nosuch'"
            ),
        ])
    func mistakes(_ lines: String, _ message: String) {
        #expect(TestBlock.mistakes(lines).contains { $0.contains(message) })
    }
}
