/// An EDNS option code (IANA registry "DNS EDNS0 Option Codes").
public struct EDNSOptionCode: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16

    /// Any code is an option.
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let nsid = EDNSOptionCode(rawValue: 3)
    public static let clientSubnet = EDNSOptionCode(rawValue: 8)
    public static let expire = EDNSOptionCode(rawValue: 9)
    public static let cookie = EDNSOptionCode(rawValue: 10)
    public static let tcpKeepalive = EDNSOptionCode(rawValue: 11)
    public static let padding = EDNSOptionCode(rawValue: 12)
    public static let extendedError = EDNSOptionCode(rawValue: 15)
}

/// The info-code of an Extended DNS Error (RFC 8914 §4).
public struct ExtendedErrorCode: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16

    /// Any code is an error.
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let other = ExtendedErrorCode(rawValue: 0)
    public static let staleAnswer = ExtendedErrorCode(rawValue: 3)
    public static let notReady = ExtendedErrorCode(rawValue: 14)
    public static let blocked = ExtendedErrorCode(rawValue: 15)
    public static let filtered = ExtendedErrorCode(rawValue: 17)
    public static let prohibited = ExtendedErrorCode(rawValue: 18)
    public static let notAuthoritative = ExtendedErrorCode(rawValue: 20)
    public static let notSupported = ExtendedErrorCode(rawValue: 21)
    public static let noReachableAuthority = ExtendedErrorCode(rawValue: 22)
    public static let networkError = ExtendedErrorCode(rawValue: 23)
    public static let invalidQueryType = ExtendedErrorCode(rawValue: 30)
}

/// What a request's OPT record says (RFC 6891 §6.1), in the request's memory.
public struct RequestEDNS {
    /// The UDP size that the client takes, as sent, in bytes.
    public var udpSize: UInt16
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
