/// CRC-32C (RFC 3720 §12.1), fed piece by piece.
struct Checksum {
    private static let polynomial: UInt32 = 0x82F6_3B78

    /// Eight tables one behind the other: table n tells what a byte does to the sum n bytes later.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var sum = UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 0 ? sum >> 1 : sum >> 1 ^ polynomial }
            tables[byte] = sum
        }
        for entry in 256..<tables.count {
            let before = tables[entry - 256]
            tables[entry] = before >> 8 ^ tables[Int(before & 255)]
        }
        return tables
    }()

    private var sum: UInt32 = ~0

    /// The checksum of everything so far.
    var value: UInt32 { ~sum }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        sum = Checksum.tables.withUnsafeBufferPointer { Checksum.sum(sum, bytes, $0) }
    }

    /// Eight bytes a step.
    private static func sum(
        _ start: UInt32, _ bytes: UnsafeRawBufferPointer, _ tables: UnsafeBufferPointer<UInt32>
    ) -> UInt32 {
        var sum = start
        var offset = 0
        while offset + 8 <= bytes.count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) ^ UInt64(sum)
            sum = 0
            for index in 0..<8 { sum ^= tables[(7 - index) << 8 | Int(word >> UInt64(8 * index) & 255)] }
            offset += 8
        }
        while offset < bytes.count {
            sum = sum >> 8 ^ tables[Int((sum ^ UInt32(bytes[offset])) & 255)]
            offset += 1
        }
        return sum
    }
}
