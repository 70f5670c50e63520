/// A resource record type (IANA registry "DNS Parameters").
public struct RecordType: RawRepresentable, Hashable, Sendable {
    /// The 16-bit code on the wire.
    public let rawValue: UInt16

    /// Any code is a type; unknown ones are carried as they are (RFC 3597).
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// IPv4 address (RFC 1035).
    @inlinable public static var a: RecordType { RecordType(rawValue: 1) }
    /// Name server of a zone (RFC 1035).
    @inlinable public static var ns: RecordType { RecordType(rawValue: 2) }
    /// Alias (RFC 1035).
    @inlinable public static var cname: RecordType { RecordType(rawValue: 5) }
    /// Start of a zone of authority (RFC 1035).
    @inlinable public static var soa: RecordType { RecordType(rawValue: 6) }
    /// Pointer, from an address to a name (RFC 1035).
    @inlinable public static var ptr: RecordType { RecordType(rawValue: 12) }
    /// Host information; also the short answer to ANY (RFC 8482).
    @inlinable public static var hinfo: RecordType { RecordType(rawValue: 13) }
    /// Mail exchange (RFC 1035).
    @inlinable public static var mx: RecordType { RecordType(rawValue: 15) }
    /// Text (RFC 1035).
    @inlinable public static var txt: RecordType { RecordType(rawValue: 16) }
    /// IPv6 address (RFC 3596).
    @inlinable public static var aaaa: RecordType { RecordType(rawValue: 28) }
    /// Location of a service (RFC 2782).
    @inlinable public static var srv: RecordType { RecordType(rawValue: 33) }
    /// Naming authority pointer (RFC 3403).
    @inlinable public static var naptr: RecordType { RecordType(rawValue: 35) }
    /// Alias of a whole subtree (RFC 6672).
    @inlinable public static var dname: RecordType { RecordType(rawValue: 39) }
    /// EDNS pseudo-record (RFC 6891).
    @inlinable public static var opt: RecordType { RecordType(rawValue: 41) }
    /// Delegation signer (RFC 4034).
    @inlinable public static var ds: RecordType { RecordType(rawValue: 43) }
    /// Signature (RFC 4034).
    @inlinable public static var rrsig: RecordType { RecordType(rawValue: 46) }
    /// Authenticated denial (RFC 4034).
    @inlinable public static var nsec: RecordType { RecordType(rawValue: 47) }
    /// Public key of a zone (RFC 4034).
    @inlinable public static var dnskey: RecordType { RecordType(rawValue: 48) }
    /// Hashed authenticated denial (RFC 5155).
    @inlinable public static var nsec3: RecordType { RecordType(rawValue: 50) }
    /// Service binding (RFC 9460).
    @inlinable public static var svcb: RecordType { RecordType(rawValue: 64) }
    /// Service binding for HTTPS (RFC 9460).
    @inlinable public static var https: RecordType { RecordType(rawValue: 65) }
    /// Transaction signature (RFC 8945).
    @inlinable public static var tsig: RecordType { RecordType(rawValue: 250) }
    /// Incremental zone transfer (RFC 1995).
    @inlinable public static var ixfr: RecordType { RecordType(rawValue: 251) }
    /// Zone transfer (RFC 5936).
    @inlinable public static var axfr: RecordType { RecordType(rawValue: 252) }
    /// All types, as a question (RFC 8482).
    @inlinable public static var any: RecordType { RecordType(rawValue: 255) }
    /// Certification authority authorization (RFC 8659).
    @inlinable public static var caa: RecordType { RecordType(rawValue: 257) }
}

