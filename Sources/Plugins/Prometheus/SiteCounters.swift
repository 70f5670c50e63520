import DNSMessage
import PluginKit
import Telemetry

/// Counters of one site. It stays where it was made; counting copies nothing and touches no reference count.
// What the pointer leads to is written in `init` and read only afterwards; the cells are made for all threads.
struct SiteCounters: ~Copyable, @unchecked Sendable {
    private let requests: Cells
    private let dnssecRequests: Counter
    private let responses: Cells
    private let duration: Histogram<TimeBuckets>
    private let requestSizeOverUDP: Histogram<SizeBuckets>
    private let requestSizeOverTCP: Histogram<SizeBuckets>
    private let responseSizeOverUDP: Histogram<SizeBuckets>
    private let responseSizeOverTCP: Histogram<SizeBuckets>
    /// For each position in the registry, which row of `responses` counts that plugin; row 0 is the server itself.
    private let rows: UnsafeMutablePointer<UInt8>

    init(_ site: Site, _ pluginNames: [String], _ families: QueryFamilies) {
        let labels = [site.server, site.zone, site.view]
        let responders = [""] + site.plugins
        requests = families.requests.dense(labels, count: RequestKey.count, labels: RequestKey.labels)
        dnssecRequests = families.dnssecRequests.counter(labels)
        responses = families.responses.dense(
            labels, count: responders.count * CodeColumn.count, layout: responders.joined(separator: " ")
        ) { index in
            let (row, column) = index.quotientAndRemainder(dividingBy: CodeColumn.count)
            return [CodeColumn.label(column), responders[row]]
        }
        duration = families.durations.histogram(labels)
        requestSizeOverUDP = families.requestSizes.histogram(labels + [Transport.udp.label])
        requestSizeOverTCP = families.requestSizes.histogram(labels + [Transport.tcp.label])
        responseSizeOverUDP = families.responseSizes.histogram(labels + [Transport.udp.label])
        responseSizeOverTCP = families.responseSizes.histogram(labels + [Transport.tcp.label])
        rows = .allocate(capacity: max(pluginNames.count, 1))
        for (position, name) in pluginNames.enumerated() {
            (rows + position).initialize(to: UInt8(responders.firstIndex(of: name) ?? 0))
        }
    }

    deinit { rows.deallocate() }

    /// Counts a query that is answered, or dropped. A pointer, because a method would be called on a copy.
    static func count(_ query: inout Query, in site: UnsafePointer<SiteCounters>) {
        let worker = query.worker
        let isUDP = query.transport == .udp
        let requestSize = UInt64(query.request.bytes.count)
        site.pointee.requests.add(1, at: RequestKey.index(&query), by: worker)
        if query.request.edns?.dnssecOK == true { site.pointee.dnssecRequests.add(by: worker) }
        if isUDP {
            site.pointee.requestSizeOverUDP.observe(requestSize, by: worker)
        } else {
            site.pointee.requestSizeOverTCP.observe(requestSize, by: worker)
        }
        site.pointee.duration.observe(MonotonicClock.nowNanoseconds() &- query.receivedAt, by: worker)
        guard !query.isDropped else { return }
        let row = query.responder.map { Int(site.pointee.rows[$0]) } ?? 0
        let cell = row * CodeColumn.count + CodeColumn.index(query.response.responseCode)
        site.pointee.responses.add(1, at: cell, by: worker)
        let responseSize = UInt64(query.response.length)
        if isUDP {
            site.pointee.responseSizeOverUDP.observe(responseSize, by: worker)
        } else {
            site.pointee.responseSizeOverTCP.observe(responseSize, by: worker)
        }
    }
}

/// Numbers for protocol, address family and type of a query.
enum RequestKey {
    /// The types that have a label of their own, and "other" for the rest.
    private static let typeLabels = [
        "other", "AAAA", "A", "CNAME", "DNSKEY", "DS", "MX", "NSEC3", "NSEC", "NS", "PTR", "RRSIG", "SOA", "SRV",
        "TXT", "HTTPS", "SVCB", "IXFR", "AXFR", "ANY",
    ]
    private static let typeCount = 20
    static let count = 4 * typeCount

    static func index(_ query: inout Query) -> Int {
        let proto = query.transport == .udp ? 0 : 2
        let family = query.client.address.family == .v4 ? 0 : 1
        return (proto + family) * typeCount + number(of: query.question.type)
    }

    /// Values of the labels proto, family and type.
    static func labels(_ index: Int) -> [String] {
        let (key, type) = index.quotientAndRemainder(dividingBy: typeCount)
        return [key < 2 ? "udp" : "tcp", key & 1 == 0 ? "1" : "2", typeLabels[type]]
    }

    /// Index into `typeLabels`.
    private static func number(of type: RecordType) -> Int {
        switch type {
        case .aaaa: 1
        case .a: 2
        case .cname: 3
        case .dnskey: 4
        case .ds: 5
        case .mx: 6
        case .nsec3: 7
        case .nsec: 8
        case .ns: 9
        case .ptr: 10
        case .rrsig: 11
        case .soa: 12
        case .srv: 13
        case .txt: 14
        case .https: 15
        case .svcb: 16
        case .ixfr: 17
        case .axfr: 18
        case .any: 19
        default: 0
        }
    }
}

/// Numbers for response codes.
enum CodeColumn {
    /// One for each code that has a name, and one for all others.
    static let count = 25

    static func index(_ code: ResponseCode) -> Int { min(Int(code.rawValue), count - 1) }

    static func label(_ index: Int) -> String {
        index == count - 1 ? "other" : ResponseCode(rawValue: UInt16(index)).description
    }
}
