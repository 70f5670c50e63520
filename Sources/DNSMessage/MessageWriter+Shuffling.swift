// Load is spread by the order of records: clients take the first address that works.

extension MessageWriter {
    /// Orders every section: CNAMEs first, which must precede what they lead to, then other records as they stand, then
    /// addresses, then MX records, the latter two shuffled.
    /// With weights, one address comes first by chance and nothing else moves, nor anything in the authority section.
    public mutating func shuffleRecords(_ shuffle: inout RecordShuffle) {
        guard recordCount > 1 else { return }
        var isDone = shuffleInPlace(records(in: .answer), &shuffle)
        if shuffle.weights == nil { isDone = shuffleInPlace(records(in: .authority), &shuffle) && isDone }
        isDone = shuffleInPlace(records(in: .additional), &shuffle) && isDone
        if !isDone { rewriteShuffled(&shuffle) }
    }
}

/// Where a record stands in its section.
private enum Rank: UInt8 {
    case alias, other, address, mail

    init(_ type: RecordType) {
        switch type {
        case .cname: self = .alias
        case .a, .aaaa: self = .address
        case .mx: self = .mail
        default: self = .other
        }
    }
}

/// What the records of a section are like.
private struct SectionLayout {
    var isOrdered = true
    var mailCount = 0
    var firstAddress = 0
    var addressCount = 0
    /// Length of every address record; 0 if they differ, or cannot change places for another reason.
    var addressLength = 0
}

// MARK: - The usual case: addresses of one length change places

extension MessageWriter {
    /// An owner that is a pointer, type, class, TTL and length.
    private static let pointedHeadLength = 12

    /// Shuffles a section if it takes no more than exchanging records of one length; false if it does. No name stands
    /// in an address record whose owner is a pointer, so nothing points to what moves.
    private mutating func shuffleInPlace(_ records: Range<Int>, _ shuffle: inout RecordShuffle) -> Bool {
        guard records.count > 1 else { return true }
        let layout = layout(of: records)
        if shuffle.weights != nil, layout.addressCount == 0 { return true }
        guard layout.isOrdered, layout.mailCount < 2 || shuffle.weights != nil else { return false }
        guard layout.addressCount > 1 else { return true }
        guard layout.addressLength > 0 else { return false }
        let first = base + start(ofRecord: layout.firstAddress)
        if let weights = shuffle.weights {
            let all = layout.firstAddress..<layout.firstAddress + layout.addressCount
            let chosen = shuffle.choice(all.map { record($0).map(weights.weight) ?? 1 })
            exchange(first, 0, chosen, length: layout.addressLength)
            bringForward(first, layout, shuffle.preferred)
            return true
        }
        var count = layout.addressCount - 1
        if shuffle.preferred.isEmpty {
            let room = shuffle.limit - start(ofRecord: layout.firstAddress)
            count = min(count, max(room, 0) / layout.addressLength + 1)
        }
        for index in 0..<count {
            let other = index + shuffle.number(below: layout.addressCount - index)
            exchange(first, index, other, length: layout.addressLength)
        }
        bringForward(first, layout, shuffle.preferred)
        return true
    }

    private func layout(of records: Range<Int>) -> SectionLayout {
        var layout = SectionLayout()
        var last = Rank.alias
        for index in records {
            let start = start(ofRecord: index)
            let type = type(ofRecordAt: start)
            let rank = Rank(type)
            if rank.rawValue < last.rawValue { layout.isOrdered = false }
            last = rank
            if rank == .mail { layout.mailCount += 1 }
            guard rank == .address else { continue }
            let isMovable = base.load(fromByteOffset: start, as: UInt8.self) >= 0xC0
            let length = self.start(ofRecord: index + 1) - start
            let isWhole = length == Self.pointedHeadLength + (type == .a ? 4 : 16)
            if layout.addressCount == 0 {
                layout.firstAddress = index
                layout.addressLength = isMovable && isWhole ? length : 0
            } else if !isMovable || !isWhole || length != layout.addressLength {
                layout.addressLength = 0
            }
            layout.addressCount += 1
        }
        return layout
    }

    private func type(ofRecordAt start: Int) -> RecordType {
        let message = UnsafeRawPointer(base)
        let isPointed = message.byte(start) >= 0xC0
        let end = isPointed ? start + 2 : MessageReader.endOfName(bytes, at: start) ?? start
        return RecordType(rawValue: message.bigEndian16(end))
    }

