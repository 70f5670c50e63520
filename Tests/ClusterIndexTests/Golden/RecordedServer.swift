import ClusterIndex
import DNSMessage
import FoundationEssentials
import Manifests
import TestSupport
import Testing

/// An index of the recorded cluster, asked as the recorded server was.
struct RecordedServer {
    let ttl: UInt32
    var index: ClusterIndex
    private let zones: [ClusterZone]

    /// Set up as for a recording.
    init(_ recording: GoldenFiles.Recording) throws {
        let pods: IndexOptions.PodsMode = recording == .insecure ? .insecure : .verified
        try self.init(IndexOptions(pods: pods), ttl: recording == .insecure ? 30 : 5)
    }

    init(_ options: IndexOptions, ttl: UInt32) throws {
        self.ttl = ttl
        index = ClusterIndex(options: options)
        for object in try RecordedServer.objects() { index.upsert(object) }
        let own = ["192.0.2.2", "fd00::2"].compactMap { IPAddress($0) }
        zones = ["cluster.local", "in-addr.arpa", "ip6.arpa"].map { name in
            ClusterZone(name, ttl: ttl, primary: "cluster.local", ownAddresses: own)
        }
    }

    static func objects() throws -> [ClusterObject] {
        let (objects, errors, _) = ManifestReader.read(path: GoldenFiles.folder.appending(path: "cluster.json").path)
        try #require(errors.isEmpty)
        return objects
    }

    func answer(_ entry: GoldenFiles.Entry) throws -> GoldenAnswer {
        try GoldenAnswer(reply(entry).withUnsafeBytes { try Message(decoding: $0) })
    }

    /// The bytes of the answer.
    func reply(_ entry: GoldenFiles.Entry) throws -> [UInt8] {
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
        return Array(writer.bytes)
    }
}
