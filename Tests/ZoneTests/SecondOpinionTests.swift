import DNSMessage
import Ldns
import TestSupport
import Testing
import Zone

@Suite("a zone, beside name servers of Debian", .serialized)
struct SecondOpinionTests {
    private static let apex: Name = "example.org"
    private static let questionsPerZone = 1_200

    @Test(
        "is answered as nsd answers it", .enabled(if: NameServerProgram.Kind.nsd.isAvailable, "nsd is not installed"),
        arguments: [1, 2, 3] as [UInt64])
    func nsd(seed: UInt64) throws { try compare(.nsd, seed: seed, isSigned: false) }

    @Test(
        "is answered as knot answers it",
        .enabled(if: NameServerProgram.Kind.knot.isAvailable, "knot is not installed"),
        arguments: [5] as [UInt64])
    func knot(seed: UInt64) throws { try compare(.knot, seed: seed, isSigned: false) }

    @Test(
        "is answered as knot answers it, signed by knot",
        .enabled(if: NameServerProgram.Kind.knot.isAvailable, "knot is not installed"),
        arguments: [7, 9] as [UInt64])
    func signed(seed: UInt64) throws { try compare(.knot, seed: seed, isSigned: true) }

    private func compare(_ kind: NameServerProgram.Kind, seed: UInt64, isSigned: Bool) throws {
        var random = RandomZone(seed: seed)
        let text = random.text
        let server = try NameServerProgram(kind, zone: Self.apex, text: text, isSigned: isSigned)
        let served = isSigned ? String(decoding: server.zoneText, as: UTF8.self) : text
        if isSigned { try #require(served.contains("RRSIG"), "knot has not written the signed zone") }
        let zone = try AskedZone(served, apex: Self.apex)
        let client = try UDPClient(to: server.address)
        var differences: [String] = []
        for _ in 0..<Self.questionsPerZone where differences.count < 3 {
            let (name, type) = random.question()
            // What an asterisk itself needs for a proof, knot leaves out.
            if isSigned, name.wire.starts(with: [1, UInt8(ascii: "*")]) { continue }
            let theirs = try client.ask(QueryText("\(name) \(type) bufsize=4096\(isSigned ? " +do" : "")"))
            try #require(!theirs.message.flags.isTruncated)
            let ours = try zone.ask(name, type, dnssecOK: isSigned)
            let (a, b) = (Opinion(ours.message), Opinion(theirs.message))
            if a != b { differences.append("\(name) \(type)\nours: \(a)\n\(kind): \(b)") }
        }
        #expect(differences == [], "seed \(seed)\n\(text)")
    }
}

/// What of a reply must be alike: more may be said about the zone's servers, and addresses go along at will.
private struct Opinion: Equatable {
    let code: ResponseCode
    let isReferral: Bool
    let answer: Set<Record>
    let authority: Set<Record>
    let glue: Set<Record>

    init(_ message: Message) {
        code = message.responseCode
        isReferral = !message.flags.isAuthoritative
        answer = Set(message.answer)
        authority = Set(message.authority.filter { !Self.isServer($0) })
        let glue = message.additional.filter { $0.type != .opt }
        self.glue = message.flags.isAuthoritative ? [] : Set(glue)
    }

    /// The NS records of the apex go along with answers of CoreDNS, and with ours.
    private static func isServer(_ record: Record) -> Bool {
        guard record.name == "example.org" else { return false }
        if case .other(.rrsig, let data) = record.data { return data.prefix(2) == [0, 2] }
        return record.type == .ns
    }
}

extension Opinion: CustomStringConvertible {
    var description: String {
        let sections = [("answer", answer), ("authority", authority), ("glue", glue)]
        let lines = sections.flatMap { name, records in records.map { "\(name): \($0.presentation)" }.sorted() }
        return (["\(code) \(isReferral ? "referral" : "authoritative")"] + lines).joined(separator: "\n")
    }
}
