import DNSMessage

/// Which service: its name and namespace as two labels in wire form, lower case. There is one block for each service,
/// for as long as the service or a slice of it is known, so that equal services are equal addresses.
struct ServiceIdentity: Equatable {
    let block: Block

    @inline(__always) init(_ block: Block) { self.block = block }

    /// A new identity; `name` and `namespace` are keys of their records.
    init(name: Key, namespace: Key, seed: UInt64) {
        precondition(max(name.length, namespace.length) <= Key.labelMaximumLength)
        let made = withUnsafeTemporaryAllocation(byteCount: 2 * Key.labelMaximumLength + 8, alignment: 8) { buffer in
            let base = buffer.baseAddress.unsafelyUnwrapped
            base.copyMemory(from: name.bytes, byteCount: name.length)
            (base + name.length).copyMemory(from: namespace.bytes, byteCount: namespace.length)
            let key = Key(UnsafeRawPointer(base), length: name.length + namespace.length, seed: seed)
            // The namespace, which comes last, is a key of its own: behind a short one eight bytes must be readable.
            return Block(kind: .serviceIdentity, key: key, payload: 8)
        }
        self.init(made)
    }

    /// Both labels with their length bytes.
    @inline(__always) var labels: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: block.key, count: block.keyLength)
    }

    /// The label of the service with its length byte; a zero alone stands for no service.
    var name: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: labels[...Int(labels[0])])
    }

    /// The label of the namespace with its length byte.
    var namespace: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: labels[(1 + Int(labels[0]))...])
    }
}

/// Which slice of which service. Addresses refer to it rather than to a slice's record, so that a new version of the
/// slice touches only the addresses that come and go.
struct SliceIdentity: Equatable {
    let block: Block

    @inline(__always) init(_ block: Block) { self.block = block }

    /// A new identity; shares the service's.
    init(name: Key, service: ServiceIdentity) {
        block = Block(kind: .sliceIdentity, key: name, payload: 8)
        service.block.retain()
        block.payload.storeBytes(of: service.block.base, as: UnsafeMutableRawPointer.self)
    }

    @inline(__always) var service: ServiceIdentity {
        ServiceIdentity(Block(block.payload.load(as: UnsafeMutableRawPointer.self)))
    }

    func releaseChildren() { service.block.release() }
}

/// Orders runs of bytes as their bytes are ordered.
func isOrdered(_ a: UnsafeRawBufferPointer, before b: UnsafeRawBufferPointer) -> Bool {
    a.lexicographicallyPrecedes(b)
}
