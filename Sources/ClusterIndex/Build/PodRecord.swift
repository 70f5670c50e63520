import DNSMessage

/// A pod by name: it knows the address it was entered with.
struct PodRecord {
    let block: Block

    @inline(__always) init(_ block: Block) { self.block = block }

    /// A pod with an address.
    init(key: Key, address: IPAddress) {
        block = Block(kind: .pod, key: key, payload: 16)
        block.number = UInt16(address.store(to: block.payload))
    }

    var address: IPAddress {
        block.number == 4
            ? IPAddress(v4: UnsafeRawPointer(block.payload).bigEndian32(0)) : IPAddress(v6At: block.payload)
    }
}

/// An address of a namespace and how many of its pods have it: with host networking several.
struct PodAddressRecord {
    let block: Block

    @inline(__always) init(_ block: Block) { self.block = block }

    /// An address of so many pods.
    init(key: Key, pods: Int) {
        block = Block(kind: .podAddress, key: key, payload: 8)
        block.payload.storeBytes(of: pods, as: Int.self)
    }

    var pods: Int { block.payload.load(as: Int.self) }
}
