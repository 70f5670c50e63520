// Whole records in one call, for the types that answers are mostly made of.

extension MessageWriter {
    /// A or AAAA.
    @inline(__always) @discardableResult
    public mutating func addAddress(_ owner: WrittenName, _ address: IPAddress, ttl: UInt32) -> Bool {
        beginRecord(owner, address.family == .v4 ? .a : .aaaa, ttl: ttl)
        put(address: address)
        return endRecord()
    }

    /// The 4 or 16 bytes of an address.
    @inline(__always)
    public mutating func put(address: IPAddress) {
        guard reserve(16) else { return }
        count += address.store(to: base + count)
    }

    /// CNAME, NS, PTR or DNAME: a record whose data is one name.
    @discardableResult
    public mutating func addName(_ owner: WrittenName, _ type: RecordType, _ target: WrittenName, ttl: UInt32) -> Bool {
        beginRecord(owner, type, ttl: ttl)
        put(target)
        return endRecord()
    }

    /// TXT with one string, cut at 255 bytes.
    @discardableResult
    public mutating func addText(
        _ owner: WrittenName, _ text: UnsafeRawBufferPointer, class: RecordClass = .internet, ttl: UInt32
    ) -> Bool {
        beginRecord(owner, .txt, class: `class`, ttl: ttl)
        put(characterString: text)
        return endRecord()
    }

    /// A record of an owned message.
    @discardableResult
    public mutating func add(_ record: Record) -> Bool {
        record.name.wire.withUnsafeBytes { owner in
            beginRecord(
                .wire(owner.baseAddress.unsafelyUnwrapped), record.type, class: record.class, ttl: record.ttl)
        }
        record.data.write(to: &self)
        return endRecord()
    }

    /// A copy of a record of another message, its names compressed anew. False if it does not fit or is malformed.
    @discardableResult
    public mutating func add(_ record: RecordView, owner: WrittenName? = nil, scratch: inout NameScratch) -> Bool {
        guard let name = scratch.read(record.message, at: record.ownerOffset)?.name else { return false }
        beginRecord(owner ?? .wire(name.spelled), record.type, class: record.class, ttl: record.ttl)
        guard putData(of: record, scratch: &scratch) else {
            discardRecord()
            return false
        }
        return endRecord()
    }

    /// Names inside data may be compressed only in the types of RFC 1035 (RFC 3597 §4), and so must be rewritten.
    private mutating func putData(of record: RecordView, scratch: inout NameScratch) -> Bool {
        let layout = RecordDataLayout(record.type)
        // An update deletes with records that have no data at all (RFC 2136 §2.5).
        guard layout.names > 0, !record.data.isEmpty else {
            put(record.dataBytes)
            return true
        }
        guard var position = layout.startOfNames(in: record) else { return false }
        put(UnsafeRawBufferPointer(rebasing: record.message[record.data.lowerBound..<position]))
        for _ in 0..<layout.names {
            guard let (name, end) = scratch.read(record.message, at: position), end <= record.data.upperBound else {
                return false
            }
            layout.isCompressible ? put(compressed: name.spelled) : put(uncompressed: name.spelled)
            position = end
        }
        put(UnsafeRawBufferPointer(rebasing: record.message[position..<record.data.upperBound]))
        return true
    }
}
