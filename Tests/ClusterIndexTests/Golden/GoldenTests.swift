import TestSupport
import Testing

@Suite("The recorded cluster")
struct GoldenTests {
    @Test(
        "answers every recorded question as CoreDNS did, but for the listed deviations",
        arguments: GoldenFiles.Recording.allCases)
    func recorded(_ recording: GoldenFiles.Recording) throws {
        let server = try RecordedServer(recording)
        let deviations = try GoldenFiles.deviations()
        var occurrences: [String: Int] = [:]
        var failures: [String] = []
        // Classes other than IN never reach the index.
        for entry in try GoldenFiles.entries(recording) where !entry.ways.contains(where: { $0.hasPrefix("class=") }) {
            let recorded = GoldenAnswer(entry, outcome: entry.outcome, ttl: server.ttl, recorded: nil)
            let listed = deviations.filter { $0.concerns(entry, recording) }
            let wanted = listed.first.map {
                GoldenAnswer(entry, outcome: $0.outcome, ttl: server.ttl, recorded: recorded)
            }
            let got = try server.answer(entry)
            if let row = listed.first?.row, wanted != recorded { occurrences[row, default: 0] += 1 }
            if !got.satisfies(wanted ?? recorded) || listed.count > 1 {
                failures.append("\(entry.key)\n  want \(wanted ?? recorded)\n  got  \(got)")
            }
        }
        #expect(failures.isEmpty, "\(failures.count): \(failures.prefix(12).joined(separator: "\n"))")
        #expect(Set(occurrences.keys) == ["1", "2", "3", "4", "10"], "\(occurrences)")
    }
}
