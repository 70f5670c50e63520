import DNSMessage
import PluginKit
import Telemetry

/// Answers for localhost and the reverse zones of addresses that never leave a machine.
final class LocalPlugin: QueryHandling {
    /// Seconds; a week.
    private static let ttl: UInt32 = 604_800
    private static let localhost: StaticString = "\u{9}localhost\u{0}"
    private static let mailbox: StaticString = "\u{4}root\u{9}localhost\u{0}"
    private static let loopback: StaticString = "\u{1}1\u{1}0\u{1}0\u{3}127\u{7}in-addr\u{4}arpa\u{0}"

    private let takesPrefix: Bool
    private let counter: Counter
    private let zones = ZoneSet(["localhost", "0.in-addr.arpa", "127.in-addr.arpa", "255.in-addr.arpa"])

    init(takesPrefix: Bool, counter: Counter) {
        self.takesPrefix = takesPrefix
        self.counter = counter
    }

    func onQuery(_ query: inout Query) -> Verdict {
        let name = query.question.name
        if takesPrefix, name.labelCount > 1, Self.hasLocalhostPrefix(name) { return answerLocalhost(&query) }
        guard let zone = zones.closest(name) else { return .next }
        let apexLabels = zone == 0 ? 1 : 3  // `localhost`, or a number in `in-addr.arpa`
        if zone == 0 { return name.labelCount > apexLabels ? answerLocalhost(&query) : answerApex(&query) }
        if name.labelCount == apexLabels { return answerApex(&query) }
        return answerReverse(&query, apex: .questionSuffix(name.start(ofLabel: name.labelCount - apexLabels)))
    }

    private static func hasLocalhostPrefix(_ name: NameView) -> Bool {
        let length = localhost.utf8CodeUnitCount - 1
        return name.length > length && equalBytes(name.folded, localhost.utf8Start, count: length)
    }

    /// A name below localhost, or one that a search domain was added to.
    private func answerLocalhost(_ query: inout Query) -> Verdict {
        counter.add(by: query.worker)
        if !addAddress(&query) { addAuthority(&query, .question) }
        return .reply
    }

    /// One of the four zones itself.
    private func answerApex(_ query: inout Query) -> Verdict {
        switch query.question.type {
        case .soa: addSOA(&query, .question)
        case .ns: query.response.writer.addName(.question, .ns, .wire(Self.localhost.utf8Start), ttl: Self.ttl)
        default:
            let isLocalhost = query.question.name.labelCount == 1
            if !isLocalhost || !addAddress(&query) { addAuthority(&query, .question) }
        }
        return .reply
    }

    /// A name inside a reverse zone: `1.0.0.127.in-addr.arpa` and what lies above it exists (RFC 8020 §2).
    private func answerReverse(_ query: inout Query, apex: WrittenName) -> Verdict {
        let name = query.question.name
        let above = Self.loopback.utf8CodeUnitCount - name.length
        guard above >= 0, equalBytes(name.folded, Self.loopback.utf8Start + above, count: name.length) else {
            query.response.responseCode = .nxDomain
            addAuthority(&query, apex)
            return .reply
        }
        if above == 0, query.question.type == .ptr {
            query.response.writer.addName(.question, .ptr, .wire(Self.localhost.utf8Start), ttl: Self.ttl)
        } else {
            addAuthority(&query, apex)
        }
        return .reply
    }

    private func addAddress(_ query: inout Query) -> Bool {
        switch query.question.type {
        case .a: query.response.writer.addAddress(.question, IPAddress(v4: 0x7F00_0001), ttl: Self.ttl)
        case .aaaa: query.response.writer.addAddress(.question, IPAddress(high: 0, low: 1), ttl: Self.ttl)
        default: false
        }
    }

    private func addAuthority(_ query: inout Query, _ owner: WrittenName) {
        query.response.writer.move(to: .authority)
        addSOA(&query, owner)
    }

    private func addSOA(_ query: inout Query, _ owner: WrittenName) {
        query.response.writer.beginRecord(owner, .soa, ttl: Self.ttl)
        query.response.writer.put(compressed: Self.localhost.utf8Start)
        query.response.writer.put(compressed: Self.mailbox.utf8Start)
        query.response.writer.put(UInt32(1))  // serial
        for _ in 0..<3 { query.response.writer.put(UInt32(0)) }  // refresh, retry, expire
        query.response.writer.put(Self.ttl)
        query.response.writer.endRecord()
    }
}
