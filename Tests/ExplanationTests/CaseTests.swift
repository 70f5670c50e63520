import ClusterIndex
import DNSMessage
import Explanation
import FoundationEssentials
import Ldns
import Testing

/// The files of `Cases`: a cluster as manifests, then questions (`> explain web.shop --namespace default`), each with
/// the text that is told. `EXPLAIN_CASES=write` writes the texts as they are now; read the difference.
@Suite("Explanations")
struct CaseTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Cases")

    static var names: [String] {
        let found = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        return (found ?? []).filter { $0.hasSuffix(".txt") }.sorted()
    }

    @Test("read as they are written down", arguments: names)
    func told(_ name: String) throws {
        let file = Self.folder.appending(path: name)
        var text = try String(contentsOf: file, encoding: .utf8)
        let caseFile = try CaseFile(text)
        var told = caseFile.head
        for question in caseFile.questions {
            let got = try caseFile.answer(question)
            #expect(got == question.expected, "\(name): > \(question.line)")
            told += "> \(question.line)\n\(got)"
        }
        if ProcessInfo.processInfo.environment["EXPLAIN_CASES"] == "write" {
            text = told
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
    }

    @Test("there are many of")
    func count() { #expect(Self.names.count >= 10) }

    @Test("tell every finding that there is")
    func codes() throws {
        var seen: Set<Finding.Code> = []
        for name in Self.names {
            let text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
            let caseFile = try CaseFile(text)
            for question in caseFile.questions {
                let explanation = try caseFile.explanation(question)
                seen.formUnion((explanation.findings + explanation.candidates.flatMap(\.findings)).map(\.code))
            }
        }
        // Told only where a server is asked: CheckingTests.
        let missing = Set(Finding.Code.allCases).subtracting(seen).subtracting([.answeredOtherwise, .notSynced])
        #expect(missing.isEmpty, "\(missing.map(\.rawValue).sorted())")
    }
}

/// A file of cases.
struct CaseFile {
    struct Question {
        var line: String
        var expected: String
    }

    /// Everything before the first question, as it stands there.
    let head: String
    let questions: [Question]
    private let cluster: ExplainedCluster

    init(_ text: String) throws {
        let parts = ("\n" + text).components(separatedBy: "\n> ")
        head = String(parts[0].dropFirst()) + "\n"
        questions = parts.dropFirst().map { part in
            let lines = part.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            var expected = lines.count > 1 ? String(lines[1]) : ""
            if !expected.hasSuffix("\n"), !expected.isEmpty { expected += "\n" }
            return Question(line: String(lines[0]), expected: expected)
        }
        var sections: [String: String] = [:]
        for section in ("\n" + head).components(separatedBy: "\n=== ").dropFirst() {
            let lines = section.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            sections[String(lines[0])] = String(lines.last ?? "")
        }
        let file = FileManager.default.temporaryDirectory.appending(path: "explain-\(UUID().uuidString).yaml")
        try (sections["cluster"] ?? "").write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        var cluster = try ExplainedCluster(
            manifests: [file.path], corefile: sections["corefile"] ?? Self.standardCorefile)
        let upstream = ScriptedNames(sections["upstream"] ?? "")
        cluster.ask = { name, type, servers in upstream.reply(name, type, servers) }
        self.cluster = cluster
    }

    private static let standardCorefile = """
        .:53 {
            kubernetes cluster.local in-addr.arpa ip6.arpa {
                pods insecure
                fallthrough in-addr.arpa ip6.arpa
                ttl 30
            }
            forward . 192.0.2.53
        }
        """

    func answer(_ question: Question) throws -> String { try explanation(question).text }

    func explanation(_ question: Question) throws -> NameExplanation {
        var words = question.line.split(separator: " ").map(String.init)
        try #require(words.removeFirst() == "explain")
        let name = words.removeFirst()
        var asker = Asker(namespace: "default", domain: cluster.domain)
        var types: [RecordType] = []
        var isServed = false
        while !words.isEmpty {
            let option = words.removeFirst()
            switch option {
            case "--namespace": asker = Asker(namespace: words.removeFirst(), domain: cluster.domain)
            case "--type": types.append(try #require(RecordType(words.removeFirst())))
            case "--server": isServed = true
            case "--client": asker.address = IPAddress(words.removeFirst())
            case "--pod":
                let key = words.removeFirst()
                let pod = try #require(cluster.pods.first { "\($0.key)" == key })
                asker = Asker(pod, domain: cluster.domain, clusterServers: ["10.96.0.10"].compactMap { IPAddress($0) })
            default: Issue.record("no option: \(option)")
            }
        }
        return cluster.explain(name, types, asker: asker, isServed: isServed)
    }
}

/// What upstreams say, a line each: `www.example.com. A NOERROR 192.0.2.80`, `slow.example. silence`. Everything else
/// is NXDOMAIN.
struct ScriptedNames: Sendable {
    private let lines: [[String]]

    init(_ text: String) {
        lines = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    }

    func reply(_ name: Name, _ type: RecordType, _ servers: [String]) -> Explainer.UpstreamReply {
        let server = servers.first ?? "?"
        for line in lines where line.count > 1 && line[0] == name.description {
            switch line[1] {
            case "silence": return .silence([Exchange(server: server, result: "timed out", milliseconds: 2000)])
            case "unasked": return .notAsked("nobody asked")
            case "\(type)":
                let records = line.dropFirst(3).compactMap {
                    try? Record(presentation: "\(name) 60 IN \(type) \($0)")
                }
                let code = ResponseCode(line[2]) ?? .servFail
                return .reply(
                    code, records: records, [Exchange(server: server, result: "\(code)", milliseconds: 3)])
            default: continue
            }
        }
        let isKnown = lines.contains { $0.first == name.description }
        let code: ResponseCode = isKnown ? .noError : .nxDomain
        return .reply(code, records: [], [Exchange(server: server, result: "\(code)", milliseconds: 3)])
    }
}
