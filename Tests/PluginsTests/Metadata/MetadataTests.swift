import DNSMessage
import PluginKit
import Telemetry
import TestSupport
import Testing

@testable import Plugins

/// Remembers something of a query on its way, and knows something of its name.
private final class Provider: QueryHandling, MetadataProviding {
    private final class Note {
        let text: String
        init(_ text: String) { self.text = text }
    }

    let metadataScope = "test"
    let isZonelessMetadata: Bool

    init(isZoneless: Bool) { isZonelessMetadata = isZoneless }

    func onQuery(_ query: inout Query) -> Verdict {
        query.remember(Note("seen"))
        return .next
    }

    func metadata(_ name: String, of query: inout Query) -> String? {
        name == "note" ? (query.note as? Note)?.text : nil
    }
}

@Suite("metadata")
struct MetadataTests {
    private static let kubernetes = """
        kubernetes cluster.local set.local {
            manifests \(KubernetesFile.path)
            multicluster set.local
            zonal
        }
        """

    @Test(
        "tells what the name of a query says, whether it exists or not",
        arguments: [
            ("web.shop.svc.cluster.local", "svc/shop/web////-/"),
            ("mysql-0.mysql.db.svc.cluster.local", "svc/db/mysql/mysql-0///-/"),
            ("_http._TCP.web.shop.svc.cluster.local", "svc/shop/web//http/tcp/-/"),
            ("10-244-1-1.prod.pod.cluster.local", "pod/prod/10-244-1-1////-/"),
            ("svc.cluster.local", "//////-/"), ("cluster.local", "//////-/"),
            ("shop.svc.cluster.local", "svc/shop/////-/"),
            ("west.pin._zone.web.shop.svc.cluster.local", "svc/shop/web////-/west"),
            ("a.c1.web.shop.svc.set.local", "svc/shop/web/a///c1/"),
            ("www.example.com.cluster.local", "-/-/-/-/-/-/-/-"), ("www.example.com", "-/-/-/-/-/-/-/-"),
        ] as [(Name, String)])
    func kubernetes(name: Name, expected: String) throws {
        let labels = ["kind", "namespace", "service", "endpoint", "port-name", "protocol", "cluster", "zone"]
        let format = labels.map { "{/kubernetes/\($0)}" }.joined(separator: "/")
        let block = try RunningBlock("metadata\nlog . \"\(format)\"\n\(Self.kubernetes)", answering: CannedAnswer())
        block.ask(TestQuery(name, .a))
        #expect(block.finish().filter { $0.hasPrefix("[INFO] ") && $0.contains("/") }.last == "[INFO] \(expected)")
    }

    @Test("tells that a name has no form of the cluster")
    func parseError() throws {
        let block = try RunningBlock(
            "metadata\nlog . \"{/kubernetes/parse-error}\"\n\(Self.kubernetes)", answering: CannedAnswer())
        block.ask(TestQuery("www.example.com.cluster.local", .a))
        block.ask(TestQuery("web.shop.svc.cluster.local", .a))
        #expect(block.finish().suffix(2) == ["[INFO] invalid query name", "[INFO] -"])
    }

    @Test(
        "is for the names of its zones, but for what happened on the way",
        arguments: [
            ("metadata", true, "seen"), ("metadata", false, "seen"), ("metadata other.test", false, "-"),
            ("metadata other.test", true, "seen"), ("", true, "-"),
        ])
    func zones(line: String, isZoneless: Bool, expected: String) throws {
        let provider = Provider(isZoneless: isZoneless)
        let source = MetadataSource(zones: ZoneSet(line.contains("other") ? ["other.test"] : ["."]))
        let log = LogLines()
        let lines = QueryLog(workers: 1, sink: log.sink)
        let rule = LogRule(zone: .root, classes: .all, format: LogFormat("{/test/note} {/test/x} {/bad}"))
        let plugins: [any Plugin] =
            [LogPlugin([rule], lines, isSizeLimited: false), provider, CannedAnswer()]
            + (line.isEmpty ? [] : [MetadataPlugin(source)])
        // The plugin `metadata` stands in front, as in the registry.
        let links = (plugins.suffix(line.isEmpty ? 0 : 1) + plugins.prefix(3)).map { Chain.Link($0, position: 0) }
        source.adopt(links: links, parts: [])
        var scratch = NameScratch()
        let question = QuestionView(name: scratch.read("www.example.org"), type: .a, class: .internet)
        var query = Query(worker: WorkerSlot(0), question: question)
        query.response.begin(question, request: query.request)
        _ = Chain(links).run(&query)
        lines[WorkerSlot(0)].flush()
        log.sink.flush(withinMilliseconds: 60_000)
        #expect(log.take() == ["[INFO] \(expected) - -"])
    }

    @Test(
        "reads labels",
        arguments: [("a/b", "a/b"), ("a/b/c", "a/b/c"), ("a", nil), ("/a", nil), ("a/", nil), ("", nil)])
    func labels(text: String, expected: String?) {
        #expect(MetadataLabel(text)?.description == expected)
    }

    @Test("reports a block, and a zone that is none")
    func mistakes() {
        #expect(
            TestBlock.mistakes("metadata {\n}\nmetadata") == [
                "2:1 error: 'metadata' takes no block in braces",
                "4:1 error: 'metadata' can only be used once per server block",
            ])
    }
}

/// The manifests of the tests of `kubernetes`, in a file that lasts as long as the process.
private enum KubernetesFile {
    static let path: String = file?.path ?? ""
    // Written once; a class that is not Sendable, of which only a constant is read.
    private nonisolated(unsafe) static let file = try? TemporaryFile(KubernetesTests.manifests)
}
