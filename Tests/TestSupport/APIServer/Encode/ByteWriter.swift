import Glibc

/// Bytes being put together. Not an array of bytes: that is slow where nothing is optimised, and whole clusters are
/// encoded in tests.
struct ByteWriter: ~Copyable {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int = 1_024) {
        self.capacity = max(capacity, 64)
        base = .allocate(byteCount: self.capacity, alignment: 16)
    }

    deinit { base.deallocate() }

    /// All that was written.
    var bytes: [UInt8] { [UInt8](UnsafeRawBufferPointer(start: base, count: count)) }

    /// The byte written last; 0 at the beginning.
    var last: UInt8 { count == 0 ? 0 : base.load(fromByteOffset: count - 1, as: UInt8.self) }

    mutating func append(_ byte: UInt8) {
        reserve(1)
        base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func append(text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    mutating func append(_ bytes: [UInt8]) { bytes.withUnsafeBytes { append($0) } }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        reserve(bytes.count)
        memcpy(base + count, source, bytes.count)
        count += bytes.count
    }

    mutating func append(_ other: borrowing ByteWriter) {
        append(UnsafeRawBufferPointer(start: other.base, count: other.count))
    }

    /// Starts over, with the memory that there is.
    mutating func removeAll() { count = 0 }

    mutating func append(decimal number: UInt64) {
        withUnsafeTemporaryAllocation(byteCount: 20, alignment: 1) { digits in
            var (rest, start) = (number, 20)
            repeat {
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            append(UnsafeRawBufferPointer(rebasing: digits[start...]))
        }
    }

    /// Writes digits of base 16, as few as are needed.
    mutating func append(hex number: Int) {
        for shift in stride(from: (max(Int.bitWidth - number.leadingZeroBitCount, 1) - 1) / 4 * 4, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: number >> shift & 15)
            append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }

    mutating func append(bigEndian32 number: Int) {
        for shift in [24, 16, 8, 0] { append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    /// Moves what stands behind `start` to make room for `length` bytes there, which the caller writes.
    mutating func open(_ length: Int, at start: Int) -> UnsafeMutableRawPointer {
        reserve(length)
        memmove(base + start + length, base + start, count - start)
        count += length
        return base + start
    }

    private mutating func reserve(_ length: Int) {
        guard count + length > capacity else { return }
        capacity = max(capacity * 2, count + length)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        memcpy(larger, base, count)
        base.deallocate()
        base = larger
    }
}
