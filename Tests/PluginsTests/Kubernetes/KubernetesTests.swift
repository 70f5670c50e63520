import DNSMessage
import PluginKit
import Telemetry
import TestSupport
import Testing

@testable import Plugins

@Suite("kubernetes")
struct KubernetesTests {
    static let manifests = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop, labels: {team: web}}
        ---
        apiVersion: v1
        kind: Namespace
        metadata: {name: back}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: shop}
        spec: {clusterIP: 10.96.1.1, clusterIPs: [10.96.1.1], ports: [{name: http, port: 80, protocol: TCP}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: idle, namespace: back}
        spec: {clusterIP: None, clusterIPs: [None], ports: [{name: db, port: 5432}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: outside, namespace: shop}
        spec: {type: ExternalName, externalName: www.example.org}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: nowhere, namespace: shop}
        spec: {type: ExternalName, externalName: www.nowhere.test}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: gone, namespace: shop}
        spec: {type: ExternalName, externalName: gone.example.org}
        """

    /// A server with these manifests; `options` go into the block of `kubernetes`.
    static func server(_ options: String = "", behind: String = "") throws -> (TestServer, TemporaryFile) {
        let file = try TemporaryFile(manifests)
        var setting = TestServer.Setting()
        setting.kinds = Registry.kinds + [Fixture.self]
        let corefile = """
            .:{$PORT} {
                kubernetes cluster.local 10.96.0.0/16 {
                    manifests \(file.path)
                    ttl 30
            \(options)
                }
            \(behind)
            }
            example.org:{$PORT} {
                fixture {
                    record www.example.org. 60 IN A 192.0.2.1
                    record example.org. 60 IN SOA ns.example.org. admin.example.org. 1 2 3 4 5
                }
            }
            """
        return (try TestServer(corefile, setting), file)
    }

    @Test(
        "answers with authority, denies with the SOA and says why to clients with EDNS",
        arguments: [
            ("web.shop.svc.cluster.local. A", "NOERROR qr,aa,rd", nil),
            ("web.shop.svc.cluster.local. AAAA", "NOERROR qr,aa,rd", nil),
            ("web2.shop.svc.cluster.local. A +edns", "NXDOMAIN qr,aa,rd", "no such service in the namespace"),
            ("web.shopp.svc.cluster.local. A +edns", "NXDOMAIN qr,aa,rd", "no such namespace"),
            ("idle.back.svc.cluster.local. A +edns", "NXDOMAIN qr,aa,rd", "the service has no ready endpoint"),
            ("_https._tcp.web.shop.svc.cluster.local. SRV +edns", "NXDOMAIN qr,aa,rd", "the service has no such port"),
            ("1-2-3-4.shop.pod.cluster.local. A +edns", "NXDOMAIN qr,aa,rd", "names of pods are not answered here"),
            ("9.9.96.10.in-addr.arpa. PTR +edns", "NXDOMAIN qr,aa,rd", "no service or ready endpoint has the address"),
            ("1.1.96.10.in-addr.arpa. PTR +edns", "NOERROR qr,aa,rd", nil),
            ("cluster.local. AXFR", "REFUSED qr,rd", nil),
            ("web.shop.svc.cluster.local. A CH", "REFUSED qr,rd", nil),
        ] as [(QueryText, String, String?)])
    func outcomes(query: QueryText, header: String, reason: String?) throws {
        let (server, file) = try KubernetesTests.server()
        let reply = try server.ask(query)
        withExtendedLifetime(file) {}
        #expect(reply.header == header)
        if let reason { #expect(reply.edns == "size=1232 ede=0:\"\(reason)\"") }
        let isDenial = header.hasPrefix("NXDOMAIN") || header.hasPrefix("NOERROR") && reply.answer.isEmpty
        #expect(reply.authority.isEmpty != isDenial)
    }

    @Test("an external name is resolved by the block that has it, and stands alone where none has")
    func aliases() throws {
        let (server, file) = try KubernetesTests.server()
        let known = try server.ask("outside.shop.svc.cluster.local. A")
        #expect(known.header == "NOERROR qr,aa,rd")
        #expect(
            known.answer == [
                "outside.shop.svc.cluster.local. 30 IN CNAME www.example.org.", "www.example.org. 60 IN A 192.0.2.1",
            ])
        let unknown = try server.ask("gone.shop.svc.cluster.local. A")
        #expect(unknown.header == "NXDOMAIN qr,aa,rd")
        #expect(unknown.answer == ["gone.shop.svc.cluster.local. 30 IN CNAME gone.example.org."])
        #expect(unknown.authority.count == 1)
        let nobody = try server.ask("nowhere.shop.svc.cluster.local. A")
        #expect(nobody.header == "NOERROR qr,aa,rd")
        #expect(nobody.answer == ["nowhere.shop.svc.cluster.local. 30 IN CNAME www.nowhere.test."])
        withExtendedLifetime(file) {}
    }

    @Test(
        "only names that do not exist fall through, and only in the zones given",
        arguments: [
            ("extra.shop.svc.cluster.local. A", "NOERROR", "192.0.2.9"),
            ("web.shop.svc.cluster.local. AAAA", "NOERROR", nil),
            ("extra.back.svc.cluster.local. A", "NXDOMAIN", nil),
        ] as [(QueryText, String, String?)])
    func fallthroughZones(query: QueryText, code: String, address: String?) throws {
        let (server, file) = try KubernetesTests.server(
            "fallthrough shop.svc.cluster.local",
            behind: """
                fixture {
                    record extra.shop.svc.cluster.local. 60 IN A 192.0.2.9
                    record extra.back.svc.cluster.local. 60 IN A 192.0.2.9
                }
                """)
        let reply = try server.ask(query)
        withExtendedLifetime(file) {}
        #expect(reply.code.description == code)
        #expect(reply.message.answer.first?.data == address.flatMap { IPAddress($0) }.map { .a($0) })
    }

    @Test("names that do not exist are counted by why")
    func countsNameErrors() throws {
        let (server, file) = try KubernetesTests.server("fallthrough fall.svc.cluster.local")
        for name in ["x.shop.svc", "x.nope.svc", "y.nope.svc", "idle.back.svc", "com", "x.fall.svc"] {
            _ = try server.ask(QueryText("\(name).cluster.local. A"))
        }
        let metrics = String(decoding: server.metrics.exposition(), as: UTF8.self)
        let counted = metrics.split(separator: "\n").filter { $0.hasPrefix("clusterdns_kubernetes_nxdomain_total{") }
        #expect(
            counted == [
                "clusterdns_kubernetes_nxdomain_total{reason=\"bad_name\"} 1",
                "clusterdns_kubernetes_nxdomain_total{reason=\"no_ready_endpoint\"} 1",
                "clusterdns_kubernetes_nxdomain_total{reason=\"no_such_namespace\"} 2",
                "clusterdns_kubernetes_nxdomain_total{reason=\"no_such_service\"} 1",
            ])
        withExtendedLifetime(file) {}
    }

    @Test("the TTL of denials is that of answers unless it is set apart")
    func negativeTTL() throws {
        for (option, ttl) in [("", 30), ("negative_ttl 2", 2)] as [(String, UInt32)] {
            let (server, file) = try KubernetesTests.server(option)
            let denial = try server.ask("nope.shop.svc.cluster.local. A")
            #expect(denial.message.authority.first?.ttl == ttl)
            #expect(try server.ask("web.shop.svc.cluster.local. A").message.answer.first?.ttl == 30)
            withExtendedLifetime(file) {}
        }
    }

    @Test(
        "answers for the namespaces that are named or labelled only",
        arguments: ["namespaces shop", "namespace_labels team=web"])
    func namespaces(option: String) throws {
        let (server, file) = try KubernetesTests.server(option)
        #expect(try server.ask("web.shop.svc.cluster.local. A").code == .noError)
        #expect(try server.ask("shop.svc.cluster.local. A").code == .noError)
        #expect(try server.ask("back.svc.cluster.local. A").code == .nxDomain)
        withExtendedLifetime(file) {}
    }

    @Test("a change of the manifests is answered at once, and moves the serial")
    func change() throws {
        let (server, file) = try KubernetesTests.server()
        #expect(
            try server.ask("web.shop.svc.cluster.local. A").answer == ["web.shop.svc.cluster.local. 30 IN A 10.96.1.1"])
        try file.write(KubernetesTests.manifests.replacing("10.96.1.1", with: "10.96.1.2"))
        var answer: [String] = []
        let deadline = ContinuousClock.now + .seconds(20)
        while answer != ["web.shop.svc.cluster.local. 30 IN A 10.96.1.2"], ContinuousClock.now < deadline {
            answer = try server.ask("web.shop.svc.cluster.local. A").answer
        }
        #expect(answer == ["web.shop.svc.cluster.local. 30 IN A 10.96.1.2"])
        #expect(try server.ask("1.1.96.10.in-addr.arpa. PTR").code == .nxDomain)
        guard case .soa(let soa) = try server.ask("cluster.local. SOA").message.answer.first?.data else {
            Issue.record("no SOA at the apex")
            return
        }
        #expect(soa.serial > 1_700_000_000)
    }
}

/// `kubernetes` without anything that feeds it.
private enum UnfedKind: PluginKind {
    static let name = "kubernetes"

    static func setUp(_ setup: inout Setup) {
        let reader = KubernetesOptionReader(setup.onlyDirective(), &setup)
        let cluster = LiveCluster(reader.options.index, workers: setup.metrics.workers)
        setup.link(Kubernetes(reader.options, cluster, setup))
    }
}

@Suite("kubernetes before the first objects")
struct UnsyncedKubernetesTests {
    @Test(
        "what is not known yet is SERVFAIL with Not Ready, reverse names too, and nothing falls through",
        arguments: [
            ("web.shop.svc.cluster.local. A +edns", "SERVFAIL qr,rd"),
            ("1.1.96.10.in-addr.arpa. PTR +edns", "SERVFAIL qr,rd"),
            ("cluster.local. SOA +edns", "NOERROR qr,aa,rd"),
            ("dns-version.cluster.local. TXT +edns", "NOERROR qr,aa,rd"),
        ] as [(QueryText, String)])
    func unsynced(query: QueryText, header: String) throws {
        var setting = TestServer.Setting()
        setting.kinds = [UnfedKind.self, Fixture.self]
        let server = try TestServer(
            """
            .:{$PORT} {
                kubernetes cluster.local in-addr.arpa {
                    manifests unread
                    fallthrough
                }
                fixture {
                    record web.shop.svc.cluster.local. 60 IN A 192.0.2.9
                }
            }
            """, setting)
        let reply = try server.ask(query)
        #expect(reply.header == header)
        guard header.hasPrefix("SERVFAIL") else { return }
        #expect(reply.authority.isEmpty)
        #expect(reply.edns == "size=1232 ede=14:\"the objects of the cluster have not arrived yet\"")
    }
}
