// Many address records of one owner: nearly all that a busy server writes, so their bytes go out whole words at a time.

extension MessageWriter {
    /// One A record for each address, given in network order.
    public mutating func addAddresses(_ owner: WrittenName, v4 addresses: UnsafeBufferPointer<UInt32>, ttl: UInt32) {
        guard addresses.count == 1, let head = AddressHead(owner, .a, ttl: ttl, questionNameLength),
            recordsFitting(16, of: 1) == 1
        else { return addMany(owner, addresses, ttl: ttl) }
        (addRecord(head, length: 16) + 12).storeBytes(of: addresses[0], as: UInt32.self)
        countRecords(1, saved: head.saved)
    }

    @inline(never)
    private mutating func addMany(_ owner: WrittenName, _ addresses: UnsafeBufferPointer<UInt32>, ttl: UInt32) {
        var written = 0
        if let head = AddressHead(owner, .a, ttl: ttl, questionNameLength) {
            let fitting = recordsFitting(16, of: addresses.count)
            while written < fitting {
                (addRecord(head, length: 16) + 12).storeBytes(of: addresses[written], as: UInt32.self)
                written &+= 1
            }
            countRecords(written, saved: head.saved)
        }
        while written < addresses.count,
            addAddress(owner, IPAddress(v4: UInt32(bigEndian: addresses[written])), ttl: ttl)
        { written += 1 }
    }

    /// One AAAA record for each sixteen bytes.
    public mutating func addAddresses(_ owner: WrittenName, v6 addresses: UnsafeRawBufferPointer, ttl: UInt32) {
        guard let source = addresses.baseAddress else { return }
        let total = addresses.count / 16
        var written = 0
        if let head = AddressHead(owner, .aaaa, ttl: ttl, questionNameLength) {
            let fitting = recordsFitting(28, of: total)
            while written < fitting {
                let address = source.loadUnaligned(fromByteOffset: 16 &* written, as: SIMD2<UInt64>.self)
                (addRecord(head, length: 28) + 12).storeBytes(of: address, as: SIMD2<UInt64>.self)
                written &+= 1
            }
            countRecords(written, saved: head.saved)
        }
        while written < total, addAddress(owner, IPAddress(v6At: source + 16 * written), ttl: ttl) { written += 1 }
    }

    /// How many records of so many bytes still fit; none where one has failed to already.
    @inline(__always)
    private func recordsFitting(_ length: Int, of count: Int) -> Int {
        cutSection == nil && !hasOverflown ? min(count, max(0, Self.maximumLength &- self.count) / length) : 0
    }

    /// Writes all of a record but its data and returns where it starts.
    @inline(__always)
    private mutating func addRecord(_ head: AddressHead, length: Int) -> UnsafeMutableRawPointer {
        let record = base + count
        starts[recordCount] = UInt16(truncatingIfNeeded: count)
        record.storeBytes(of: head.first, as: UInt64.self)
        record.storeBytes(of: head.second, toByteOffset: 8, as: UInt32.self)
        count &+= length
        recordCount &+= 1
        return record
    }

    @inline(__always)
    private mutating func countRecords(_ written: Int, saved bytes: Int) {
        switch section {
        case .answer:
            answerCount &+= written
            saved.answer &+= written &* bytes
        case .authority:
            authorityCount &+= written
            saved.authority &+= written &* bytes
        case .additional:
            additionalCount &+= written
            saved.additional &+= written &* bytes
        }
    }
}

/// The first twelve bytes of a record whose owner is the question's name, as they lie in memory.
private struct AddressHead {
    /// Owner, type, class and the first half of the TTL.
    let first: UInt64
    /// The second half of the TTL and the data's length.
    let second: UInt32
    /// Bytes that the pointer saves.
    let saved: Int

    /// Nil for an owner other than the question's name, and for the root.
    @inline(__always)
    init?(_ owner: WrittenName, _ type: RecordType, ttl: UInt32, _ questionNameLength: Int) {
        guard case .question = owner, questionNameLength > 1 else { return nil }
        let pointer = UInt64(0xC000 | Header.length)
        first = (pointer << 48 | UInt64(type.rawValue) << 32 | 1 << 16 | UInt64(ttl >> 16)).bigEndian
        second = ((ttl & 0xFFFF) << 16 | (type == .a ? 4 : 16)).bigEndian
        saved = questionNameLength &- 2
    }
}
