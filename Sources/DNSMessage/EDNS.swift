/// An EDNS option code (IANA registry "DNS EDNS0 Option Codes").
public struct EDNSOptionCode: RawRepresentable, Hashable, Sendable {
    /// The 16-bit code on the wire.
    public let rawValue: UInt16

    /// Any code is an option.
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Name server identifier (RFC 5001).
    @inlinable public static var nsid: EDNSOptionCode { EDNSOptionCode(rawValue: 3) }
    /// Client subnet (RFC 7871).
    @inlinable public static var clientSubnet: EDNSOptionCode { EDNSOptionCode(rawValue: 8) }
    /// Zone expiry (RFC 7314).
    @inlinable public static var expire: EDNSOptionCode { EDNSOptionCode(rawValue: 9) }
    /// Cookie (RFC 7873).
    @inlinable public static var cookie: EDNSOptionCode { EDNSOptionCode(rawValue: 10) }
    /// Idle time of TCP connections (RFC 7828).
    @inlinable public static var tcpKeepalive: EDNSOptionCode { EDNSOptionCode(rawValue: 11) }
    /// Padding (RFC 7830).
    @inlinable public static var padding: EDNSOptionCode { EDNSOptionCode(rawValue: 12) }
    /// Extended DNS error (RFC 8914).
    @inlinable public static var extendedError: EDNSOptionCode { EDNSOptionCode(rawValue: 15) }
}

/// The info-code of an Extended DNS Error (RFC 8914 §4).
public struct ExtendedErrorCode: RawRepresentable, Hashable, Sendable {
    /// The 16-bit code on the wire.
    public let rawValue: UInt16

    /// Any code is an error.
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// What no other code says; see the text.
    @inlinable public static var other: ExtendedErrorCode { ExtendedErrorCode(rawValue: 0) }
    /// The answer is past its TTL.
    @inlinable public static var staleAnswer: ExtendedErrorCode { ExtendedErrorCode(rawValue: 3) }
    /// The failure was found before, and is remembered for a while (RFC 9520 §3.2).
    @inlinable public static var cachedError: ExtendedErrorCode { ExtendedErrorCode(rawValue: 13) }
    /// The server is not ready to answer yet.
    @inlinable public static var notReady: ExtendedErrorCode { ExtendedErrorCode(rawValue: 14) }
    /// The name is blocked by the server's operator.
    @inlinable public static var blocked: ExtendedErrorCode { ExtendedErrorCode(rawValue: 15) }
    /// The name is filtered at the wish of the client.
    @inlinable public static var filtered: ExtendedErrorCode { ExtendedErrorCode(rawValue: 17) }
    /// The client may not ask this server.
    @inlinable public static var prohibited: ExtendedErrorCode { ExtendedErrorCode(rawValue: 18) }
    /// The denial is past its TTL.
    @inlinable public static var staleNameError: ExtendedErrorCode { ExtendedErrorCode(rawValue: 19) }
    /// The server is not responsible for the name.
    @inlinable public static var notAuthoritative: ExtendedErrorCode { ExtendedErrorCode(rawValue: 20) }
    /// The operation or type is not supported.
    @inlinable public static var notSupported: ExtendedErrorCode { ExtendedErrorCode(rawValue: 21) }
    /// No authoritative server could be reached.
    @inlinable public static var noReachableAuthority: ExtendedErrorCode { ExtendedErrorCode(rawValue: 22) }
    /// Another server could not be reached.
    @inlinable public static var networkError: ExtendedErrorCode { ExtendedErrorCode(rawValue: 23) }
    /// The type may not be asked for here.
    @inlinable public static var invalidQueryType: ExtendedErrorCode { ExtendedErrorCode(rawValue: 30) }
}

/// What a request's OPT record says (RFC 6891 §6.1), in the request's memory.
public struct RequestEDNS {
    /// The UDP size that the client takes, as sent, in bytes.
    public var udpSize: UInt16
    /// EDNS version; 0 is the only one there is.
    public var version: UInt8
    /// The 16 flag bits; DO is the highest.
    public var flags: UInt16
    /// The options in wire form, checked by `init` to be whole.
    public var options: UnsafeRawBufferPointer

    /// Reads an OPT record; nil if its options run over its end.
    public init?(_ record: RecordView) {
        udpSize = record.class.rawValue
        version = UInt8(truncatingIfNeeded: record.ttl >> 16)
        flags = UInt16(truncatingIfNeeded: record.ttl)
        options = record.dataBytes
        var offset = 0
        while offset < options.count {
            guard let end = RequestEDNS.end(of: offset, in: options) else { return nil }
            offset = end
        }
    }

    /// DO: the client wants DNSSEC records (RFC 3225).
    @inlinable public var dnssecOK: Bool { flags & 0x8000 != 0 }

    /// The data of the first option with this code.
    public func option(_ code: EDNSOptionCode) -> UnsafeRawBufferPointer? {
        guard let base = options.baseAddress else { return nil }
        var offset = 0
        while let end = RequestEDNS.end(of: offset, in: options) {
            if base.bigEndian16(offset) == code.rawValue {
                return UnsafeRawBufferPointer(rebasing: options[offset + 4..<end])
            }
            offset = end
        }
        return nil
    }

    private static func end(of offset: Int, in options: UnsafeRawBufferPointer) -> Int? {
        guard let base = options.baseAddress, offset + 4 <= options.count else { return nil }
        let end = offset + 4 + Int(base.bigEndian16(offset + 2))
        return end <= options.count ? end : nil
    }
}
