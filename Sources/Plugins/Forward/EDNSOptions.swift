import DNSMessage

/// The options of an OPT record, one after another, as far as they are whole.
struct EDNSOptions: Sequence, IteratorProtocol {
    /// One option in its message.
    struct Option {
        let code: EDNSOptionCode
        /// Code, length and data.
        let whole: UnsafeRawBufferPointer

        var data: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: whole[4...]) }

        /// Whether it is between neighbours only, and so never passed on (RFC 7873, 7828, 7830).
        var isHopByHop: Bool { code == .cookie || code == .tcpKeepalive || code == .padding }
    }

    private var rest: UnsafeRawBufferPointer

    init(_ options: UnsafeRawBufferPointer) { rest = options }

    mutating func next() -> Option? {
        guard rest.count >= 4, let base = rest.baseAddress else { return nil }
        let length = 4 + Int(base.bigEndian16(2))
        guard length <= rest.count else { return nil }
        let whole = UnsafeRawBufferPointer(rebasing: rest[..<length])
        rest = UnsafeRawBufferPointer(rebasing: rest[length...])
        return Option(code: EDNSOptionCode(rawValue: base.bigEndian16(0)), whole: whole)
    }
}
