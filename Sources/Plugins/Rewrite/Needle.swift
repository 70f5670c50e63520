import DNSMessage
import Glibc

/// Letters that a name has somewhere in a label, found by the rarest of them. The owner frees it.
struct Needle {
    private let bytes: UnsafeMutableRawBufferPointer
    private let rarest: Int32
    /// Where that is among the bytes.
    private let offset: Int

    private init(_ letters: [UInt8]) {
        bytes = .copying(letters)
        offset = letters.indices.max { Self.rarity(letters[$0]) < Self.rarity(letters[$1]) } ?? 0
        rarest = Int32(letters[offset])
    }

    func deallocate() { bytes.deallocate() }

    /// What a name must have if its text has all of these runs, the rarest first. Letters, hyphens and underscores are
    /// in a name's bytes what they are in its text; of other bytes the text may have escapes, or be about them.
    static func all(of runs: [[UInt8]]) -> UnsafeMutableBufferPointer<Needle> {
        let pieces = Set(runs.flatMap { $0.split { !isPlain($0) }.map(Array.init) }.filter { !$0.isEmpty })
        let sorted = pieces.sorted { (rarity($0), $0.count, "\($0)") > (rarity($1), $1.count, "\($1)") }
        let needles = UnsafeMutableBufferPointer<Needle>.allocate(capacity: sorted.count)
        _ = needles.initialize(from: sorted.map(Needle.init))
        return needles
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    /// From the most frequent in names to the rarest.
    private static let frequent = Array("eastrocinl-dpmuhbgwfvyk_xjqz".utf8)

    private static func rarity(_ letters: [UInt8]) -> Int { letters.map(rarity).max() ?? 0 }

    private static func rarity(_ letter: UInt8) -> Int { frequent.firstIndex(of: letter) ?? 0 }

    /// Whether a name in lower case has these bytes side by side.
    @inline(__always)
    func occurs(in name: UnsafeRawPointer, _ length: Int) -> Bool {
        guard let wanted = bytes.baseAddress else { return true }
        var start = offset
        // Behind it there must be room for the rest.
        let end = length &- bytes.count &+ offset &+ 1
        while start < end, let found = memchr(name + start, rarest, end &- start) {
            let place = UnsafeRawPointer(found) - name
            if equalBytes(name + (place &- offset), wanted, count: bytes.count) { return true }
            start = place &+ 1
        }
        return false
    }
}