    /// Exchanges two of the records that lie one behind the other from `first` on; their lengths are 16 or 28.
    private func exchange(_ first: UnsafeMutableRawPointer, _ a: Int, _ b: Int, length: Int) {
        guard a != b else { return }
        let left = first + a * length
        let right = first + b * length
        var offset = 0
        while offset + 4 <= length {
            let word = left.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
            left.storeBytes(
                of: right.loadUnaligned(fromByteOffset: offset, as: UInt32.self), toByteOffset: offset, as: UInt32.self)
            right.storeBytes(of: word, toByteOffset: offset, as: UInt32.self)
            offset += 4
        }
    }

    private func bringForward(
        _ first: UnsafeMutableRawPointer, _ layout: SectionLayout, _ preferred: UnsafeBufferPointer<AddressPrefix>
    ) {
        var front = 0
        for prefix in preferred {
            for index in front..<layout.addressCount {
                let data = UnsafeRawPointer(first + index * layout.addressLength + Self.pointedHeadLength)
                let isV4 = layout.addressLength == Self.pointedHeadLength + 4
                let address = isV4 ? IPAddress(v4: data.bigEndian32(0)) : IPAddress(v6At: data)
                guard prefix.contains(address) else { continue }
                exchange(first, index, front, length: layout.addressLength)
                front += 1
            }
        }
    }
}

// MARK: - Everything else: the records are written again

extension MessageWriter {
    /// Writes all records anew in shuffled order, their names compressed again. If that fails, for want of room or
    /// because a record is malformed, the message stays as it is.
    private mutating func rewriteShuffled(_ shuffle: inout RecordShuffle) {
        let copy = setAside()
        order(records(in: .answer), in: copy, &shuffle)
        order(records(in: .authority), in: copy, &shuffle, isKept: shuffle.weights != nil)
        order(records(in: .additional), in: copy, &shuffle)
        let saved = (answerCount, authorityCount, additionalCount, section, cutSection)
        let savedBytes = self.saved
        var scratch = NameScratch()
        removeRecords()
        for position in 0..<copy.recordCount {
            if position >= saved.0 + saved.1 {
                section = .additional
            } else if position >= saved.0 {
                section = .authority
            }
            let record = copy.record(Int(copy.order[position]))
            if let record, copy.leavesRoom(for: record, in: self), add(record, scratch: &scratch) { continue }
            removeRecords()
            copy.restore(to: base, starts)
            (count, recordCount) = (copy.bytes.count, copy.recordCount)
            (answerCount, authorityCount, additionalCount) = (saved.0, saved.1, saved.2)
            self.saved = savedBytes
            break
        }
        (section, cutSection) = (saved.3, saved.4)
    }

    /// Copies the message to the far end of the writer's own memory; only a very large one needs memory of its own.
    private func setAside() -> MessageCopy {
        guard count <= MessageCopy.bytesInsideMax, 3 * recordCount <= Self.recordsMax else {
            return MessageCopy(bytes: bytes, starts: starts, recordCount: recordCount, place: nil)
        }
        let place = MessageCopy.Place(
            bytes: base + (Self.maximumLength + 1 - count), starts: starts + (Self.recordsMax - recordCount),
            order: starts + (Self.recordsMax - 2 * recordCount))
        return MessageCopy(bytes: bytes, starts: starts, recordCount: recordCount, place: place)
    }

    private func order(
        _ records: Range<Int>, in copy: borrowing MessageCopy, _ shuffle: inout RecordShuffle, isKept: Bool = false
    ) {
        if isKept || (shuffle.weights != nil && layout(of: records).addressCount == 0) {
            for index in records { copy.order[index] = UInt16(truncatingIfNeeded: index) }
            return
        }
        var next = records.lowerBound
        for rank in [Rank.alias, .other, .address, .mail] {
            let first = next
            for index in records where Rank(type(ofRecordAt: start(ofRecord: index))) == rank {
                copy.order[next] = UInt16(truncatingIfNeeded: index)
                next += 1
            }
            guard rank == .address || rank == .mail else { continue }
            if let weights = shuffle.weights {
                guard rank == .address, first < next else { continue }
                let choice = shuffle.choice((first..<next).map { record(Int(copy.order[$0])).map(weights.weight) ?? 1 })
                copy.exchange(first, first + choice)
            } else {
                for index in first..<next { copy.exchange(index, index + shuffle.number(below: next - index)) }
            }
            if rank == .address { copy.bringForward(first..<next, shuffle.preferred) }
        }
    }
}

