public import DNSMessage

/// Why a look-up found nothing.
public struct LookupError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was looked up, as the caller wrote it.
    public let name: String
    /// Why.
    public let reason: Reason

    /// The ways to find nothing.
    public enum Reason: Hashable, Sendable {
        /// NXDOMAIN: there is no such name (RFC 1035), nor with any suffix of the search list.
        case nameError
        /// NODATA: the name is there, a record of this type is not (RFC 2308 §2.2).
        case noData
        /// Servers answered, but with a failure: SERVFAIL, REFUSED or another code. The text is what EDE options said
        /// (RFC 8914), if any.
        case serverFailure(ResponseCode, explanation: String?)
        /// No server answered in time.
        case timedOut
        /// No server could be reached; errno of the last.
        case unreachable(Int32)
        /// What came was no answer to this question.
        case malformedReply
        /// Aliases led further than is followed.
        case tooManyAliases
        /// This can be no name.
        case badName(NameError)
        /// This is an address, but in a form that is not taken.
        case badAddress(BadAddress)
        /// The task was cancelled.
        case cancelled
        /// The resolver, or the directory, was closed.
        case closed
    }

    /// Forms of addresses that `getaddrinfo` takes and that are refused here; neither is asked for as a name.
    public enum BadAddress: Hashable, Sendable {
        /// An IPv4 address not written as four decimal numbers, such as `127.1` or `0x7f000001`. Programs disagree
        /// about which address that is (RFC 6943 §3.1.1), so that who checks it may see another one than who uses it.
        /// With a dot at the end it is a name.
        case oldForm
        /// An IPv6 address with a zone, such as `fe80::1%eth0` (RFC 4007 §11): an answer has no place for the zone.
        case zone
    }

    /// An error.
    public init(_ name: String, _ reason: Reason) {
        self.name = name
        self.reason = reason
    }

    /// A sentence without a final stop: `web.prod: there is no such name`.
    public var description: String { "\(name): \(reason)" }
}

extension LookupError.Reason: CustomStringConvertible {
    /// A clause.
    public var description: String {
        switch self {
        case .nameError: "there is no such name (NXDOMAIN)"
        case .noData: "the name has no records of this type (NODATA)"
        case .serverFailure(let code, let explanation?): "the server failed with \(code): \(explanation)"
        case .serverFailure(let code, nil): "the server failed with \(code)"
        case .timedOut: "no server answered in time"
        case .unreachable(let code): "no server can be reached (errno \(code))"
        case .malformedReply: "the reply cannot be used"
        case .tooManyAliases: "aliases lead too far"
        case .badName(let error): "this is no name: \(error)"
        case .badAddress(.oldForm): "an IPv4 address must be written as four decimal numbers without leading zeros"
        case .badAddress(.zone): "an address with a zone cannot be looked up: leave out '%' and what is behind it"
        case .cancelled: "the look-up was cancelled"
        case .closed: "nobody looks names up here any more"
        }
    }
}
