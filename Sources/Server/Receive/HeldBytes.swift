/// Bytes that wait for something; no memory while there are none.
struct HeldBytes {
    private var storage: UnsafeMutableRawBufferPointer?
    private var start = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    var bytes: UnsafeRawBufferPointer {
        guard let base = storage?.baseAddress else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: base + start, count: count)
    }

    mutating func append(_ more: UnsafeRawBufferPointer) {
        let joined = UnsafeMutableRawBufferPointer.allocate(byteCount: count + more.count, alignment: 8)
        joined.copyMemory(from: bytes)
        UnsafeMutableRawBufferPointer(rebasing: joined[count...]).copyMemory(from: more)
        let total = count + more.count
        clear()
        storage = joined
        count = total
    }

    mutating func removeFirst(_ number: Int) {
        start += number
        count -= number
        if count == 0 { clear() }
    }

    /// Copies the bytes out and lets their memory go.
    mutating func move(to target: UnsafeMutableRawPointer) -> Int {
        let moved = count
        if let source = bytes.baseAddress { target.copyMemory(from: source, byteCount: moved) }
        clear()
        return moved
    }

    mutating func clear() {
        storage?.deallocate()
        storage = nil
        start = 0
        count = 0
    }
}
