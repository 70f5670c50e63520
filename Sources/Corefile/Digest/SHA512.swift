/// The hash function of FIPS 180-4 §6.4, for telling one configuration from another.
struct SHA512 {
    private var state: [UInt64] = [
        0x6a09_e667_f3bc_c908, 0xbb67_ae85_84ca_a73b, 0x3c6e_f372_fe94_f82b, 0xa54f_f53a_5f1d_36f1,
        0x510e_527f_ade6_82d1, 0x9b05_688c_2b3e_6c1f, 0x1f83_d9ab_fb41_bd6b, 0x5be0_cd19_137e_2179,
    ]
    private static let blockLength = 128

    /// The hash of a whole message, in hexadecimal.
    static func hex(_ message: [UInt8]) -> String {
        var hash = SHA512()
        let padded = message + padding(message.count)
        for start in stride(from: 0, to: padded.count, by: blockLength) {
            hash.mix(padded[start..<start + blockLength])
        }
        return hash.state.map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// A one bit, zeros, and the length in bits as a 128-bit number (§5.1.2).
    private static func padding(_ length: Int) -> [UInt8] {
        let zeros = (2 * blockLength - 17 - length % blockLength) % blockLength
        let bits = UInt64(length) << 3
        let lengthBytes = (0..<8).reversed().map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
        return [0x80] + [UInt8](repeating: 0, count: zeros + 8) + lengthBytes
    }

    private mutating func mix(_ block: ArraySlice<UInt8>) {
        let schedule = Self.schedule(block)
        var v = state
        for round in 0..<80 {
            let s1 = v[4].rotated(14) ^ v[4].rotated(18) ^ v[4].rotated(41)
            let choice = v[4] & v[5] ^ ~v[4] & v[6]
            let first = v[7] &+ s1 &+ choice &+ Self.constants[round] &+ schedule[round]
            let s0 = v[0].rotated(28) ^ v[0].rotated(34) ^ v[0].rotated(39)
            let majority = v[0] & v[1] ^ v[0] & v[2] ^ v[1] & v[2]
            v = [first &+ s0 &+ majority, v[0], v[1], v[2], v[3] &+ first, v[4], v[5], v[6]]
        }
        for index in state.indices { state[index] &+= v[index] }
    }

    private static func schedule(_ block: ArraySlice<UInt8>) -> [UInt64] {
        var words = (0..<16).map { word in
            block[(block.startIndex + 8 * word)...].prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        }
        for index in 16..<80 {
            let (early, late) = (words[index - 15], words[index - 2])
            let s0 = early.rotated(1) ^ early.rotated(8) ^ early >> 7
            let s1 = late.rotated(19) ^ late.rotated(61) ^ late >> 6
            words.append(words[index - 16] &+ s0 &+ words[index - 7] &+ s1)
        }
        return words
    }
}

extension UInt64 {
    fileprivate func rotated(_ count: UInt64) -> UInt64 { self >> count | self << (64 - count) }
}
