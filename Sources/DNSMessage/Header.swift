/// The flag word of a message: bytes 2 and 3 of the header (RFC 1035 §4.1.1, RFC 4035 §3).
public struct HeaderFlags: RawRepresentable, Hashable, Sendable {
    /// The 16 bits, opcode and rcode included.
    public var rawValue: UInt16

    /// Wraps the flag word.
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// No bit set: a standard query without recursion desired.
    @inlinable public init() { rawValue = 0 }

    /// QR.
    @inlinable public static var responseBit: UInt16 { 0x8000 }
    /// AA.
    @inlinable public static var authoritativeBit: UInt16 { 0x0400 }
    /// TC.
    @inlinable public static var truncatedBit: UInt16 { 0x0200 }
    /// RD.
    @inlinable public static var recursionDesiredBit: UInt16 { 0x0100 }
    /// RA.
    @inlinable public static var recursionAvailableBit: UInt16 { 0x0080 }
    /// The bit that is always zero.
    @inlinable public static var zeroBit: UInt16 { 0x0040 }
    /// AD.
    @inlinable public static var authenticDataBit: UInt16 { 0x0020 }
    /// CD.
    @inlinable public static var checkingDisabledBit: UInt16 { 0x0010 }

    /// Whether every bit of `mask` is set; setting it sets or clears them.
    @inlinable public subscript(mask: UInt16) -> Bool {
        get { rawValue & mask == mask }
        set { if newValue { rawValue |= mask } else { rawValue &= ~mask } }
    }

    /// QR: this is a response.
    @inlinable public var isResponse: Bool {
        get { self[Self.responseBit] }
        set { self[Self.responseBit] = newValue }
    }

    /// AA: the answer comes from a zone of the server's own.
    @inlinable public var isAuthoritative: Bool {
        get { self[Self.authoritativeBit] }
        set { self[Self.authoritativeBit] = newValue }
    }

    /// TC: the message was cut to fit.
    @inlinable public var isTruncated: Bool {
        get { self[Self.truncatedBit] }
        set { self[Self.truncatedBit] = newValue }
    }

    /// RD: the client wants recursion.
    @inlinable public var recursionDesired: Bool {
        get { self[Self.recursionDesiredBit] }
        set { self[Self.recursionDesiredBit] = newValue }
    }

    /// RA: the server offers recursion.
    @inlinable public var recursionAvailable: Bool {
        get { self[Self.recursionAvailableBit] }
        set { self[Self.recursionAvailableBit] = newValue }
    }

    /// AD: the data was verified (RFC 4035 §3.2.3), or the client understands the bit (RFC 6840 §5.7).
    @inlinable public var authenticData: Bool {
        get { self[Self.authenticDataBit] }
        set { self[Self.authenticDataBit] = newValue }
    }

    /// CD: the client verifies by itself.
    @inlinable public var checkingDisabled: Bool {
        get { self[Self.checkingDisabledBit] }
        set { self[Self.checkingDisabledBit] = newValue }
    }

    /// The kind of message.
    @inlinable public var opcode: Opcode {
        get { Opcode(rawValue: UInt8(truncatingIfNeeded: rawValue >> 11)) }
        set { rawValue = rawValue & 0x87FF | UInt16(newValue.rawValue) << 11 }
    }

    /// The low four bits of the response code.
    @inlinable public var responseCode: ResponseCode {
        get { ResponseCode(rawValue: rawValue & 15) }
        set { rawValue = rawValue & 0xFFF0 | newValue.rawValue & 15 }
    }
}

extension HeaderFlags: CustomStringConvertible {
    /// The set flags in the order of the header, as in `qr,aa,rd`.
    public var description: String {
        let names: [(UInt16, String)] = [
            (Self.responseBit, "qr"), (Self.authoritativeBit, "aa"), (Self.truncatedBit, "tc"),
            (Self.recursionDesiredBit, "rd"), (Self.recursionAvailableBit, "ra"), (Self.zeroBit, "z"),
            (Self.authenticDataBit, "ad"), (Self.checkingDisabledBit, "cd"),
        ]
        return names.filter { self[$0.0] }.map(\.1).joined(separator: ",")
    }
}

/// The twelve bytes that open every message (RFC 1035 §4.1.1).
public struct Header: Hashable, Sendable {
    /// Length on the wire, in bytes.
    @inlinable public static var length: Int { 12 }

    /// Tells which query a response belongs to.
    public var id: UInt16
    /// Flags, opcode and response code.
    public var flags: HeaderFlags
    /// QDCOUNT.
    public var questionCount: UInt16
    /// ANCOUNT.
    public var answerCount: UInt16
    /// NSCOUNT.
    public var authorityCount: UInt16
    /// ARCOUNT.
    public var additionalCount: UInt16

    /// A header with the given counts.
    public init(
        id: UInt16, flags: HeaderFlags, questionCount: UInt16 = 0, answerCount: UInt16 = 0, authorityCount: UInt16 = 0,
        additionalCount: UInt16 = 0
    ) {
        self.id = id
        self.flags = flags
        self.questionCount = questionCount
        self.answerCount = answerCount
        self.authorityCount = authorityCount
        self.additionalCount = additionalCount
    }
}
