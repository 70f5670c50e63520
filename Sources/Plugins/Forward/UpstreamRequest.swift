import DNSMessage
import PluginKit

/// A query as upstreams get it, under construction: the client's question, its flags RD, AD and CD, its DO and its EDNS
/// options, with this server's own size. Its bytes tell which queries are alike.
struct UpstreamRequest: ~Copyable {
    private let bytes: UnsafeMutableRawPointer
    private(set) var count = 0
    /// Where the OPT record starts, which is the last thing.
    private(set) var optStart = 0
    /// Equal for equal queries, however spelled.
    private(set) var hash: UInt64 = 0

    private static let capacity = Header.length + Name.maximumLength + 4 + 11 + ForwardLimits.optionsMax
    /// Flags that an upstream is told as the client set them.
    private static let passedBits =
        HeaderFlags.recursionDesiredBit | HeaderFlags.authenticDataBit | HeaderFlags.checkingDisabledBit

    init() { bytes = .allocate(byteCount: Self.capacity, alignment: 8) }

    deinit { bytes.deallocate() }

    var message: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: bytes, count: count) }

    mutating func write(_ query: borrowing Query) {
        let question = query.question
        putHeader(HeaderFlags(rawValue: query.request.flags.rawValue & Self.passedBits), records: 1)
        put(question)
        let rest = count
        putOPT(query.request.edns, size: query.udpSize)
        setHash(question.name, rest: rest)
    }

    /// The question of a health check: no EDNS.
    mutating func write(_ question: QuestionView, isRecursive: Bool) {
        putHeader(HeaderFlags(rawValue: isRecursive ? HeaderFlags.recursionDesiredBit : 0), records: 0)
        put(question)
        optStart = count
    }

    private mutating func putHeader(_ flags: HeaderFlags, records: UInt16) {
        bytes.storeBigEndian(UInt16(0), at: 0)
        bytes.storeBigEndian(flags.rawValue, at: 2)
        bytes.storeBigEndian(UInt16(1), at: 4)
        bytes.storeBigEndian(UInt32(0), at: 6)
        bytes.storeBigEndian(records, at: 10)
        count = Header.length
    }

    private mutating func put(_ question: QuestionView) {
        (bytes + count).copyMemory(from: question.name.spelled, byteCount: question.name.length)
        count += question.name.length
        bytes.storeBigEndian(question.type.rawValue, at: count)
        bytes.storeBigEndian(question.class.rawValue, at: count + 2)
        count += 4
    }

    private mutating func putOPT(_ edns: RequestEDNS?, size: Int) {
        optStart = count
        bytes.storeByte(0, at: count)
        bytes.storeBigEndian(RecordType.opt.rawValue, at: count + 1)
        bytes.storeBigEndian(UInt16(truncatingIfNeeded: size), at: count + 3)
        bytes.storeBigEndian(UInt32(edns?.dnssecOK == true ? 0x8000 : 0), at: count + 5)
        let length = count + 9
        count += 11
        if let edns { putOptions(edns.options) }
        bytes.storeBigEndian(UInt16(truncatingIfNeeded: count - length - 2), at: length)
    }

    private mutating func putOptions(_ options: UnsafeRawBufferPointer) {
        for option in EDNSOptions(options) where !option.isHopByHop {
            guard count + option.whole.count <= Self.capacity, let source = option.whole.baseAddress else { return }
            (bytes + count).copyMemory(from: source, byteCount: option.whole.count)
            count += option.whole.count
        }
    }

    private mutating func setHash(_ name: NameView, rest: Int) {
        let tail = UnsafeRawBufferPointer(start: bytes + rest - 4, count: count - rest + 4)
        let flags = UInt64(UnsafeRawPointer(bytes).bigEndian16(2))
        hash = name.foldedHash ^ mixed(hashBytes(tail) ^ flags)
    }
}

/// Whether two queries to upstreams are equal but for the case of the name.
func isSameRequest(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    guard a.count == b.count, let first = a.baseAddress, let second = b.baseAddress,
        equalBytes(first + 2, second + 2, count: Header.length - 2)
    else { return false }
    var offset = Header.length
    // Length bytes are below 64 and so never look like letters.
    while offset < a.count, a[offset] != 0 {
        let end = min(offset + 1 + Int(a[offset]), a.count)
        for index in offset..<end where foldedByte(a[index]) != foldedByte(b[index]) { return false }
        offset = end
    }
    return equalBytes(first + offset, second + offset, count: a.count - offset)
}

extension NameView {
    /// A hash of the name in lower case.
    var foldedHash: UInt64 { hashBytes(UnsafeRawBufferPointer(start: folded, count: length)) }

    /// The same for what remains when labels are taken from the left.
    func foldedHash(fromLabel index: Int) -> UInt64 {
        let start = start(ofLabel: index)
        return hashBytes(UnsafeRawBufferPointer(start: folded + start, count: length - start))
    }
}
