/// Big-endian loads and stores on raw memory; the caller has checked the bounds.
extension UnsafeRawPointer {
    /// Two bytes in network order.
    @inlinable @inline(__always) public func bigEndian16(_ offset: Int) -> UInt16 {
        UInt16(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    /// Four bytes in network order.
    @inlinable @inline(__always) public func bigEndian32(_ offset: Int) -> UInt32 {
        UInt32(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// One byte.
    @inlinable @inline(__always) public func byte(_ offset: Int) -> UInt8 {
        load(fromByteOffset: offset, as: UInt8.self)
    }
}

extension UnsafeMutableRawPointer {
    /// Stores in network order.
    @inlinable @inline(__always) public func storeBigEndian(_ value: UInt16, at offset: Int) {
        storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt16.self)
    }

    /// Stores in network order.
    @inlinable @inline(__always) public func storeBigEndian(_ value: UInt32, at offset: Int) {
        storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt32.self)
    }

    /// Stores one byte.
    @inlinable @inline(__always) public func storeByte(_ value: UInt8, at offset: Int) {
        storeBytes(of: value, toByteOffset: offset, as: UInt8.self)
    }
}

/// ASCII lower case, the only folding DNS knows (RFC 4343).
@inlinable @inline(__always) public func foldedByte(_ byte: UInt8) -> UInt8 {
    byte &- 0x41 < 26 ? byte | 0x20 : byte
}

/// Lower-cases eight ASCII bytes at once; bytes outside A–Z stay as they are.
@inlinable @inline(__always) public func foldedWord(_ word: UInt64) -> UInt64 {
    // High bit of each byte of `upper` is set where the byte (with its own high bit masked off) is in A–Z.
    let low = word & 0x7F7F_7F7F_7F7F_7F7F
    let fromA = low &+ 0x3F3F_3F3F_3F3F_3F3F
    let pastZ = low &+ 0x2525_2525_2525_2525
    let upper = fromA & ~pastZ & ~word & 0x8080_8080_8080_8080
    return word | (upper >> 2)
}

/// A fast 64-bit hash of some bytes for tables inside this process; not stable across versions, not keyed.
@inlinable
public func hashBytes(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    guard let base = bytes.baseAddress else { return 0 }
    var hash = UInt64(truncatingIfNeeded: bytes.count) &* 0x9E37_79B9_7F4A_7C15
    var index = 0
    while index &+ 8 <= bytes.count {
        hash = mixed(hash ^ base.loadUnaligned(fromByteOffset: index, as: UInt64.self))
        index &+= 8
    }
    var tail: UInt64 = 0
    while index < bytes.count {
        tail = tail << 8 | UInt64(base.byte(index))
        index &+= 1
    }
    return mixed(hash ^ tail)
}

/// Folds a 64 × 64 bit product, which spreads every bit of the input over the result.
@inlinable @inline(__always)
public func mixed(_ value: UInt64) -> UInt64 {
    let product = (value ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
    return product.high ^ product.low
}
