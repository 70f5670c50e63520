import DNSMessage
import Ldns
import TestSupport
import Testing
import Zone

@Suite("a zone, beside name servers of Debian", .serialized)
struct SecondOpinionTests {
    private static let apex: Name = "example.org"
    private static let questionsPerZone = 1_500

    @Test(
        "is answered as nsd answers it", .enabled(if: NameServerProgram.Kind.nsd.isAvailable, "nsd is not installed"),
        arguments: [1, 2, 3, 4] as [UInt64])
    func nsd(seed: UInt64) throws { try compare(.nsd, seed: seed, isSigned: false) }

    @Test(
        "is answered as knot answers it",
        .enabled(if: NameServerProgram.Kind.knot.isAvailable, "knot is not installed"),
        arguments: [5, 6] as [UInt64])
    func knot(seed: UInt64) throws { try compare(.knot, seed: seed, isSigned: false) }

    @Test(
        "is answered as knot answers it, signed by knot",
        .enabled(if: NameServerProgram.Kind.knot.isAvailable, "knot is not installed"),
        arguments: [7, 8, 9] as [UInt64])
    func signed(seed: UInt64) throws { try compare(.knot, seed: seed, isSigned: true) }

    private func compare(_ kind: NameServerProgram.Kind, seed: UInt64, isSigned: Bool) throws {
        var random = RandomZone(seed: seed)
        let text = random.text
        let server = try NameServerProgram(kind, zone: Self.apex, text: text, isSigned: isSigned)
        let served = isSigned ? String(decoding: server.zoneText, as: UTF8.self) : text
        if isSigned { try #require(served.contains("RRSIG"), "knot has not written the signed zone") }
        let zone = try AskedZone(served, apex: Self.apex)
        let client = try TCPClient(to: server.address)
        var differences: [String] = []
        for _ in 0..<Self.questionsPerZone where differences.count < 3 {
            let (name, type) = random.question()
            let dnssec = isSigned ? " +do" : " +edns"
            let theirs = try client.ask(QueryText("\(name) \(type)\(dnssec)"))
            let ours = try zone.ask(name, type, dnssecOK: isSigned)
            let (a, b) = (Opinion(ours.message), Opinion(theirs.message))
            if a != b { differences.append("\(name) \(type)\nours: \(a)\n\(kind): \(b)") }
        }
        #expect(differences == [], "seed \(seed)\n\(text)")
    }
}

/// What of a reply must be alike: more may be said about the zone's servers, and addresses go along at will.
private struct Opinion: Equatable, CustomStringConvertible {
    let description: String

    init(_ message: Message) {
        let isReferral = !message.flags.isAuthoritative
        var lines = ["\(message.responseCode) \(isReferral ? "referral" : "authoritative")"]
        lines += message.answer.map { "answer: \(Self.text($0))" }.sorted()
        lines += message.authority.filter { !Self.isServer($0) }.map { record in
            // A denial's SOA may have its own TTL or the lesser one.
            var record = record
            if !isReferral { record.ttl = 0 }
            return "authority: \(Self.text(record))"
        }.sorted()
        if isReferral {
            let cut = message.authority.first { $0.type == .ns }?.name ?? .root
            let glue = message.additional.filter { $0.type != .opt && $0.name.isSubdomain(of: cut) }
            lines += glue.map { "glue: \(Self.text($0))" }.sorted()
        }
        description = lines.joined(separator: "\n")
    }

    /// The NS records of the apex go along with answers of CoreDNS, and with ours.
    private static func isServer(_ record: Record) -> Bool {
        guard record.name == "example.org" else { return false }
        if case .other(.rrsig, let data) = record.data { return data.prefix(2) == [0, 2] }
        return record.type == .ns
    }

    private static func text(_ record: Record) -> String { record.presentation.lowercased() }
}
