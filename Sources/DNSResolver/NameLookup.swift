public import DNSMessage

/// Whoever turns names into records: a `Resolver` that asks servers, a directory that is fed by the cluster, or a test.
///
/// A host name without a final dot is relative: it is tried with the suffixes of the search list, as `resolv.conf(5)`
/// has it.
public protocol NameLookup: Sendable {
    /// The addresses of a host, in the order in which they should be tried (RFC 6724).
    func addresses(of host: String, _ families: AddressFamilies) async throws(LookupError) -> Answers<IPAddress>
    /// The targets of a service (RFC 2782), `_http._tcp.web.prod`: by priority, and within one by weight at random.
    func services(of name: String) async throws(LookupError) -> Answers<ServiceTarget>
    /// The names of an address (PTR).
    func names(of address: IPAddress) async throws(LookupError) -> Answers<Name>
    /// The TXT records of a name.
    func texts(of name: String) async throws(LookupError) -> Answers<Text>
    /// Records of any type, as they came.
    func records(of name: String, _ type: RecordType) async throws(LookupError) -> Answers<Record>
}

extension NameLookup {
    /// The addresses of a host, of both families.
    public func addresses(of host: String) async throws(LookupError) -> Answers<IPAddress> {
        try await addresses(of: host, .all)
    }
}

/// Which addresses are wanted.
public struct AddressFamilies: OptionSet, Hashable, Sendable {
    /// A bit a family.
    public let rawValue: UInt8
    /// A records.
    public static let v4 = AddressFamilies(rawValue: 1)
    /// AAAA records.
    public static let v6 = AddressFamilies(rawValue: 2)
    /// Both.
    public static let all: AddressFamilies = [.v4, .v6]

    /// Of bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
}
