import Synchronization

/// What a block holds; its fifth byte tells, so that the last `release` knows what the block refers to.
enum BlockKind: UInt8 {
    case namespace, service, serviceIdentity, slice, sliceIdentity, address, endpoints, pod, podAddress
}

/// Reference-counted memory of the index: frozen once a reader can see it, shared by all generations that contain it.
///
/// Readers go from block to block by bare addresses and never touch a count: they hold the root, the root holds all.
/// Only the writer, and whoever drops a generation last, count. Layout: references (4 bytes), kind (1), key length (1),
/// a number free for the kind (2), the key padded with zeros to eight bytes, then what the kind lays down.
struct Block: Equatable {
    static var keyOffset: Int { 8 }

    let base: UnsafeMutableRawPointer

    @inline(__always) init(_ base: UnsafeMutableRawPointer) { self.base = base }
    @inline(__always) init(_ base: UnsafeRawPointer) { self.base = UnsafeMutableRawPointer(mutating: base) }

    /// A block with one reference, all bytes behind the header zero.
    init(kind: BlockKind, key: Key, payload: Int) {
        let size = Self.payloadOffset(keyLength: key.length) + payload
        base = Memory.allocate(size)
        base.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        base.storeBytes(of: kind.rawValue, toByteOffset: 4, as: UInt8.self)
        base.storeBytes(of: UInt8(key.length), toByteOffset: 5, as: UInt8.self)
        (base + Self.keyOffset).copyMemory(from: key.bytes, byteCount: key.length)
        references.initialize(to: Atomic(1))
    }

    @inline(__always) private var references: UnsafeMutablePointer<Atomic<UInt32>> {
        base.assumingMemoryBound(to: Atomic<UInt32>.self)
    }

    var kind: BlockKind {
        guard let kind = BlockKind(rawValue: base.load(fromByteOffset: 4, as: UInt8.self)) else {
            preconditionFailure("a block has one of the known kinds")
        }
        return kind
    }

    @inline(__always) var keyLength: Int { Int(base.load(fromByteOffset: 5, as: UInt8.self)) }
    @inline(__always) var key: UnsafeRawPointer { UnsafeRawPointer(base + Self.keyOffset) }

    /// The two header bytes that mean something to the kind.
    @inline(__always) var number: UInt16 {
        get { base.load(fromByteOffset: 6, as: UInt16.self) }
        nonmutating set { base.storeBytes(of: newValue, toByteOffset: 6, as: UInt16.self) }
    }

    @inline(__always) static func payloadOffset(keyLength: Int) -> Int { keyOffset &+ (keyLength &+ 7) & ~7 }

    /// What the kind lays down behind the key.
    @inline(__always) var payload: UnsafeMutableRawPointer { base + Self.payloadOffset(keyLength: keyLength) }

    /// Whether nobody else refers to the block, so that its owner may change it.
    var isUnique: Bool { references.pointee.load(ordering: .acquiring) == 1 }

    @inline(__always)
    func retain() { references.pointee.add(1, ordering: .relaxed) }

    @inline(__always)
    func release() {
        if releaseReference() { free() }
    }

    /// Counts one owner less; true if that was the last, who must `free` the block.
    @inline(__always)
    func releaseReference() -> Bool {
        references.pointee.subtract(1, ordering: .acquiringAndReleasing).newValue == 0
    }

    /// Frees a block that nobody refers to any more.
    func free() {
        releaseChildren()
        Memory.deallocate(base)
    }

    private func releaseChildren() {
        switch kind {
        case .namespace: NamespaceRecord(self).releaseChildren()
        case .service: ServiceRecord(self).releaseChildren()
        case .slice: SliceRecord(self).releaseChildren()
        case .sliceIdentity: SliceIdentity(self).releaseChildren()
        case .address: AddressRecord(self).releaseChildren()
        case .endpoints: EndpointsRecord(self).releaseChildren()
        case .serviceIdentity, .pod, .podAddress: break
        }
    }
}
