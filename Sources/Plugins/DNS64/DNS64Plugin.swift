import DNSMessage
import PluginKit
import Telemetry

/// Asks for A where AAAA has no answer, and makes AAAA records of what comes (RFC 6147 §5.1).
final class DNS64Plugin: ResponseReviewing, Starting, @unchecked Sendable {
    // Guard of `@unchecked Sendable`: everything is a constant but `counters`, which `start` writes before the first
    // query.
    private let options: DNS64Options
    private let family: CounterFamily
    private var counters: [Counter] = []

    /// The longest TTL where no SOA record tells one, in seconds (RFC 6147 §5.1.7).
    static let unknownTTL: UInt32 = 600

    init(_ options: DNS64Options, _ family: CounterFamily) {
        self.options = options
        self.family = family
    }

    func start(_ context: StartContext) throws(StartError) {
        counters = context.sites.map { family.counter([$0.server]) }
    }

    func review(_ query: inout Query) -> Review {
        switch query.question.type {
        case .aaaa: return reviewMissing(&query)
        case .a:
            if let object = query.note, let note = object as? DNS64Note, note.isWaiting {
                note.translate(&query, options.prefix)
            }
            return .keep
        default: return .keep
        }
    }

    private func reviewMissing(_ query: inout Query) -> Review {
        guard serves(query), wantsTranslation(query.response) else { return .keep }
        if query.site < counters.count { counters[query.site].add(by: query.worker) }
        query.remember(DNS64Note(query))
        query.failure = nil
        query.changeQuestion(name: query.question.name.spelled, type: .a)
        return .askAgain
    }

    private func serves(_ query: borrowing Query) -> Bool {
        guard query.question.class == .internet else { return false }
        guard options.servesIPv4 || query.client.address.unmapped.family == .v6 else { return false }
        // Who checks signatures by itself would find ours missing (RFC 6147 §5.5).
        return !(query.request.flags.checkingDisabled && query.request.edns?.dnssecOK == true)
    }

    /// Other codes than NXDOMAIN are as good as no answer (RFC 6147 §5.1.2).
    private func wantsTranslation(_ response: borrowing Response) -> Bool {
        guard response.responseCode != .nxDomain else { return false }
        if options.translatesAll || response.responseCode != .noError { return true }
        for index in response.writer.records(in: .answer) {
            guard let record = response.writer.record(index), record.type == .aaaa else { continue }
            if !Self.isExcluded(record) { return false }
        }
        return true
    }

    /// Whether the address is an IPv4 one in disguise, which no client can reach (RFC 6147 §5.1.4).
    static func isExcluded(_ record: RecordView) -> Bool {
        let data = record.dataBytes
        guard data.count == 16, let base = data.baseAddress else { return true }
        return IPAddress(v6At: base).isMapped
    }
}

/// What `dns64` remembers of a question for AAAA while A is asked for.
final class DNS64Note {
    private(set) var isWaiting = true
    private let question: QuestionView
    private var memory = NameScratch()
    private var scratch = NameScratch()
    private let ttlMax: UInt32
    private let wasTruncated: Bool

    init(_ query: borrowing Query) {
        question = QuestionView(
            name: memory.read(copying: query.question.name.spelled), type: query.question.type,
            class: query.question.class)
        ttlMax = Self.ttlMax(query.response.writer)
        wasTruncated = query.response.flags.isTruncated
    }

    private static func ttlMax(_ writer: borrowing MessageWriter) -> UInt32 {
        for index in writer.records(in: .authority) {
            if let record = writer.record(index), record.type == .soa { return record.ttl }
        }
        return DNS64Plugin.unknownTTL
    }

    /// Makes of the response about A one about AAAA; aliases and what else is there stay (RFC 6147 §5.3.3).
    func translate(_ query: inout Query, _ prefix: TranslationPrefix) {
        isWaiting = false
        query.response.rewrite(question) { old, new in
            for section in Section.allCases {
                new.move(to: section)
                for index in old.records(in: section) {
                    if let record = old.record(index) { write(record, section, &new, prefix) }
                }
            }
        }
        query.question = question
        // The records are of our making: nobody has signed them or answers for them.
        let isTruncated = wasTruncated || query.response.flags.isTruncated
        if query.response.responseCode == .noError { query.response.repeatFlags(of: query.request) }
        query.response.flags.authenticData = false
        query.response.flags.isTruncated = isTruncated
    }

    private func write(
        _ record: RecordView, _ section: Section, _ writer: inout MessageWriter, _ prefix: TranslationPrefix
    ) {
        // Signatures of what is gone would only prove it false.
        if section == .answer, record.type == .rrsig, Self.covers(.a, record) { return }
        guard section == .answer, record.type == .a, record.dataBytes.count == 4,
            let owner = scratch.read(record.message, at: record.ownerOffset)?.name
        else {
            writer.add(record, scratch: &scratch)
            return
        }
        let v4 = IPAddress(v4: UInt32(bigEndian: record.dataBytes.loadUnaligned(as: UInt32.self)))
        writer.addAddress(.wire(owner.spelled), prefix.address(for: v4), ttl: min(record.ttl, ttlMax))
    }

    /// Whether a signature is that of records of a type.
    private static func covers(_ type: RecordType, _ signature: RecordView) -> Bool {
        signature.dataBytes.count >= 2
            && signature.dataBytes.loadUnaligned(as: UInt16.self).bigEndian == type.rawValue
    }
}
