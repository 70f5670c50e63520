/// The OPT pseudo-record of a reply (RFC 6891 §6.1.2).
public struct ReplyEDNS {
    /// The UDP size this server takes, in bytes.
    public var udpSize: UInt16
    /// DO, copied from the request (RFC 3225 §3).
    public var dnssecOK: Bool
    /// Options in wire form, written as they are.
    public var options: UnsafeRawBufferPointer

    /// An OPT of version 0.
    @inlinable public init(udpSize: UInt16, dnssecOK: Bool, options: UnsafeRawBufferPointer) {
        self.udpSize = udpSize
        self.dnssecOK = dnssecOK
        self.options = options
    }

    /// Bytes on the wire.
    @inlinable public var length: Int { 11 + options.count }
}

extension MessageWriter {
    /// Cuts the message to `limit` bytes, adds the OPT record and writes the header. Whole records go, from the end;
    /// TC tells that answer or authority lost some, the loss of additional records needs no word (RFC 2181 §9), but
    /// for `needsAdditional`.
    /// EDNS options that leave no room for the question are left out.
    public mutating func finish(
        id: UInt16, flags: HeaderFlags, responseCode: ResponseCode, edns: ReplyEDNS?, limit: Int
    ) {
        var flags = flags
        var edns = edns
        let limit = min(limit, Self.maximumLength)
        if let given = edns, recordsStart + given.length > limit {
            edns?.options = UnsafeRawBufferPointer(start: nil, count: 0)
        }
        let room = limit - (edns?.length ?? 0)
        if count > room { cut(to: room) }
        if let cutSection, cutSection < .additional || needsAdditional { flags.isTruncated = true }
        flags.responseCode = responseCode
        if let edns { put(edns, responseCode) }
        base.storeBigEndian(id, at: 0)
        base.storeBigEndian(flags.rawValue, at: 2)
        base.storeBigEndian(UInt16(questionNameLength > 0 ? 1 : 0), at: 4)
        base.storeBigEndian(UInt16(truncatingIfNeeded: answerCount), at: 6)
        base.storeBigEndian(UInt16(truncatingIfNeeded: authorityCount), at: 8)
        base.storeBigEndian(UInt16(truncatingIfNeeded: additionalCount + (edns == nil ? 0 : 1)), at: 10)
    }

    private mutating func cut(to room: Int) {
        // The first record that ends behind the room, by bisection: starts ascend.
        var low = 0
        var high = recordCount
        while low < high {
            let middle = (low + high) / 2
            if start(ofRecord: middle + 1) <= room { low = middle + 1 } else { high = middle }
        }
        guard low < recordCount else { return }
        cutSection = low < answerCount ? .answer : low < answerCount + authorityCount ? .authority : .additional
        if cutSection == .additional { low = firstOfSet(low) }
        count = start(ofRecord: low)
        recordCount = low
        answerCount = min(answerCount, low)
        authorityCount = min(authorityCount, low - answerCount)
        additionalCount = low - answerCount - authorityCount
    }

    /// The first record of the additional section that belongs to the same RRset as record `index`. Where no TC tells
    /// of a cut, no set may look complete that is not (RFC 2181 §9).
    func firstOfSet(_ index: Int) -> Int {
        var first = index
        while first > answerCount + authorityCount, isSameSet(first - 1, first) { first -= 1 }
        return first
    }

    /// Whether two neighbours have the same type and, as far as their bytes tell, the same owner.
    private func isSameSet(_ index: Int, _ next: Int) -> Bool {
        let (start, other) = (Int(starts[index]), Int(starts[next]))
        guard let end = MessageReader.endOfName(bytes, at: start),
            let otherEnd = MessageReader.endOfName(bytes, at: other),
            equalBytes(base + end, base + otherEnd, count: 4)
        else { return false }
        if firstLabel(ofNameAt: start) == firstLabel(ofNameAt: other) { return true }
        return end - start == otherEnd - other && equalBytes(base + start, base + other, count: end - start)
    }

    /// Where the first label of a name stands.
    private func firstLabel(ofNameAt offset: Int) -> Int {
        let word = Int(UnsafeRawPointer(base).bigEndian16(offset))
        return word >= 0xC000 ? word & Self.pointerMax : offset
    }

    private mutating func put(_ edns: ReplyEDNS, _ responseCode: ResponseCode) {
        put(UInt8(0))
        put(RecordType.opt.rawValue)
        put(edns.udpSize)
        put(UInt32(responseCode.rawValue >> 4) << 24 | (edns.dnssecOK ? 0x8000 : 0))
        put(UInt16(truncatingIfNeeded: edns.options.count))
        put(edns.options)
    }
}
