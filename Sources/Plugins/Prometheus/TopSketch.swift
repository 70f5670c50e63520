import DNSMessage

/// The most frequent of many keys in little memory (Space-Saving; Metwally, Agrawal and El Abbadi 2005): a new key
/// takes the place of the rarest, and its count as the error that its own may have. A key whose share is above
/// 1 / `keysMax` is always among them.
struct TopSketch: ~Copyable {
    /// A key with its count.
    struct Entry: Equatable {
        /// Times it was seen, at most.
        var count: UInt64
        /// How many of these it may owe to others.
        var error: UInt64
    }

    /// Keys that are kept.
    static let keysMax = 128

    private let keyBytesMax: Int
    private let keys: UnsafeMutableRawPointer
    private let lengths: UnsafeMutablePointer<UInt8>
    private let hashes: UnsafeMutablePointer<UInt64>
    private let entries: UnsafeMutablePointer<Entry>
    private var used = 0

    /// For keys of at most so many bytes, at most 255.
    init(keyBytesMax: Int) {
        self.keyBytesMax = keyBytesMax
        keys = .allocate(byteCount: Self.keysMax * keyBytesMax, alignment: 8)
        lengths = .allocate(capacity: Self.keysMax)
        hashes = .allocate(capacity: Self.keysMax)
        entries = .allocate(capacity: Self.keysMax)
    }

    deinit {
        keys.deallocate()
        lengths.deallocate()
        hashes.deallocate()
        entries.deallocate()
    }

    /// Counts a key once.
    mutating func count(_ key: UnsafeRawBufferPointer) {
        guard let bytes = key.baseAddress, key.count <= keyBytesMax else { return }
        let hash = hashBytes(key)
        for index in 0..<used where hashes[index] == hash && isKey(index, bytes, key.count) {
            // Not in place: the compiler (6.3.1) makes no code of that with the thread sanitizer.
            entries[index] = Entry(count: entries[index].count + 1, error: entries[index].error)
            return
        }
        if used < Self.keysMax {
            entries[used] = Entry(count: 1, error: 0)
            set(used, bytes, key.count, hash)
            used += 1
        } else {
            let rarest = rarest
            entries[rarest] = Entry(count: entries[rarest].count + 1, error: entries[rarest].count)
            set(rarest, bytes, key.count, hash)
        }
    }

    private func isKey(_ index: Int, _ bytes: UnsafeRawPointer, _ count: Int) -> Bool {
        Int(lengths[index]) == count && equalBytes(keys + index * keyBytesMax, bytes, count: count)
    }

    private func set(_ index: Int, _ bytes: UnsafeRawPointer, _ count: Int, _ hash: UInt64) {
        (keys + index * keyBytesMax).copyMemory(from: bytes, byteCount: count)
        lengths[index] = UInt8(truncatingIfNeeded: count)
        hashes[index] = hash
    }

    private var rarest: Int {
        var rarest = 0
        for index in 1..<used where entries[index].count < entries[rarest].count { rarest = index }
        return rarest
    }

    /// Forgets everything.
    mutating func clear() { used = 0 }

    /// Shows every key that is kept.
    func forEach(_ body: (UnsafeRawBufferPointer, Entry) -> Void) {
        for index in 0..<used {
            body(
                UnsafeRawBufferPointer(start: keys + index * keyBytesMax, count: Int(lengths[index])), entries[index])
        }
    }
}
