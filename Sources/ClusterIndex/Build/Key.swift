import DNSMessage

/// Up to 254 bytes by which a record is found, with their hash. Behind a key of less than eight bytes as many must be
/// readable as eight lack: keys are read eight bytes at a time.
struct Key {
    /// Longest key: a length byte and a name of the Kubernetes API.
    static var maximumLength: Int { 254 }
    /// Longest key of a DNS label. Services and namespaces have no longer names, and nobody could ask for them.
    static var labelMaximumLength: Int { 64 }

    let bytes: UnsafeRawPointer
    let length: Int
    let hash: UInt64

    /// A key whose bytes somebody else keeps.
    @inline(__always)
    init(_ bytes: UnsafeRawPointer, length: Int, seed: UInt64) {
        self.bytes = bytes
        self.length = length
        hash = Key.hash(bytes, length: length, seed: seed)
    }

    /// The key of a record.
    @inline(__always)
    init(of record: Block, seed: UInt64) {
        self.init(record.key, length: record.keyLength, seed: seed)
    }

    /// Whether `record` has this key.
    @inline(__always)
    func isKey(of record: Block) -> Bool {
        guard record.keyLength == length else { return false }
        let other = record.key
        guard length >= 8 else { return Key.word(bytes, 0) & Key.mask(length) == Key.word(other, 0) }
        guard Key.word(bytes, 0) == Key.word(other, 0) else { return false }
        // Words may overlap, so that the last one ends where the key ends.
        var offset = 8
        while offset &+ 8 < length {
            guard Key.word(bytes, offset) == Key.word(other, offset) else { return false }
            offset &+= 8
        }
        return Key.word(bytes, length &- 8) == Key.word(other, length &- 8)
    }

    // Multiply-and-fold over words that may overlap, keyed by a random odd seed so that nobody can choose names that
    // collide. With a seed of 0, which only tests have, everything does.
    @inline(__always)
    private static func hash(_ bytes: UnsafeRawPointer, length: Int, seed: UInt64) -> UInt64 {
        guard length >= 8 else { return fold(fold(word(bytes, 0) & mask(length) ^ seed, ~seed), seed) }
        let last = word(bytes, length &- 8) ^ ~seed
        guard length > 16 else { return fold(fold(word(bytes, 0) ^ seed, last), seed) }
        var hash = seed
        var offset = 0
        while offset &+ 16 < length {
            hash = fold(word(bytes, offset) ^ hash, word(bytes, offset &+ 8) ^ ~seed)
            offset &+= 16
        }
        return fold(fold(word(bytes, length &- 16) ^ hash, last), seed)
    }

    @inline(__always)
    private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }

    @inline(__always)
    private static func word(_ bytes: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }

    /// For fewer than eight bytes, which come first in memory.
    @inline(__always)
    private static func mask(_ bytes: Int) -> UInt64 {
        UInt64(littleEndian: (1 &<< UInt64(truncatingIfNeeded: bytes &* 8)) &- 1)
    }
}

extension Key {
    /// Calls `body` with the key of a name of the Kubernetes API: its length, then its bytes in lower case, as they lie
    /// in a query. Nil if the name is empty or too long to be one.
    static func with<Result>(
        name: String, seed: UInt64, maximumLength: Int = maximumLength, _ body: (Key) -> Result
    ) -> Result? {
        var name = name
        return name.withUTF8 { utf8 in
            guard !utf8.isEmpty, utf8.count < maximumLength else { return nil }
            // A constant size: room of any other would come from the heap.
            return withUnsafeTemporaryAllocation(byteCount: Key.maximumLength + 8, alignment: 8) { buffer in
                buffer[0] = UInt8(utf8.count)
                for index in 0..<utf8.count { buffer[index + 1] = foldedByte(utf8[index]) }
                for index in utf8.count + 1...utf8.count + 8 where index < buffer.count { buffer[index] = 0 }
                return body(
                    Key(UnsafeRawPointer(buffer.baseAddress.unsafelyUnwrapped), length: utf8.count + 1, seed: seed))
            }
        }
    }

    /// The same for the name of a service or a namespace, which is one label.
    static func with<Result>(label: String, seed: UInt64, _ body: (Key) -> Result) -> Result? {
        with(name: label, seed: seed, maximumLength: labelMaximumLength, body)
    }

    /// Calls `body` with the key of an address: its bytes in network order.
    @inline(__always)
    static func with<Result>(address: IPAddress, seed: UInt64, _ body: (Key) -> Result) -> Result {
        var words = (UInt64(0), UInt64(0), UInt64(0))
        return withUnsafeMutableBytes(of: &words) { buffer in
            let base = buffer.baseAddress.unsafelyUnwrapped
            let length = address.store(to: base)
            return body(Key(UnsafeRawPointer(base), length: length, seed: seed))
        }
    }
}