extension RecordType: CustomStringConvertible {
    private static let mnemonics: [UInt16: String] = [
        1: "A", 2: "NS", 3: "MD", 4: "MF", 5: "CNAME", 6: "SOA", 7: "MB", 8: "MG", 9: "MR", 10: "NULL", 11: "WKS",
        12: "PTR", 13: "HINFO", 14: "MINFO", 15: "MX", 16: "TXT", 17: "RP", 18: "AFSDB", 19: "X25", 20: "ISDN",
        21: "RT", 22: "NSAP", 23: "NSAP-PTR", 24: "SIG", 25: "KEY", 26: "PX", 27: "GPOS", 28: "AAAA", 29: "LOC",
        30: "NXT", 31: "EID", 32: "NIMLOC", 33: "SRV", 34: "ATMA", 35: "NAPTR", 36: "KX", 37: "CERT", 38: "A6",
        39: "DNAME", 40: "SINK", 41: "OPT", 42: "APL", 43: "DS", 44: "SSHFP", 45: "IPSECKEY", 46: "RRSIG", 47: "NSEC",
        48: "DNSKEY", 49: "DHCID", 50: "NSEC3", 51: "NSEC3PARAM", 52: "TLSA", 53: "SMIMEA", 55: "HIP", 56: "NINFO",
        57: "RKEY", 58: "TALINK", 59: "CDS", 60: "CDNSKEY", 61: "OPENPGPKEY", 62: "CSYNC", 63: "ZONEMD", 64: "SVCB",
        65: "HTTPS", 99: "SPF", 100: "UINFO", 101: "UID", 102: "GID", 103: "UNSPEC", 104: "NID", 105: "L32",
        106: "L64", 107: "LP", 108: "EUI48", 109: "EUI64", 249: "TKEY", 250: "TSIG", 251: "IXFR", 252: "AXFR",
        253: "MAILB", 254: "MAILA", 255: "ANY", 256: "URI", 257: "CAA", 258: "AVC", 259: "DOA", 260: "AMTRELAY",
        261: "RESINFO", 32768: "TA", 32769: "DLV",
    ]
    private static let codes = Dictionary(uniqueKeysWithValues: mnemonics.map { ($1, $0) })

    /// The mnemonic, or `TYPE65280` for a code without one (RFC 3597 §5).
    public var description: String { Self.mnemonics[rawValue] ?? "TYPE\(rawValue)" }

    /// Reads a mnemonic or `TYPEnnn`, in any case.
    public init?(_ text: String) {
        let upper = asciiUppercased(text)
        guard let code = Self.codes[upper] ?? codeNumber(upper, after: "TYPE") else { return nil }
        self.init(rawValue: code)
    }
}

/// Upper case of ASCII letters only: `ſ` is no S in a mnemonic.
private func asciiUppercased(_ text: String) -> String {
    String(decoding: text.utf8.map { $0 &- 0x61 < 26 ? $0 & 0xDF : $0 }, as: UTF8.self)
}

/// The number in `TYPE65280` or `CLASS32`: digits only, at most 65535 (RFC 3597 §5).
private func codeNumber(_ text: String, after prefix: String) -> UInt16? {
    let digits = text.dropFirst(prefix.count)
    guard text.hasPrefix(prefix), digits.utf8.allSatisfy({ $0 &- 0x30 < 10 }) else { return nil }
    return UInt16(digits)
}

/// A DNS class (RFC 1035 §3.2.4).
public struct RecordClass: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The 16-bit code on the wire.
    public let rawValue: UInt16

    /// Any code is a class; unknown ones are carried as they are.
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// IN.
    @inlinable public static var internet: RecordClass { RecordClass(rawValue: 1) }
    /// CH: what servers tell of themselves.
    @inlinable public static var chaos: RecordClass { RecordClass(rawValue: 3) }
    /// HS.
    @inlinable public static var hesiod: RecordClass { RecordClass(rawValue: 4) }
    /// NONE (RFC 2136).
    @inlinable public static var none: RecordClass { RecordClass(rawValue: 254) }
    /// All classes, as a question.
    @inlinable public static var any: RecordClass { RecordClass(rawValue: 255) }

    /// `IN`, `CH`, … or `CLASS1234` (RFC 3597 §5).
    public var description: String {
        switch self {
        case .internet: "IN"
        case .chaos: "CH"
        case .hesiod: "HS"
        case .none: "NONE"
        case .any: "ANY"
        default: "CLASS\(rawValue)"
        }
    }

    /// Reads `IN`, `CH`, `HS`, `NONE`, `ANY` or `CLASSnnn`, in any case.
    public init?(_ text: String) {
        switch asciiUppercased(text) {
        case "IN": self = .internet
        case "CH": self = .chaos
        case "HS": self = .hesiod
        case "NONE": self = .none
        case "ANY": self = .any
        case let other:
            guard let code = codeNumber(other, after: "CLASS") else { return nil }
            self.init(rawValue: code)
        }
    }
}

