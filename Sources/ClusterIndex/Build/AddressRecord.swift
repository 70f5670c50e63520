import DNSMessage

/// Who has an address: services by their cluster IP, then slices by their ready endpoints, in the order of namespace,
/// service, slice and label.
///
/// Behind the key (the address in network order) lie as many words as the header's number tells: each the address of a
/// `ServiceIdentity` or a `SliceIdentity`; an odd one means that the endpoint has a label other than the address with
/// dashes. Those labels follow, with a length byte each, in the same order.
struct AddressRecord {
    fileprivate static let labelTag: UInt = 1

    /// One owner of the address.
    struct Entry {
        let block: Block
        /// With its length byte, in lower case; nil for a service, and for the address with dashes.
        let label: UnsafeRawPointer?

        var isService: Bool { block.kind == .serviceIdentity }
        var service: ServiceIdentity { isService ? ServiceIdentity(block) : SliceIdentity(block).service }

        /// Whether a label, given as in `label`, is the same for an endpoint with the same address.
        func hasLabel(_ other: UnsafeRawPointer?, of address: IPAddress) -> Bool {
            switch (label, other) {
            case (nil, nil): true
            case (let a?, let b?): a.byte(0) == b.byte(0) && equalBytes(a, b, count: 1 + Int(a.byte(0)))
            case (let a?, nil), (nil, let a?): DashedAddress.isLabel(a, of: address)
            }
        }
    }

    /// Goes through the entries in order.
    struct Cursor {
        private let words: UnsafePointer<UInt>
        private let count: Int
        private var index = 0
        private var label: UnsafeRawPointer

        fileprivate init(_ record: AddressRecord) {
            words = record.words
            count = record.count
            label = UnsafeRawPointer(words + count)
        }

        @inline(__always)
        mutating func next() -> Entry? {
            guard index < count else { return nil }
            let entry = Entry(word: words[index], label: label)
            index &+= 1
            if let own = entry.label { label += 1 + Int(own.byte(0)) }
            return entry
        }
    }

    let block: Block

    @inline(__always) init(_ block: Block) { self.block = block }

    @inline(__always) var count: Int { Int(block.number) }
    @inline(__always) fileprivate var words: UnsafePointer<UInt> {
        UnsafePointer(block.payload.assumingMemoryBound(to: UInt.self))
    }
    @inline(__always) var cursor: Cursor { Cursor(self) }

    func releaseChildren() {
        var cursor = cursor
        while let entry = cursor.next() { entry.block.release() }
    }
}

// MARK: - Versions, for the writer

extension AddressRecord {
    /// A record of one owner, which is shared; labels have a length byte.
    init(key: Key, owner: Block, label: UnsafeRawBufferPointer) {
        self.init(key: key, count: 1, labelBytes: label.count)
        owner.retain()
        put(owner, isLabelled: !label.isEmpty, at: 0)
        put(label, at: 0)
    }

    private init(key: Key, count: Int, labelBytes: Int) {
        block = Block(kind: .address, key: key, payload: 8 * count + labelBytes)
        block.number = UInt16(count)
    }

    private func put(_ owner: Block, isLabelled: Bool, at index: Int) {
        let word = UInt(bitPattern: owner.base) | (isLabelled ? Self.labelTag : 0)
        UnsafeMutablePointer(mutating: words)[index] = word
    }

    private func put(_ label: UnsafeRawBufferPointer, at offset: Int) {
        guard let source = label.baseAddress else { return }
        UnsafeMutableRawPointer(mutating: labelBytes + offset).copyMemory(from: source, byteCount: label.count)
    }

    private var labelBytes: UnsafeRawPointer { UnsafeRawPointer(words + count) }

    /// A new version with one more owner; nil if it is there already, or there are too many.
    func inserting(key: Key, owner: Block, label: UnsafeRawBufferPointer) -> AddressRecord? {
        guard count < Limits.entriesPerAddressMax else { return nil }
        let new = Entry(block: owner, label: label.baseAddress)
        var place = Place()
        while let entry = cursor(at: place), entry.precedes(new) { place.pass(entry) }
        if let entry = cursor(at: place), entry.isSame(as: new) { return nil }
        let record = AddressRecord(key: key, count: count + 1, labelBytes: labelLength + label.count)
        owner.retain()
        record.put(owner, isLabelled: !label.isEmpty, at: place.index)
        record.put(label, at: place.label)
        record.copy(self, from: Place(), to: Place(), until: place)
        let behind = Place(index: place.index + 1, label: place.label + label.count)
        record.copy(self, from: place, to: behind, until: Place(index: count, label: labelLength))
        return record
    }

