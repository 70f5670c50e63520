import DNSMessage
import PluginKit

/// What stands in front of an entry in its shard; behind it come the name in lower case, the offsets of the records and
/// the records themselves.
struct EntryHead {
    /// What is known of the name and type.
    enum Kind: UInt8 {
        /// Data, or a referral.
        case success
        /// The name or the type does not exist.
        case denial
        /// Nobody could tell.
        case failure
        /// Nothing: the entry was replaced, or fills the end of the ring.
        case dead
    }

    /// Bytes of the whole entry, a multiple of eight.
    var size: UInt32
    var kind: Kind
    /// Hits since its last turn to go, up to `frequencyMax`.
    var frequency: UInt8
    var isProven: Bool
    /// DO and CD, and what else tells entries of one name and type apart.
    var keyBits: UInt8
    /// The upper half of the key's hash.
    var tag: UInt32
    /// The lower half.
    var low: UInt32
    /// When it was stored, in nanoseconds of the monotonic clock.
    var storedAt: UInt64
    /// No refresh before this time: one is under way, or failed.
    var refreshAfter: UInt64
    var lastHit: UInt64
    /// Seconds.
    var ttl: UInt32
    var hits: UInt16
    var type: UInt16
    /// AA, RA, AD and the response code.
    var flags: UInt16
    var bodyLength: UInt16
    var layout: BodyLayout
    var nameLength: UInt8

    static let length = 72

    /// Bytes of an entry with such parts.
    static func size(name: Int, records: Int, body: Int) -> Int {
        (length + name + (name & 1) + 2 * records + body + 7) & ~7
    }
}

/// An entry in its shard; valid while the shard's lock is held.
struct EntryPointer {
    let head: UnsafeMutablePointer<EntryHead>

    @inline(__always)
    init(_ head: UnsafeMutablePointer<EntryHead>) { self.head = head }

    @inline(__always)
    var name: UnsafeMutableRawPointer { UnsafeMutableRawPointer(head) + EntryHead.length }

    /// Offsets of the records in the message.
    @inline(__always)
    var starts: UnsafeMutablePointer<UInt16> {
        let length = Int(head.pointee.nameLength)
        return (name + (length + (length & 1))).assumingMemoryBound(to: UInt16.self)
    }

    /// The records, names pointing into the question.
    @inline(__always)
    var body: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(
            start: starts + head.pointee.layout.recordCount, count: Int(head.pointee.bodyLength))
    }

    /// How many nanoseconds past its TTL; below 0 while it is fresh.
    @inline(__always)
    func overdue(at now: UInt64) -> Int64 {
        let age = now > head.pointee.storedAt ? now - head.pointee.storedAt : 0
        return Int64(clamping: age) - Int64(head.pointee.ttl) * 1_000_000_000
    }

    /// Whole seconds of its TTL that are left.
    @inline(__always)
    func remaining(at now: UInt64) -> UInt32 {
        let age = now > head.pointee.storedAt ? (now - head.pointee.storedAt) / 1_000_000_000 : 0
        return age < UInt64(head.pointee.ttl) ? head.pointee.ttl - UInt32(age) : 0
    }

    /// Whether the entry is the key's.
    @inline(__always)
    func answers(_ key: AnswerKey) -> Bool {
        head.pointee.type == key.type && head.pointee.keyBits == key.bits
            && Int(head.pointee.nameLength) == key.nameLength
            && equalBytes(name, key.name, count: key.nameLength)
    }
}

/// What an answer is found by. Its name lies in somebody else's memory.
struct AnswerKey {
    let name: UnsafeRawPointer
    let nameLength: Int
    let type: UInt16
    let bits: UInt8
    let hash: UInt64

    static let dnssecBit: UInt8 = 1
    static let uncheckedBit: UInt8 = 2
    /// A denial that stands beside data (`serve_stale_policy prefer_positive`).
    static let denialBit: UInt8 = 4

    /// The bits of a query's key: DNSSEC records and unchecked data are answers of their own.
    @inline(__always)
    static func bits(_ query: borrowing Query) -> UInt8 {
        let isUnchecked = query.request.flags.checkingDisabled
        return (query.request.edns?.dnssecOK == true ? dnssecBit : 0) | (isUnchecked ? uncheckedBit : 0)
    }

    @inline(__always)
    init(_ question: QuestionView, bits: UInt8, seed: UInt64) {
        name = question.name.folded
        nameLength = question.name.length
        type = question.type.rawValue
        self.bits = bits
        let plain = hashBytes(UnsafeRawBufferPointer(start: name, count: nameLength))
        hash = mixed(plain ^ seed ^ (UInt64(type) << 8 | UInt64(bits)))
    }
}
