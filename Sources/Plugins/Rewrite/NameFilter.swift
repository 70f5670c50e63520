import DNSMessage
import Patterns

/// The first look at whether a rule is about a name: one word of it against one of the rule, or for text some letters.
/// Passes every name that matches, and few others. The owner frees it.
struct NameFilter {
    /// What of a name is looked at.
    private enum Place: UInt8 {
        /// The first word, of names of one length.
        case whole
        /// The word where the end begins that is wanted.
        case end
        /// The first word.
        case start
        /// Whatever stands somewhere.
        case text
    }

    private let mask: UInt64
    private let wanted: UInt64
    private let needles: UnsafeMutableBufferPointer<Needle>
    /// Bytes that are wanted in all.
    private let count: Int32
    private let place: Place

    /// A filter; without a pattern every name passes.
    init(_ pattern: NamePattern?) {
        var bytes: [UInt8] = []
        var runs: [[UInt8]] = []
        switch pattern {
        case nil: place = .start
        case .exact(let name): (place, bytes) = (.whole, name.folded.wire)
        case .suffix(let suffix): (place, bytes) = (.end, suffix.zone.wire)
        case .prefix(let name): (place, bytes) = (.start, Array(name.folded.wire.dropLast()))
        case .substring(let text): (place, runs) = (.text, [Array(text.utf8)])
        case .regex(let pattern): (place, runs) = (.text, pattern.requiredRuns)
        }
        count = Int32(bytes.count)
        let first = bytes.prefix(8)
        wanted = Self.word(first)
        mask = Self.word(first.map { _ in 0xFF })
        needles = Needle.all(of: runs)
    }

    func deallocate() {
        for needle in needles { needle.deallocate() }
        needles.deallocate()
    }

    /// Up to eight bytes as they are read from memory, and zeroes.
    private static func word(_ bytes: some Collection<UInt8>) -> UInt64 {
        let padded = bytes + [UInt8](repeating: 0, count: 8 - bytes.count)
        return padded.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
    }

    /// A pointer, because a method would be called on a copy.
    @inline(__always)
    static func passes(_ filter: UnsafePointer<NameFilter>, _ name: NameView) -> Bool {
        let start: Int
        switch filter.pointee.place {
        case .whole:
            guard name.length == Int(filter.pointee.count) else { return false }
            start = 0
        case .end:
            start = name.length &- Int(filter.pointee.count)
            guard start >= 0 else { return false }
        case .start: start = 0
        case .text: return hasNeedles(filter, name.folded, name.length)
        }
        // Memory goes on behind a name's last byte.
        let word = name.folded.loadUnaligned(fromByteOffset: start, as: UInt64.self)
        return word & filter.pointee.mask == filter.pointee.wanted
    }

    @inline(never)
    private static func hasNeedles(
        _ filter: UnsafePointer<NameFilter>, _ name: UnsafeRawPointer, _ length: Int
    ) -> Bool {
        let needles = filter.pointee.needles
        for index in 0..<needles.count where !needles[index].occurs(in: name, length) { return false }
        return true
    }
}
