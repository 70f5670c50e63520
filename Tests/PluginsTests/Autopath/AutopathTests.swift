import DNSMessage
import PluginKit
@testable import Plugins
import Telemetry
import TestSupport
import Testing

private let manifests = """
    apiVersion: v1
    kind: Namespace
    metadata: {name: prod}
    ---
    apiVersion: v1
    kind: Namespace
    metadata: {name: db}
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: web, namespace: prod}
    spec: {type: ClusterIP, clusterIP: 10.96.0.20, clusterIPs: [10.96.0.20], ports: [{port: 80}]}
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: mysql, namespace: db}
    spec: {type: ClusterIP, clusterIP: 10.96.0.30, clusterIPs: [10.96.0.30], ports: [{port: 80}]}

    """

/// What the cluster does not know: www.example.com has both families, only4.example.com one.
private func upstream() -> ScriptedAnswer {
    ScriptedAnswer { name, type in
        typealias Answer = ScriptedAnswer.Answer
        switch (name.lowercased(), type) {
        case ("www.example.com.", .a), ("only4.example.com.", .a), ("www.example.com.b.test.", .a):
            return Answer(answer: ["\(name) 300 IN A 192.0.2.10", "\(name) 300 IN A 192.0.2.11"])
        case ("www.example.com.", .aaaa): return Answer(answer: ["\(name) 300 IN AAAA 2001:db8::10"])
        case ("www.example.com.", _), ("only4.example.com.", _):
            return Answer(authority: ["example.com. 60 IN SOA a. b. 1 2 3 4 60"])
        case ("broken.example.com.", _): return Answer(code: .servFail)
        default: return Answer(authority: [". 60 IN SOA a.root. b.root. 1 2 3 4 60"], code: .nxDomain)
        }
    }
}

/// A block that was started, and its metrics.
private final class Block {
    let block: TestBlock
    private let metrics = MetricsRegistry(workers: 1)
    private let parts: [any AnyObject & Sendable]

    init(_ lines: String, _ upstream: ScriptedAnswer?) throws {
        block = try TestBlock(lines, answering: upstream, metrics: metrics)
        parts = block.parts
        let sites = [Site(server: "dns://:53", zone: ".", block: 0)]
        let context = StartContext(workerCount: 1, sites: sites, pluginNames: [], readiness: [])
        for part in parts { try (part as? any Starting)?.start(context) }
    }

    deinit { for part in parts { (part as? any Stopping)?.stop() } }

    var successes: String {
        String(decoding: metrics.exposition(), as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix("coredns_autopath_success_total{") }.map { String($0.split(separator: " ")[1]) }
            ?? "0"
    }
}

@Suite("autopath")
struct AutopathTests {
    private let file: TemporaryFile
    private var lines: String {
        "autopath cluster.local @kubernetes\nkubernetes cluster.local {\nmanifests \(file.path)\n}"
    }

    init() throws { file = try TemporaryFile(manifests) }

    @Test(
        "walks the path of pods, as recorded from CoreDNS",
        arguments: [
            ("web.prod.svc.cluster.local", .a, "NOERROR aa,rd", ["web.prod.svc.cluster.local. 5 IN A 10.96.0.20"]),
            (
                "www.example.com.prod.svc.cluster.local", .a, "NOERROR rd,ra",
                [
                    "www.example.com.prod.svc.cluster.local. 300 IN CNAME www.example.com.",
                    "www.example.com. 300 IN A 192.0.2.10", "www.example.com. 300 IN A 192.0.2.11",
                ]
            ),
            (
                "www.example.com.db.svc.cluster.local", .aaaa, "NOERROR rd,ra",
                [
                    "www.example.com.db.svc.cluster.local. 300 IN CNAME www.example.com.",
                    "www.example.com. 300 IN AAAA 2001:db8::10",
                ]
            ),
            (
                "WWW.Example.com.prod.svc.cluster.local", .aaaa, "NOERROR rd,ra",
                [
                    "WWW.Example.com.prod.svc.cluster.local. 300 IN CNAME WWW.Example.com.",
                    "WWW.Example.com. 300 IN AAAA 2001:db8::10",
                ]
            ),
            (
                "mysql.db.prod.svc.cluster.local", .a, "NOERROR aa,rd",
                [
                    "mysql.db.prod.svc.cluster.local. 5 IN CNAME mysql.db.svc.cluster.local.",
                    "mysql.db.svc.cluster.local. 5 IN A 10.96.0.30",
                ]
            ),
            ("only4.example.com.prod.svc.cluster.local", .aaaa, "NOERROR rd,ra", []),
            ("nope.prod.svc.cluster.local", .a, "NXDOMAIN aa,rd", []),
            ("nope.example.com.prod.svc.cluster.local", .aaaa, "NXDOMAIN aa,rd", []),
            ("www.example.com.svc.cluster.local", .a, "NXDOMAIN aa,rd", []),
            ("www.example.com.cluster.local", .a, "NXDOMAIN aa,rd", []),
            ("prod.svc.cluster.local", .a, "NOERROR aa,rd", []),
            ("broken.example.com.prod.svc.cluster.local", .a, "SERVFAIL rd,ra", []),
            (
                "www.example.com", .a, "NOERROR rd,ra",
                ["www.example.com. 300 IN A 192.0.2.10", "www.example.com. 300 IN A 192.0.2.11"]
            ),
        ] as [(Name, RecordType, String, [String])])
    func pods(name: Name, type: RecordType, header: String, answer: [String]) throws {
        let block = try Block(lines, upstream())
        let reply = try block.block.ask(TestQuery(name, type, edns: nil))
        #expect("\(reply.responseCode) \(reply.flags)" == header)
        #expect(reply.answer == answer)
        #expect("\(reply.message.questions[0].name)" == "\(name)" && reply.message.questions[0].type == type)
        let denial = reply.authority.first ?? "none"
        if reply.responseCode == "NXDOMAIN" {
            #expect(denial.hasPrefix("cluster.local. 5 IN SOA ns.dns.cluster.local."))
        }
    }

