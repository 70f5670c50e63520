import DNSMessage
import EventLoop
import PluginKit
import Synchronization

/// Counts queries, and goes by the count.
final class ErraticPlugin: QueryHandling {
    private static let largeCount = 30
    private static let v4 = IPAddress(v4: 0xC000_0235)  // RFC 5737
    private static let v6 = IPAddress(high: 0x2001_0DB8_0000_0000, low: 0x53)  // RFC 3849

    private let options: ErraticOptions
    private let count = Atomic<UInt64>(0)

    init(_ options: ErraticOptions) { self.options = options }

    func onQuery(_ query: inout Query) -> Verdict {
        let number = count.add(1, ordering: .relaxed).oldValue
        if Self.isOneIn(options.drop, number) { return .drop }
        if Self.isOneIn(options.delay, number), let verdict = wait(&query, number) { return verdict }
        return answer(&query, number)
    }

    /// Nil where the worker has no room for one more query that waits: this one is answered at once.
    private func wait(_ query: inout Query, _ number: UInt64) -> Verdict? {
        guard query.canPark, let loop = query.loop else { return nil }
        let (seconds, attoseconds) = options.pause.components
        let pause = UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
        _ = loop.schedule(after: pause, DelayedAnswer(query.parked(), of: self, number))
        return .park
    }

    fileprivate func answer(_ query: inout Query, _ number: UInt64) -> Verdict {
        let isTruncated = options.truncate > 0 && number & options.truncate == 0
        query.response.flags.isTruncated = isTruncated
        switch query.question.type {
        case .a:
            for _ in 0..<(options.isLarge ? Self.largeCount : 1) {
                query.response.writer.addAddress(.question, Self.v4, ttl: 0)
            }
        case .aaaa: query.response.writer.addAddress(.question, Self.v6, ttl: 0)
        case .axfr:
            query.response.flags.isTruncated = false
            addZone(&query, isComplete: !isTruncated)
        default: return .fail(.servFail)
        }
        query.response.flags.isAuthoritative = true
        return .reply
    }

    private static func isOneIn(_ amount: UInt64, _ number: UInt64) -> Bool {
        amount > 0 && number.isMultiple(of: amount)
    }

    /// A zone of two name servers; the second SOA record tells that it is complete (RFC 5936 §2.2).
    private func addZone(_ query: inout Query, isComplete: Bool) {
        let zone = Name(query.question.name)
        let servers: [(name: Name, address: IPAddress)] = [
            ("b", IPAddress(high: 0x2001_0500_0000_0000, low: 0x54)),
            ("a", IPAddress(high: 0x2001_0BD8_0000_0000, low: 0x53)),
        ].compactMap { label, address in (try? Name(label).appending(zone)).map { ($0, address) } }
        let authority = Record(zone, ttl: 0, .soa(Self.startOfAuthority))
        query.response.writer.add(authority)
        for server in servers { query.response.writer.add(Record(zone, ttl: 0, .ns(server.name))) }
        for server in servers.reversed() {
            query.response.writer.add(Record(server.name, ttl: 0, .aaaa(server.address)))
        }
        if isComplete { query.response.writer.add(authority) }
    }

    private static let startOfAuthority = StartOfAuthority(
        primaryServer: "sns.dns.icann.org", responsibleMailbox: "noc.dns.icann.org", serial: 2_018_050_825,
        refresh: 7200, retry: 3600, expire: 1_209_600, minimum: 3600)
}

/// A query that is answered when its time has come.
private final class DelayedAnswer: TimerHandler {
    private let parked: ParkedQuery
    private let plugin: ErraticPlugin
    private let number: UInt64

    init(_ parked: ParkedQuery, of plugin: ErraticPlugin, _ number: UInt64) {
        self.parked = parked
        self.plugin = plugin
        self.number = number
    }

    func onTimer(_ token: TimerToken) {
        parked.resume { query in plugin.answer(&query, number) }
    }
}

extension ErraticPlugin: ReadinessReporting {
    var readinessName: String { ErraticKind.name }
    /// Comes and goes, so that whoever watches can be tried out as well.
    var isReady: Bool { 3..<5 ~= count.load(ordering: .relaxed) }
}
