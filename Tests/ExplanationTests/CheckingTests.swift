import ClusterIndex
import DNSMessage
import Explanation
import Foundation
import Testing
import YAML

@Suite("An explanation, held against a server")
struct CheckingTests {
    private static let corefile = """
        . {
            hosts /nowhere/hosts {
                fallthrough
            }
            kubernetes cluster.local
            forward . 192.0.2.53
        }
        """

    private func explanation(_ name: String, _ objects: [ClusterObject] = Self.objects) throws -> NameExplanation {
        try ExplainedCluster(objects: objects, corefile: Self.corefile).explain(name, [.a], namespace: "default")
    }

    private static let objects: [ClusterObject] = [
        .namespace(Namespace(name: "default")),
        .service(Service(key: ObjectKey(namespace: "default", name: "web"), clusterIPs: ["10.96.0.7"])),
    ]

    private func replies(_ known: [String: [RecordData]]) -> (Name, RecordType) -> Explainer.UpstreamReply {
        { name, _ in
            let data = known[name.description]
            return .reply(
                data == nil ? .nxDomain : .noError, records: (data ?? []).map { Record(name, ttl: 9, $0) },
                [Exchange(server: "s", result: data == nil ? "NXDOMAIN" : "NOERROR", milliseconds: 1)])
        }
    }

    @Test("is not doubted any more where the server says the same")
    func agrees() throws {
        var explanation = try explanation("web")
        #expect(explanation.findings.contains { $0.code == .dependsOnFile })
        explanation.check(
            server: "s", replies(["web.default.svc.cluster.local.": [.a(try #require(IPAddress("10.96.0.7")))]]))
        #expect(explanation.verdict == .resolves)
        #expect(!explanation.findings.contains { [.dependsOnFile, .answeredOtherwise].contains($0.code) })
        #expect(
            explanation.candidates[0].answers[0].exchanges == [
                Exchange(server: "s", result: "NOERROR", milliseconds: 1)
            ])
    }

    @Test("tells where the server answers otherwise, and goes by that")
    func differs() throws {
        var explanation = try explanation("web")
        explanation.check(server: "s", replies([:]))
        #expect(explanation.verdict == .doesNotResolve)
        #expect(
            explanation.summary
                == "web does not resolve: s answers A of web.default.svc.cluster.local with NXDOMAIN, although by its "
                + "objects it should be 1 record.")
    }

    @Test("gets to know what was forwarded")
    func forwarded() throws {
        var explanation = try explanation("www.example.com.")
        #expect(explanation.verdict == .unknown)
        explanation.check(server: "s", replies(["www.example.com.": [.a(try #require(IPAddress("192.0.2.80")))]]))
        #expect(explanation.verdict == .resolves)
        #expect(explanation.summary == "www.example.com. resolves to 192.0.2.80.")
        #expect(explanation.findings.isEmpty)
    }

    @Test("stays as it is where nobody answers, and says so")
    func silent() throws {
        var explanation = try explanation("web")
        explanation.check(server: "s") { _, _ in
            .silence([Exchange(server: "s", result: "timed out", milliseconds: 2000)])
        }
        #expect(explanation.verdict == .resolves)
        #expect(explanation.notes == ["s was asked as well and did not answer from here (timed out)."])
    }

    @Test("of a server that does not know everything yet is no denial")
    func notSynced() throws {
        let cluster = try ExplainedCluster(objects: Self.objects, corefile: "cluster.local {\n kubernetes\n}")
        let clusters = cluster.served(isSynced: false)
        let asker = Asker(namespace: "default", domain: "cluster.local")
        let explanation = cluster.explain(
            "api.default.svc.cluster.local.", [.a], asker: asker, clusters, isServer: true)
        #expect(explanation.candidates[0].answers[0].responseCode == .servFail)
        #expect(explanation.findings.first?.code == .notSynced)
        let known = cluster.explain("web.default.svc.cluster.local.", [.a], asker: asker, clusters, isServer: true)
        #expect(known.verdict == .resolves)
    }

    @Test("has keys in JSON that programs may rely on")
    func keys() throws {
        var explanation = try explanation("web")
        explanation.notes = ["a \"note\"\nof two lines"]
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(explanation.json.utf8)) as? [String: Any])
        #expect(
            object.keys.sorted() == [
                "asker", "candidates", "findings", "notes", "question", "sources", "summary", "types", "verdict",
            ])
        #expect(object["notes"] as? [String] == explanation.notes)
        #expect(object["verdict"] as? String == "resolves")
        let candidate = try #require((object["candidates"] as? [[String: Any]])?.first)
        #expect(
            candidate.keys.sorted() == ["answers", "findings", "form", "name", "obstacle", "path", "suffix"])
        let answer = try #require((candidate["answers"] as? [[String: Any]])?.first)
        #expect(answer.keys.sorted() == ["exchanges", "outcome", "rcode", "reason", "records", "steps", "type"])
        let record = try #require((answer["records"] as? [[String: Any]])?.first)
        #expect(record["data"] as? String == "10.96.0.7")
        #expect(record["ttl"] as? Int == 5)
        #expect(try NameExplanation(json: Array(explanation.json.utf8)) == explanation)
    }

    @Test(
        "cannot be read from what is none",
        arguments: [
            "", "[]", "{}", "{\"question\":1}", "{\"verdict\":\"perhaps\"}", "{\"verdict\":\"resolves\"}", "{",
            "{\"verdict\":\"resolves\",\"asker\":{\"ndots\":\"x\"}}",
            "{\"verdict\":\"resolves\",\"asker\":{\"ndots\":1},\"candidates\":[{\"name\":\"a..b\"}]}",
            "{\"verdict\":\"resolves\",\"asker\":{\"ndots\":1},\"candidates\":[{\"name\":\"a\",\"answers\":[{"
                + "\"type\":\"A\",\"outcome\":\"records\",\"records\":[{\"name\":\"a\",\"ttl\":1,\"type\":\"A\","
                + "\"data\":\"x\"}]}]}]}",
        ])
    func broken(_ text: String) {
        #expect(throws: YAMLFault.self) { _ = try NameExplanation(json: Array(text.utf8)) }
    }
}
