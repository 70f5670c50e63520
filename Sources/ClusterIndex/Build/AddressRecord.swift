import DNSMessage

/// Who has an address: services by their cluster IP, then slices by their ready endpoints, in the order of namespace,
/// service, slice and label.
///
/// Behind the key (the address in network order) lie as many words as the header's number tells: each the address of a
/// `ServiceIdentity` or a `SliceIdentity`; an odd one means that the endpoint has a label other than the address with
/// dashes. Those labels follow, with a length byte each, in the same order.
struct AddressRecord {
    private static let labelTag: UInt = 1

    /// One owner of the address.
    struct Entry {
        let block: Block
        /// With its length byte, in lower case; nil for a service, and for the address with dashes.
        let label: UnsafeRawPointer?

        var isService: Bool { block.kind == .serviceIdentity }
        var service: ServiceIdentity { isService ? ServiceIdentity(block) : SliceIdentity(block).service }

        /// Whether a label without its length byte is this entry's own.
        func hasLabel(_ other: UnsafeRawPointer?) -> Bool {
            guard let label, let other else { return label == nil && other == nil }
            return label.byte(0) == other.byte(0) && equalBytes(label, other, count: 1 + Int(label.byte(0)))
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
            let word = words[index]
            index &+= 1
            // Not null: the words are addresses of blocks.
            let block = Block(UnsafeRawPointer(bitPattern: word & ~AddressRecord.labelTag).unsafelyUnwrapped)
            guard word & AddressRecord.labelTag != 0 else { return Entry(block: block, label: nil) }
            defer { label += 1 + Int(label.byte(0)) }
            return Entry(block: block, label: label)
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
    /// The entries in memory of the writer's own.
    struct Draft {
        struct Entry {
            var block: Block
            var label: [UInt8] = []

            /// Namespace, service, slice and label, services before slices.
            fileprivate func precedes(_ other: Entry) -> Bool {
                let (a, b) = (
                    AddressRecord.Entry(block: block, label: nil), AddressRecord.Entry(block: other.block, label: nil)
                )
                if a.isService != b.isService { return a.isService }
                if a.service != b.service {
                    let (spaceA, spaceB) = (a.service.namespace, b.service.namespace)
                    if !spaceA.elementsEqual(spaceB) { return spaceA.lexicographicallyPrecedes(spaceB) }
                    return a.service.labels.lexicographicallyPrecedes(b.service.labels)
                }
                if block != other.block {
                    return isOrdered(block.keyBytes, before: other.block.keyBytes)
                }
                return label.lexicographicallyPrecedes(other.label)
            }

            fileprivate func isSame(as other: Entry) -> Bool { block == other.block && label == other.label }
        }

        private(set) var entries: [Entry] = []

        init() {}

        init(_ record: AddressRecord) {
            var cursor = record.cursor
            while let entry = cursor.next() {
                entries.append(Entry(block: entry.block, label: Draft.bytes(entry.label)))
            }
        }

        private static func bytes(_ label: UnsafeRawPointer?) -> [UInt8] {
            guard let label else { return [] }
            return Array(UnsafeRawBufferPointer(start: label + 1, count: Int(label.byte(0))))
        }

        /// Enters an owner; false if it is there already or there are too many.
        mutating func insert(_ entry: Entry) -> Bool {
            guard entries.count < Limits.entriesPerAddressMax else { return false }
            let place = entries.firstIndex { !$0.precedes(entry) } ?? entries.count
            if place < entries.count, entries[place].isSame(as: entry) { return false }
            entries.insert(entry, at: place)
            return true
        }

        mutating func remove(_ entry: Entry) -> Bool {
            guard let place = entries.firstIndex(where: { $0.isSame(as: entry) }) else { return false }
            entries.remove(at: place)
            return true
        }

        /// In how many slices of a service the address stands.
        func sliceCount(of service: ServiceIdentity) -> Int {
            var last: Block?
            var found = 0
            for entry in entries where entry.block.kind == .sliceIdentity && entry.block != last {
                guard SliceIdentity(entry.block).service == service else { continue }
                last = entry.block
                found += 1
            }
            return found
        }
    }

    /// Lays a draft down; the owners are shared.
    init(key: Key, _ draft: Draft) {
        let labels = draft.entries.filter { !$0.label.isEmpty }.reduce(0) { $0 + 1 + $1.label.count }
        block = Block(kind: .address, key: key, payload: 8 * draft.entries.count + labels)
        block.number = UInt16(draft.entries.count)
        var word = block.payload
        var label = word + 8 * draft.entries.count
        for entry in draft.entries {
            entry.block.retain()
            let tag = entry.label.isEmpty ? 0 : Self.labelTag
            word.storeBytes(of: UInt(bitPattern: entry.block.base) | tag, as: UInt.self)
            word += 8
            guard !entry.label.isEmpty else { continue }
            label.storeByte(UInt8(entry.label.count), at: 0)
            entry.label.withUnsafeBytes {
                (label + 1).copyMemory(from: $0.baseAddress.unsafelyUnwrapped, byteCount: $0.count)
            }
            label += 1 + entry.label.count
        }
    }
}

extension Block {
    /// The key as bytes.
    var keyBytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: key, count: keyLength) }
}
