import ClusterDirectory
import ClusterIndex
import DNSMessage
import DNSResolver
import TestSupport
import Testing

@Suite("The recorded cluster, looked up in the process")
struct GoldenTests {
    /// Answered from the addresses of a server, which a directory has not.
    private static func isAboutServer(_ entry: GoldenFiles.Entry) -> Bool {
        let name = entry.name.lowercased()
        return name == "ns.dns.cluster.local." || (name == "cluster.local." && entry.type == "NS")
            || (entry.type == "NS" && ["in-addr.arpa.", "ip6.arpa."].contains(name))
    }

    @Test(
        "gives every recorded question the records that CoreDNS gave, but for the listed deviations",
        arguments: GoldenFiles.Recording.allCases)
    func recorded(_ recording: GoldenFiles.Recording) async throws {
        var options = DirectoryOptions()
        options.index.pods = recording == .insecure ? .insecure : .verified
        options.ttl = recording == .insecure ? 30 : 5
        let directory = try await ClusterDirectory(
            .manifests("\(GoldenFiles.folder)/cluster.json"), options: options, timeout: .seconds(60))
        let deviations = try GoldenFiles.deviations()
        var failures: [String] = []
        var count = 0
        for entry in try GoldenFiles.entries(recording)
        where !entry.ways.contains(where: { $0.hasPrefix("class=") }) && !Self.isAboutServer(entry) {
            let recorded = GoldenAnswer(entry, outcome: entry.outcome, ttl: options.ttl, recorded: nil)
            let listed = deviations.first { $0.concerns(entry, recording) }
            let wanted = listed.map {
                GoldenAnswer(entry, outcome: $0.outcome, ttl: options.ttl, recorded: recorded)
            }
            count += 1
            let mistakes = try await Self.mistakes(directory, entry, wanted ?? recorded)
            if !mistakes.isEmpty { failures.append("\(entry.key)\n  want \(wanted ?? recorded)\n  \(mistakes)") }
        }
        #expect(failures.isEmpty, "\(failures.count): \(failures.prefix(12).joined(separator: "\n"))")
        #expect(count > 8_900)
    }

    /// What a look-up finds that is not what was recorded.
    private static func mistakes(
        _ directory: ClusterDirectory, _ entry: GoldenFiles.Entry, _ wanted: GoldenAnswer
    ) async throws -> [String] {
        // What was cut to the size of a packet does not tell what there is.
        if wanted.flags.contains("tc") { return [] }
        let type = try #require(RecordType(entry.type))
        let answer = try #require(directory.answer(to: try Name(entry.name), type))
        var mistakes: [String] = []
        if answer.responseCode.description != wanted.responseCode { mistakes.append("code \(answer.responseCode)") }
        let lines = wanted.sections[0].filter { $0.split(separator: " ")[2] == Substring(entry.type) }
        let leadsOut = answer.outsideTarget != nil
        do throws(LookupError) {
            let found = try await directory.records(of: entry.name, type)
            let texts = found.values.map { GoldenAnswer.text($0) }
            if Set(texts) != Set(wanted.sections[0]) { mistakes.append("\(texts)") }
            if found.source != .cluster { mistakes.append("\(found.source)") }
        } catch {
            let expected: LookupError.Reason = wanted.responseCode == "NXDOMAIN" ? .nameError : .noData
            switch error.reason {
            // Somebody else would have to be asked.
            case .serverFailure(.refused, _): if !leadsOut && entry.type != "AXFR" { mistakes.append("\(error)") }
            case expected: if !lines.isEmpty { mistakes.append("\(error)") }
            default: mistakes.append("\(error)")
            }
        }
        if let family = ["A": AddressFamilies.v4, "AAAA": .v6][entry.type], !lines.isEmpty {
            let found = try await directory.addresses(of: entry.name, family).values
            let data = lines.compactMap { $0.split(separator: " ").last.map(String.init) }
            if Set(found.map(\.description)) != Set(data) { mistakes.append("addresses \(found)") }
        }
        return mistakes
    }
}
