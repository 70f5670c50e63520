import ClusterIndex
import Corefile
import DNSMessage
import Explanation
import Manifests
import PluginKit
import Plugins
import TestSupport
import Testing

@Suite("The recorded cluster, explained")
struct GoldenTests {
    private static let corefiles: [GoldenFiles.Recording: String] = [
        .insecure: ". {\n kubernetes cluster.local in-addr.arpa ip6.arpa {\n pods insecure\n ttl 30\n }\n}",
        .verified: ". {\n kubernetes cluster.local in-addr.arpa ip6.arpa {\n pods verified\n }\n}",
    ]

    @Test(
        "gets for every recorded question what CoreDNS answered, but for the listed deviations",
        arguments: GoldenFiles.Recording.allCases)
    func recorded(_ recording: GoldenFiles.Recording) throws {
        let path = "\(GoldenFiles.folder)/cluster.json"
        let cluster = try ExplainedCluster(manifests: [path], corefile: try #require(Self.corefiles[recording]))
        let deviations = try GoldenFiles.deviations()
        let ttl: UInt32 = recording == .insecure ? 30 : 5
        var failures: [String] = []
        var questions = 0
        for entry in try GoldenFiles.entries(recording) where entry.isAboutRecords {
            questions += 1
            let recorded = GoldenAnswer(entry, outcome: entry.outcome, ttl: ttl, recorded: nil)
            let wanted =
                deviations.first { $0.concerns(entry, recording) }.map {
                    GoldenAnswer(entry, outcome: $0.outcome, ttl: ttl, recorded: recorded)
                } ?? recorded
            let type = try #require(RecordType(entry.type))
            let explanation = cluster.explain(entry.name, [type], namespace: "default")
            let answer = try #require(explanation.candidates.first?.answers.first, "\(entry.key)")
            var message = Message(id: 0, flags: HeaderFlags(), questions: [])
            message.answer = answer.records
            let got = GoldenAnswer(message)
            if answer.responseCode?.description != wanted.responseCode
                || !wanted.flags.contains("tc") && got.sections[0] != wanted.sections[0]
                    // The server's own addresses are nobody's business here.
                    && !entry.isAboutTheServer
            {
                failures.append("\(entry.key)\n  want \(wanted)\n  got  \(answer)")
            }
            // Over TCP and the like nothing else is told.
            guard entry.ways.count == 1 else { continue }
            failures += explanation.contradictions.map { "\(entry.key): \($0)" }
        }
        #expect(failures.isEmpty, "\(failures.count): \(failures.prefix(8).joined(separator: "\n"))")
        #expect(questions > 4000)
    }
}

extension GoldenFiles.Entry {
    /// Classes other than IN never reach the index.
    fileprivate var isAboutRecords: Bool { !ways.contains { $0.hasPrefix("class=") } }

    fileprivate var isAboutTheServer: Bool {
        name.lowercased().hasPrefix("ns.dns.")
            || type == "NS" && ["cluster.local.", "in-addr.arpa.", "ip6.arpa."].contains(name.lowercased())
    }
}

extension NameExplanation {
    /// What a reader would wonder at.
    fileprivate var contradictions: [String] {
        var found: [String] = []
        let answers = candidates.flatMap(\.answers)
        if (verdict == .resolves) != answers.contains(where: { $0.outcome == .records }) {
            found.append("\(verdict) with \(answers)")
        }
        if verdict == .doesNotResolve, findings.isEmpty { found.append("no reason given: \(summary)") }
        // A word that is longer than a line stands alone.
        for line in text.split(separator: "\n") where line.count > Self.textWidth {
            if line.trimmingPrefix(#/[0-9]*\.? */#).contains(" ") { found.append("a long line: \(line)") }
        }
        do {
            let again = try NameExplanation(json: Array(json.utf8))
            if again != self { found.append("reads back otherwise: \(again)") }
        } catch {
            found.append("does not read back: \(error)")
        }
        return found
    }
}
