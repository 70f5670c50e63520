import ClusterIndex
import DNSMessage
import FoundationEssentials
import Manifests
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

/// The index as the recorded server was set up.
private struct RecordedServer {
    let ttl: UInt32
    private let index: ClusterIndex
    private let zones: [ClusterZone]

    init(_ recording: GoldenFiles.Recording) throws {
        ttl = recording == .insecure ? 30 : 5
        var index = ClusterIndex(options: IndexOptions(pods: recording == .insecure ? .insecure : .verified))
        let (objects, errors, _) = ManifestReader.read(path: GoldenFiles.folder.appending(path: "cluster.json").path)
        #expect(errors.isEmpty)
        for object in objects { index.upsert(object) }
        self.index = index
        let own = ["192.0.2.2", "fd00::2"].compactMap { IPAddress($0) }
        zones = ["cluster.local", "in-addr.arpa", "ip6.arpa"].map { [ttl] name in
            ClusterZone(name, ttl: ttl, primary: "cluster.local", ownAddresses: own)
        }
    }

    func answer(_ entry: GoldenFiles.Entry) throws -> GoldenAnswer {
        var scratch = LookupScratch()
        var names = NameScratch()
        var writer = MessageWriter()
        let type = try #require(RecordType(entry.type))
        let question = QuestionView(name: names.read(try Name(entry.name)), type: type, class: .internet)
        let zone = try #require(zones.first { $0.contains(question.name) })
        writer.begin(question)
        let outcome = index.answer(question, in: zone, scratch: &scratch, into: &writer)
        if outcome.isNegative { index.addStartOfAuthority(for: question.name, in: zone, into: &writer) }
        var flags = HeaderFlags()
        flags.isResponse = true
        if case .refused = outcome {} else { flags.isAuthoritative = true }
        let noOptions = UnsafeRawBufferPointer(start: nil, count: 0)
        let edns = ReplyEDNS(udpSize: 1232, dnssecOK: false, options: noOptions)
        let isStream = entry.ways.contains("tcp")
        writer.finish(
            id: 1, flags: flags, responseCode: outcome.responseCode, edns: entry.ways.contains("512") ? nil : edns,
            limit: isStream ? MessageWriter.maximumLength : entry.ways.contains("512") ? 512 : 1232)
        return GoldenAnswer(try Message(decoding: writer.bytes))
    }
}