/// A message set aside, and the order in which its records are to be written again.
private struct MessageCopy: ~Copyable {
    let bytes: UnsafeMutableRawBufferPointer
    let starts: UnsafeMutablePointer<UInt16>
    let order: UnsafeMutablePointer<UInt16>
    let recordCount: Int
    private let isInside: Bool

    /// Memory that belongs to somebody else.
    struct Place {
        let bytes: UnsafeMutableRawPointer
        let starts: UnsafeMutablePointer<UInt16>
        let order: UnsafeMutablePointer<UInt16>
    }

    /// Larger messages are not set aside within the writer's memory, where the new message grows towards them.
    static let bytesInsideMax = 16_384
    /// What a record takes at most beside its data: two names in the data and one as owner, whole, and the fixed part.
    private static let recordOverheadMax = 3 * Name.maximumLength + 10

    init(
        bytes: UnsafeRawBufferPointer, starts: UnsafeMutablePointer<UInt16>, recordCount: Int, place: Place?
    ) {
        isInside = place != nil
        self.bytes =
            place.map { UnsafeMutableRawBufferPointer(start: $0.bytes, count: bytes.count) }
            ?? .allocate(byteCount: bytes.count, alignment: 8)
        self.bytes.copyMemory(from: bytes)
        self.starts = place?.starts ?? .allocate(capacity: recordCount)
        self.starts.initialize(from: starts, count: recordCount)
        order = place?.order ?? .allocate(capacity: recordCount)
        order.initialize(repeating: 0, count: recordCount)
        self.recordCount = recordCount
    }

    /// Whether the next record, written behind what `writer` has, stays clear of the copy.
    func leavesRoom(for record: RecordView, in writer: borrowing MessageWriter) -> Bool {
        guard isInside, let copy = bytes.baseAddress, let message = writer.bytes.baseAddress else { return true }
        let room = UnsafeRawPointer(copy) - message - writer.bytes.count
        return room >= record.data.count + Self.recordOverheadMax
    }

    deinit {
        if isInside { return }
        bytes.deallocate()
        starts.deallocate()
        order.deallocate()
    }

    func record(_ index: Int) -> RecordView? {
        let message = UnsafeRawBufferPointer(bytes)
        let start = Int(starts[index])
        guard let base = message.baseAddress, let fixed = MessageReader.endOfName(message, at: start) else {
            return nil
        }
        let data = fixed + 10
        return RecordView(
            message: message, ownerOffset: start, type: RecordType(rawValue: base.bigEndian16(fixed)),
            class: RecordClass(rawValue: base.bigEndian16(fixed + 2)), ttl: base.bigEndian32(fixed + 4),
            data: data..<data + Int(base.bigEndian16(fixed + 8)))
    }

    func restore(to target: UnsafeMutableRawPointer, _ targetStarts: UnsafeMutablePointer<UInt16>) {
        UnsafeMutableRawBufferPointer(start: target, count: bytes.count).copyMemory(from: UnsafeRawBufferPointer(bytes))
        targetStarts.update(from: starts, count: recordCount)
    }

    func exchange(_ a: Int, _ b: Int) {
        let moved = order[a]
        order[a] = order[b]
        order[b] = moved
    }

    func bringForward(_ range: Range<Int>, _ preferred: UnsafeBufferPointer<AddressPrefix>) {
        var front = range.lowerBound
        for prefix in preferred {
            for index in front..<range.upperBound {
                guard let address = address(Int(order[index])), prefix.contains(address) else { continue }
                exchange(index, front)
                front += 1
            }
        }
    }

    private func address(_ index: Int) -> IPAddress? {
        guard let data = record(index)?.dataBytes, let base = data.baseAddress else { return nil }
        return switch data.count {
        case 4: IPAddress(v4: base.bigEndian32(0))
        case 16: IPAddress(v6At: base)
        default: nil
        }
    }
}
