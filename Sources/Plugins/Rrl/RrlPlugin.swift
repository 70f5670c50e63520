import DNSMessage
import PluginKit
import Telemetry

/// Looks at each reply over UDP on its way out.
final class RrlPlugin: ResponseHandling, Starting {
    private let options: RrlOptions
    private let responses: CounterFamily
    private let highMask: UInt64
    private let lowMask: UInt64
    private let v4Mask: UInt32
    // Thousandths of a reply a second for an account of each kind; 0 for any number. Written by `start` only.
    private nonisolated(unsafe) var rates = Rates()
    // Guard: each table is touched by its worker only; made by `start`, before the first query.
    private nonisolated(unsafe) var tables: UnsafeMutableBufferPointer<AccountTable>
    private nonisolated(unsafe) var counters: UnsafeMutableBufferPointer<SiteCounters>

    private struct SiteCounters {
        let dropped: Counter
        let slipped: Counter
        let reported: Counter
    }

    private struct Rates {
        var records = 0
        var nodata = 0
        var nxdomain = 0
        var error = 0
    }

    /// What replies are counted by, and what is mixed into the hash so that kinds do not meet.
    private enum Kind: UInt64 { case records = 1, nodata, nxdomain, error }

    init(_ options: RrlOptions, _ metrics: MetricsRegistry) {
        self.options = options
        responses = metrics.counters(
            "clusterdns_rrl_responses_total", help: "Counter of replies that were more than a network is allowed.",
            labels: ["server", "action"])
        let length = options.ipv6PrefixLength
        highMask = ~UInt64(0) << max(64 - length, 0)
        lowMask = ~UInt64(0) << (128 - max(length, 64))
        v4Mask = ~UInt32(0) << (32 - options.ipv4PrefixLength)
        tables = UnsafeMutableBufferPointer(start: nil, count: 0)
        counters = UnsafeMutableBufferPointer(start: nil, count: 0)
    }

    deinit {
        tables.deinitialize()
        tables.deallocate()
        counters.deinitialize()
        counters.deallocate()
    }

    func start(_ context: StartContext) throws(StartError) {
        func rate(_ allowance: Int?) -> Int {
            let allowance = allowance ?? options.responses
            return allowance == 0 ? 0 : max(allowance * 1_000 / context.workerCount, 1)
        }
        rates = Rates(
            records: rate(nil), nodata: rate(options.nodata), nxdomain: rate(options.nxdomains),
            error: rate(options.errors))
        tables = .allocate(capacity: context.workerCount)
        for index in tables.indices {
            tables.initializeElement(at: index, to: AccountTable(size: options.tableSize / context.workerCount))
        }
        counters = .allocate(capacity: context.sites.count)
        for (index, site) in context.sites.enumerated() {
            let all = ["dropped", "slipped", "reported"].map { responses.counter([site.server, $0]) }
            counters.initializeElement(
                at: index, to: SiteCounters(dropped: all[0], slipped: all[1], reported: all[2]))
        }
    }

    func onResponse(_ query: inout Query) {
        guard query.transport == .udp, query.depth == 0, !query.isDropped, !query.isBackground,
            query.request.cookie != .known, query.worker.index < tables.count
        else { return }
        let kind = kind(&query)
        let rate = rate(kind)
        guard rate > 0, options.zones.closest(query.question.name) != nil else { return }
        let now = UInt32(truncatingIfNeeded: query.receivedAt / 1_000_000)
        let hash = hash(kind, &query)
        let excess = tables[query.worker.index].take(hash, rate: rate, window: options.windowSeconds, now: now)
        if let excess { limit(&query, excess) }
    }

    private func limit(_ query: inout Query, _ excess: UInt32) {
        guard query.site < counters.count else { return }
        if options.isReportOnly {
            counters[query.site].reported.add(by: query.worker)
        } else if options.slipRatio > 0, excess % UInt32(options.slipRatio) == 0 {
            counters[query.site].slipped.add(by: query.worker)
            query.response.reset(.noError)
            query.response.flags.isTruncated = true
        } else {
            counters[query.site].dropped.add(by: query.worker)
            query.isDropped = true
        }
    }

    private func kind(_ query: inout Query) -> Kind {
        switch query.response.responseCode {
        case .noError: query.response.writer.answerCount > 0 ? .records : .nodata
        case .nxDomain: .nxdomain
        default: .error
        }
    }

    private func rate(_ kind: Kind) -> Int {
        switch kind {
        case .records: rates.records
        case .nodata: rates.nodata
        case .nxdomain: rates.nxdomain
        case .error: rates.error
        }
    }

    /// Replies with records are alike if name and type are; others if the block is: their names are easily made up.
    private func hash(_ kind: Kind, _ query: inout Query) -> UInt64 {
        var hash = mix(kind.rawValue, network(query.client.address))
        if kind == .records {
            let name = UnsafeRawBufferPointer(start: query.question.name.folded, count: query.question.name.length)
            hash = mix(hash, hashBytes(name))
            hash = mix(hash, UInt64(query.question.type.rawValue))
        } else {
            hash = mix(hash, UInt64(query.site))
        }
        return hash
    }

    private func network(_ address: IPAddress) -> UInt64 {
        if address.family == .v4 { return UInt64(address.v4 & v4Mask) }
        return mix(address.high & highMask, address.low & lowMask)
    }

    private func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word &+ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        return product.high ^ product.low
    }
}