    /// A new version without an owner; nil if it is not there. The last one is not taken out this way.
    func removing(key: Key, owner: Block, label: UnsafeRawBufferPointer) -> AddressRecord? {
        let gone = Entry(block: owner, label: label.baseAddress)
        var place = Place()
        while let entry = cursor(at: place), !entry.isSame(as: gone) { place.pass(entry) }
        guard place.index < count else { return nil }
        let record = AddressRecord(key: key, count: count - 1, labelBytes: labelLength - label.count)
        record.copy(self, from: Place(), to: Place(), until: place)
        let behind = Place(index: place.index + 1, label: place.label + label.count)
        record.copy(self, from: behind, to: place, until: Place(index: count, label: labelLength))
        return record
    }

    /// Whether this is the one owner.
    func isOnly(owner: Block, label: UnsafeRawBufferPointer) -> Bool {
        guard count == 1, let entry = cursor(at: Place()) else { return false }
        return entry.isSame(as: Entry(block: owner, label: label.baseAddress))
    }

    /// In how many slices of a service the address stands; two stand for more.
    func sliceCount(of service: ServiceIdentity) -> Int {
        var cursor = cursor
        var first: Block?
        while let entry = cursor.next() {
            guard !entry.isService, entry.service == service, entry.block != first else { continue }
            if first != nil { return 2 }
            first = entry.block
        }
        return first == nil ? 0 : 1
    }

    /// A word, and the bytes of the labels before it.
    private struct Place {
        var index = 0
        var label = 0

        mutating func pass(_ entry: Entry) {
            index += 1
            label += entry.label.map { 1 + Int($0.byte(0)) } ?? 0
        }
    }

    private func cursor(at place: Place) -> Entry? {
        guard place.index < count else { return nil }
        return Entry(word: words[place.index], label: labelBytes + place.label)
    }

    private var labelLength: Int {
        var place = Place()
        while let entry = cursor(at: place) { place.pass(entry) }
        return place.label
    }

    /// Copies the owners from one place until another, sharing them, and their labels.
    private func copy(_ other: AddressRecord, from source: Place, to target: Place, until end: Place) {
        for index in 0..<max(0, end.index - source.index) {
            let word = other.words[source.index + index]
            Entry(word: word, label: other.labelBytes).block.retain()
            UnsafeMutablePointer(mutating: words)[target.index + index] = word
        }
        let bytes = UnsafeRawBufferPointer(
            start: other.labelBytes + source.label, count: max(0, end.label - source.label))
        put(bytes, at: target.label)
    }
}

extension AddressRecord.Entry {
    @inline(__always)
    fileprivate init(word: UInt, label: UnsafeRawPointer) {
        // Not null: the words are addresses of blocks.
        block = Block(UnsafeRawPointer(bitPattern: word & ~AddressRecord.labelTag).unsafelyUnwrapped)
        self.label = word & AddressRecord.labelTag != 0 ? label : nil
    }

    fileprivate func isSame(as other: AddressRecord.Entry) -> Bool {
        block == other.block && labelBytes.elementsEqual(other.labelBytes)
    }

    /// The order of services before slices, then of namespace, service, slice and label.
    fileprivate func precedes(_ other: AddressRecord.Entry) -> Bool {
        if isService != other.isService { return isService }
        let (a, b) = (service, other.service)
        if a != b {
            let (spaceA, spaceB) = (a.namespace, b.namespace)
            return spaceA.elementsEqual(spaceB)
                ? a.labels.lexicographicallyPrecedes(b.labels) : spaceA.lexicographicallyPrecedes(spaceB)
        }
        if block != other.block { return block.keyBytes.lexicographicallyPrecedes(other.block.keyBytes) }
        return labelBytes.lexicographicallyPrecedes(other.labelBytes)
    }

    private var labelBytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: label, count: label.map { 1 + Int($0.byte(0)) } ?? 0)
    }
}

extension Block {
    /// The key as bytes.
    var keyBytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: key, count: keyLength) }
}
