public import DNSMessage

/// The answer to a query under construction: records through `writer`, the rest here. Starts as an empty NOERROR.
public struct Response: ~Copyable {
    /// Room for EDNS options, in bytes.
    static let optionsMax = 1024

    /// Question and records.
    public var writer: MessageWriter
    /// The outcome told to the client.
    public var responseCode: ResponseCode
    /// Opcode, RD and CD are preset from the request; AA, RA, AD and TC are the plugins' to set.
    public var flags: HeaderFlags
    private var presetFlags = HeaderFlags()
    /// Whether the reply carries an OPT record; preset from the request (RFC 6891 §6.1.1).
    public var hasEDNS: Bool
    /// DO of the reply; preset from the request.
    public var dnssecOK: Bool
    /// Bytes of the OPT record with which the answer came from another server; log and metrics count them.
    public var upstreamEDNSLength = 0
    /// The name to go on with after a verdict of `follow`, in wire form.
    public let alias: UnsafeMutableRawPointer
    /// Whether the answer tells of this server's state of the moment, such as too much work, and not of the name:
    /// caches leave it alone.
    public var isTransient = false
    private let optionBytes: UnsafeMutableRawPointer
    private var optionCount = 0
    private var hasExtendedError = false
    /// The other writer of `rewrite`, made when first needed.
    private var spare: MessageWriter?

    init() {
        writer = MessageWriter()
        responseCode = .noError
        flags = HeaderFlags()
        hasEDNS = false
        dnssecOK = false
        alias = .allocate(byteCount: Name.maximumLength, alignment: 8)
        optionBytes = .allocate(byteCount: Self.optionsMax, alignment: 8)
    }

    deinit {
        alias.deallocate()
        optionBytes.deallocate()
    }

    /// Bits of a request that its response repeats.
    private static let repeatedBits: UInt16 =
        0x7800 | HeaderFlags.recursionDesiredBit | HeaderFlags.checkingDisabledBit

    /// Starts afresh for a question.
    public mutating func begin(_ question: QuestionView, request: Request) {
        writer.begin(question)
        responseCode = .noError
        repeatFlags(of: request)
        hasEDNS = request.edns != nil
        dnssecOK = request.edns?.dnssecOK ?? false
        optionCount = 0
        hasExtendedError = false
        upstreamEDNSLength = 0
        isTransient = false
        // A plugin that forgets to set its alias must not find that of an earlier query.
        alias.storeByte(0, at: 0)
    }

    /// Takes over what a response repeats of its request's flags, for a plugin that changed those on the way down.
    public mutating func repeatFlags(of request: Request) {
        presetFlags = HeaderFlags(rawValue: request.flags.rawValue & Self.repeatedBits)
        flags = presetFlags
    }

    /// Takes everything back and leaves a bare code.
    public mutating func reset(_ code: ResponseCode) {
        writer.removeRecords()
        responseCode = code
        flags = presetFlags
        upstreamEDNSLength = 0
    }

    /// Hands the message's memory out while a query waits that has no records yet; nil if it has.
    public mutating func handOut() -> WriterMemory? {
        guard writer.recordCount == 0 else { return nil }
        spare = nil
        return writer.handOut()
    }

    /// Has memory again, with nothing but the question in it.
    public mutating func takeBack(_ memory: WriterMemory, _ question: QuestionView) {
        writer.takeBack(memory)
        writer.begin(question)
    }

    /// Writes the message anew, with another question: `write` gets the old message and the new one, which has the
    /// question and no records yet. Codes, flags and options stay.
    public mutating func rewrite(
        _ question: QuestionView, _ write: (borrowing MessageWriter, inout MessageWriter) -> Void
    ) {
        var next = spare.take() ?? MessageWriter()
        next.begin(question)
        write(writer, &next)
        next.needsAdditional = writer.needsAdditional
        swap(&writer, &next)
        spare = consume next
    }

    /// Remembers where an alias leads: an uncompressed name in wire form, which is copied.
    public mutating func setAlias(wire: UnsafeRawPointer) {
        var length = 1
        while wire.byte(length - 1) != 0, length < Name.maximumLength { length += 1 + Int(wire.byte(length - 1)) }
        alias.copyMemory(from: wire, byteCount: min(length, Name.maximumLength))
    }

    /// The EDNS options written so far, in wire form.
    public var options: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: optionBytes, count: optionCount) }

    /// Adds an EDNS option; one that does not fit is left out.
    public mutating func addOption(_ code: EDNSOptionCode, _ data: UnsafeRawBufferPointer) {
        guard optionCount + 4 + data.count <= Self.optionsMax else { return }
        optionBytes.storeBigEndian(code.rawValue, at: optionCount)
        optionBytes.storeBigEndian(UInt16(truncatingIfNeeded: data.count), at: optionCount + 2)
        if let source = data.baseAddress {
            (optionBytes + optionCount + 4).copyMemory(from: source, byteCount: data.count)
        }
        optionCount += 4 + data.count
    }

    /// Adds an Extended DNS Error (RFC 8914), once a reply and only for a client that sent an OPT record.
    public mutating func explain(_ code: ExtendedErrorCode, _ text: StaticString) {
        explain(code, UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// The same with a text, in UTF-8, that is known at run time only; one that does not fit is no error at all.
    public mutating func explain(_ code: ExtendedErrorCode, _ text: UnsafeRawBufferPointer) {
        guard hasEDNS, !hasExtendedError, optionCount + 6 + text.count <= Self.optionsMax else { return }
        hasExtendedError = true
        optionBytes.storeBigEndian(EDNSOptionCode.extendedError.rawValue, at: optionCount)
        optionBytes.storeBigEndian(UInt16(2 + text.count), at: optionCount + 2)
        optionBytes.storeBigEndian(code.rawValue, at: optionCount + 4)
        if let source = text.baseAddress {
            (optionBytes + optionCount + 6).copyMemory(from: source, byteCount: text.count)
        }
        optionCount += 6 + text.count
    }

    /// Length of the reply before compression and cutting, without this server's own OPT record, as log and metrics
    /// tell it.
    public var length: Int { writer.uncompressedCount + upstreamEDNSLength }
}
