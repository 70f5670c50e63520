import CLinux

/// Random numbers that nobody can foretell: the kernel's, fetched many at a time.
final class RandomBytes {
    private static let stock = 4_096

    private let bytes = UnsafeMutableRawPointer.allocate(byteCount: stock, alignment: 8)
    private var position = stock

    deinit { bytes.deallocate() }

    func nextWord() -> UInt64 { next() }

    func nextID() -> UInt16 { next() }

    private func next<Number: FixedWidthInteger & BitwiseCopyable>() -> Number {
        let length = MemoryLayout<Number>.size
        if position + length > Self.stock { fill() }
        let value = bytes.loadUnaligned(fromByteOffset: position, as: Number.self)
        // What was used cannot be read from memory later.
        bytes.storeBytes(of: 0, toByteOffset: position, as: Number.self)
        position += length
        return value
    }

    private func fill() {
        var filled = 0
        while filled < Self.stock {
            let count = getrandom(bytes + filled, Self.stock - filled, 0)
            // With these arguments the kernel fails on a signal only (getrandom(2)).
            if count > 0 { filled += count }
        }
        position = 0
    }
}
