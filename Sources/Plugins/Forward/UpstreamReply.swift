import DNSMessage
import PluginKit

/// A reply of an upstream, read and cleaned of what it has no say in; then written into the responses of everybody who
/// asked. One a worker.
struct UpstreamReply: ~Copyable {
    /// What the bytes are.
    enum Finding: Equatable {
        case reply(ResponseCode)
        /// A record cannot be read; a clause.
        case malformed(String)
    }

    private(set) var code = ResponseCode.noError
    private(set) var flags = HeaderFlags()
    /// The OPT record's, without those between neighbours.
    private(set) var hasEDNS = false
    private var options = UnsafeRawBufferPointer(start: nil, count: 0)
    private var records: [(record: RecordView, section: Section)] = []
    private var scratch = NameScratch()
    private var bailiwick = Bailiwick()

    /// Whether there is an answer at all.
    var hasData: Bool { records.contains { $0.section == .answer } }

    // MARK: Reading

    /// Reads a message that is known to answer the question; its bytes must stay as long as `write` is called.
    mutating func read(_ bytes: UnsafeRawBufferPointer) -> Finding {
        records.removeAll(keepingCapacity: true)
        hasEDNS = false
        options = UnsafeRawBufferPointer(start: nil, count: 0)
        guard var reader = MessageReader(bytes) else { return .malformed("too short") }
        flags = reader.header.flags
        code = flags.responseCode
        guard reader.header.questionCount == 1, let question = reader.readQuestion(&scratch) else {
            return .malformed("bad question")
        }
        bailiwick.begin(question.name)
        let header = reader.header
        for (section, count) in [
            (Section.answer, header.answerCount), (.authority, header.authorityCount),
            (.additional, header.additionalCount),
        ] {
            for _ in 0..<count where !readRecord(&reader, section) { return .malformed("bad \(section) section") }
        }
        // What other codes come with is not believed by anybody.
        if code == .noError || code == .nxDomain { removeForeign() }
        return .reply(code)
    }

    private mutating func readRecord(_ reader: inout MessageReader, _ section: Section) -> Bool {
        guard let record = reader.readRecord(), scratch.read(record.message, at: record.ownerOffset) != nil else {
            return false
        }
        if record.type == .opt, section == .additional { return take(opt: record) }
        guard record.isWellFormed(scratch: &scratch) else { return false }
        // Signs the bytes of the upstream's message, which nobody will see.
        if record.type != .tsig { records.append((record, section)) }
        return true
    }

    private mutating func take(opt record: RecordView) -> Bool {
        guard let edns = RequestEDNS(record) else { return false }
        hasEDNS = true
        options = edns.options
        code = ResponseCode(rawValue: flags.responseCode.rawValue | UInt16(record.ttl >> 24) << 4)
        return true
    }

    /// Drops what the upstream was not asked for: RFC 5452 §6, RFC 2181 §5.4.1.
    private mutating func removeForeign() {
        bailiwick.followAliases(records, &scratch)
        let count = records.count
        var kept = 0
        for index in 0..<count where bailiwick.admits(records[index], &scratch) {
            records.swapAt(kept, index)
            kept += 1
        }
        records.removeSubrange(kept...)
    }

    // MARK: Writing

    /// Flags that the upstream sets for the client. Who does not check signatures does not repeat CD.
    private static let toldBits =
        HeaderFlags.authoritativeBit | HeaderFlags.truncatedBit | HeaderFlags.recursionAvailableBit
        | HeaderFlags.authenticDataBit | HeaderFlags.checkingDisabledBit

    /// Writes the reply into a response, with the spelling of its own question.
    mutating func write(to query: inout Query) {
        let own = query.response.flags.rawValue & ~Self.toldBits
        query.response.flags = HeaderFlags(rawValue: own | flags.rawValue & Self.toldBits)
        query.response.responseCode = code
        for index in records.indices { add(records[index], to: &query) }
        guard hasEDNS, query.response.hasEDNS else { return }
        var length = 11
        for option in EDNSOptions(options) where !option.isHopByHop {
            query.response.addOption(option.code, option.data)
            length += option.whole.count
        }
        query.response.upstreamEDNSLength = length
    }

    private mutating func add(_ entry: (record: RecordView, section: Section), to query: inout Query) {
        if query.response.writer.section < entry.section { query.response.writer.move(to: entry.section) }
        guard let owner = scratch.read(entry.record.message, at: entry.record.ownerOffset)?.name else { return }
        let asked = query.question.name
        var written: WrittenName?
        if owner.length > 1, owner.labelCount <= asked.labelCount {
            let start = asked.start(ofLabel: asked.labelCount - owner.labelCount)
            if asked.length - start == owner.length, equalBytes(asked.folded + start, owner.folded, count: owner.length)
            {
                written = start == 0 ? .question : .questionSuffix(start)
            }
        }
        query.response.writer.add(entry.record, owner: written, scratch: &scratch)
    }

    /// Writes that the reply was cut to nothing, so that the client asks again over TCP: what is left of a reply over
    /// UDP that cannot be read.
    static func writeTruncated(_ flags: HeaderFlags, to query: inout Query) {
        query.response.flags.recursionAvailable = flags.recursionAvailable
        query.response.flags.isTruncated = true
    }
}
