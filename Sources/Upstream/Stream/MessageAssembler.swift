/// Cuts a stream into messages, each behind the two bytes of its length (RFC 1035 §4.2.2).
struct MessageAssembler {
    enum Step {
        /// A message that came whole.
        case whole(UnsafeMutableRawBufferPointer)
        /// One that came in pieces.
        case assembled([UInt8])
        case needsMore
        /// A length that no message has.
        case badLength(Int)
    }

    private static let shortest = 12
    /// The beginning of a message, length included.
    private var pending: [UInt8] = []

    /// Takes the next message from the front of `bytes`.
    mutating func next(_ bytes: inout UnsafeMutableRawBufferPointer) -> Step {
        if pending.isEmpty, bytes.count >= 2 {
            let length = Int(bytes[0]) << 8 | Int(bytes[1])
            guard length >= Self.shortest else { return .badLength(length) }
            if bytes.count >= 2 + length {
                defer { bytes = UnsafeMutableRawBufferPointer(rebasing: bytes[(2 + length)...]) }
                return .whole(UnsafeMutableRawBufferPointer(rebasing: bytes[2..<2 + length]))
            }
        }
        return continuePending(&bytes)
    }

    private mutating func continuePending(_ bytes: inout UnsafeMutableRawBufferPointer) -> Step {
        move(2, &bytes)
        guard pending.count >= 2 else { return .needsMore }
        let length = Int(pending[0]) << 8 | Int(pending[1])
        guard length >= Self.shortest else { return .badLength(length) }
        move(2 + length, &bytes)
        guard pending.count == 2 + length else { return .needsMore }
        defer { pending = [] }
        return .assembled(Array(pending[2...]))
    }

    /// Takes bytes until there are `count` of them, if there are so many.
    private mutating func move(_ count: Int, _ bytes: inout UnsafeMutableRawBufferPointer) {
        let taken = max(min(count - pending.count, bytes.count), 0)
        pending += bytes[..<taken]
        bytes = UnsafeMutableRawBufferPointer(rebasing: bytes[taken...])
    }
}