/// What kind of message it is (RFC 1035 §4.1.1).
public struct Opcode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The four bits of the header.
    public let rawValue: UInt8

    /// Takes the low four bits.
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue & 15 }

    /// A question (RFC 1035).
    @inlinable public static var query: Opcode { Opcode(rawValue: 0) }
    /// Inverse query, obsolete (RFC 3425).
    @inlinable public static var iquery: Opcode { Opcode(rawValue: 1) }
    /// Server status (RFC 1035).
    @inlinable public static var status: Opcode { Opcode(rawValue: 2) }
    /// A zone has changed (RFC 1996).
    @inlinable public static var notify: Opcode { Opcode(rawValue: 4) }
    /// Dynamic update (RFC 2136).
    @inlinable public static var update: Opcode { Opcode(rawValue: 5) }

    /// The mnemonic, or `OPCODE9`.
    public var description: String {
        switch self {
        case .query: "QUERY"
        case .iquery: "IQUERY"
        case .status: "STATUS"
        case .notify: "NOTIFY"
        case .update: "UPDATE"
        default: "OPCODE\(rawValue)"
        }
    }
}

/// The outcome of a query, extended by EDNS to twelve bits (RFC 6895 §2.3).
public struct ResponseCode: RawRepresentable, Hashable, Sendable {
    /// The code, header bits low, EDNS bits high.
    public let rawValue: UInt16

    /// Takes the low twelve bits.
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue & 0xFFF }

    /// NOERROR.
    @inlinable public static var noError: ResponseCode { ResponseCode(rawValue: 0) }
    /// FORMERR: the message cannot be read.
    @inlinable public static var formErr: ResponseCode { ResponseCode(rawValue: 1) }
    /// SERVFAIL: the server cannot answer now.
    @inlinable public static var servFail: ResponseCode { ResponseCode(rawValue: 2) }
    /// NXDOMAIN: the name does not exist.
    @inlinable public static var nxDomain: ResponseCode { ResponseCode(rawValue: 3) }
    /// NOTIMP: this kind of query is not supported.
    @inlinable public static var notImp: ResponseCode { ResponseCode(rawValue: 4) }
    /// REFUSED: not answered by policy.
    @inlinable public static var refused: ResponseCode { ResponseCode(rawValue: 5) }
    /// YXDOMAIN: a DNAME makes a name that is too long (RFC 6672).
    @inlinable public static var yxDomain: ResponseCode { ResponseCode(rawValue: 6) }
    /// BADVERS: an EDNS version that is not supported (RFC 6891).
    @inlinable public static var badVers: ResponseCode { ResponseCode(rawValue: 16) }
}

extension ResponseCode: CustomStringConvertible {
    private static let mnemonics = [
        "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH",
        "NOTZONE", "DSOTYPENI",
    ]

    /// The mnemonic, or `RCODE3841`.
    public var description: String {
        if rawValue < Self.mnemonics.count { return Self.mnemonics[Int(rawValue)] }
        return switch rawValue {
        case 16: "BADVERS"
        case 17: "BADKEY"
        case 18: "BADTIME"
        case 19: "BADMODE"
        case 20: "BADNAME"
        case 21: "BADALG"
        case 22: "BADTRUNC"
        case 23: "BADCOOKIE"
        default: "RCODE\(rawValue)"
        }
    }

    /// Reads a mnemonic or `RCODEnnn`, in any case.
    public init?(_ text: String) {
        let upper = asciiUppercased(text)
        if let named = (0..<24).lazy.map({ ResponseCode(rawValue: $0) }).first(where: { $0.description == upper }) {
            self = named
        } else if let code = codeNumber(upper, after: "RCODE"), code <= 0xFFF {
            self.init(rawValue: code)
        } else {
            return nil
        }
    }
}

/// A section of a message that holds records (RFC 1035 §4.1).
public enum Section: UInt8, Sendable, CaseIterable, Comparable {
    case answer, authority, additional

    /// The order of the wire.
    public static func < (a: Section, b: Section) -> Bool { a.rawValue < b.rawValue }
}