    @Test("tries the namespace, the cluster and the name itself, and stops at what exists")
    func order() throws {
        let upstream = upstream()
        let block = try Block(lines, upstream)
        _ = try block.block.ask(TestQuery("only4.example.com.prod.svc.cluster.local", .aaaa, edns: nil))
        // Names of the cluster do not come this far; between them and the last stand the domains of this machine.
        #expect(upstream.asked.last == "only4.example.com. IN AAAA")
        #expect(!upstream.asked.contains { $0.contains("cluster.local") })
    }

    @Test("counts what it finds, at the first place too")
    func counts() throws {
        let block = try Block(lines, upstream())
        for name in [
            "web.prod.svc.cluster.local", "mysql.db.prod.svc.cluster.local", "nope.prod.svc.cluster.local",
            "broken.example.com.prod.svc.cluster.local", "www.example.com",
        ] as [Name] {
            _ = try block.block.ask(TestQuery(name, .a))
        }
        #expect(block.successes == "2")
    }

    @Test("where no plugin has the rest of the path, names of the cluster are denied all the same")
    func alone() throws {
        let block = try Block(lines, nil)
        let reply = try block.block.ask(TestQuery("www.example.com.prod.svc.cluster.local", .a, edns: nil))
        #expect("\(reply.responseCode) \(reply.flags)" == "NXDOMAIN aa,rd" && reply.authority.count == 1)
    }

    @Test("what a search found and what it did not go through dns64 and rewrite above it")
    func stacked() throws {
        let block = try Block(
            "dns64 {\nallow_ipv4\n}\nrewrite name suffix .pods .prod.svc.cluster.local answer auto\n" + lines,
            upstream())
        let reply = try block.block.ask(TestQuery("only4.example.com.pods", .aaaa, edns: nil))
        #expect(
            reply.answer == [
                "only4.example.com.pods. 300 IN CNAME only4.example.com.",
                "only4.example.com. 60 IN AAAA 64:ff9b::c000:20a", "only4.example.com. 60 IN AAAA 64:ff9b::c000:20b",
            ])
    }

    @Test("walks the path of a file, and that of the file that takes its place")
    func files() throws {
        let conf = try TemporaryFile("# own\nsearch a.test b.test\noptions ndots:5\n", extension: "conf")
        let upstream = upstream()
        let block = try Block("autopath \(conf.path)", upstream)
        let reply = try block.block.ask(TestQuery("www.example.com.a.test", .a, edns: nil))
        #expect(reply.answer.first == "www.example.com.a.test. 300 IN CNAME www.example.com.b.test.")
        #expect(upstream.asked == ["www.example.com.a.test. IN A", "www.example.com.b.test. IN A"])
        var file = SearchFile(conf.path)
        guard case .domains(["a.test", "b.test"]) = file.look() else { Issue.record("the first file"); return }
        try conf.write("domain c.test\nsearch d.test . e..test\n")
        guard case .domains(["d.test"]) = file.look() else { Issue.record("the second file"); return }
        guard case .unchanged = file.look() else { Issue.record("the same file"); return }
    }

    @Test(
        "tells what is wrong",
        arguments: [
            ("autopath", ["2:1 error: no resolv-conf specified"]),
            ("autopath @nosuch", ["2:10 error: no plugin '@nosuch' knows search paths"]),
            ("autopath @kubernetes", ["2:10 error: '@kubernetes' needs 'kubernetes' in the same server block"]),
            ("autopath /nowhere/resolv.conf", ["2:10 error: failed to read '/nowhere/resolv.conf': it does not exist"]),
        ] as [(String, [String])])
    func mistakes(line: String, expected: [String]) {
        #expect(TestBlock.mistakes(line + "\nwhoami") == expected)
    }
}
