public import DNSMessage

/// What a look-up found; never empty.
public struct Answers<Value: Hashable & Sendable>: Hashable, Sendable {
    /// What was asked for, in the order in which it should be used.
    public let values: [Value]
    /// The owner of the records: where the suffix of the search list, and aliases (CNAME), led to.
    public let canonicalName: Name
    /// How long this may be used; the least of the TTLs on the way (RFC 2181 §5.2).
    public let timeToLive: Duration
    /// Who said so.
    public let source: AnswerSource

    /// Answers.
    public init(_ values: [Value], canonicalName: Name, timeToLive: Duration, source: AnswerSource) {
        self.values = values
        self.canonicalName = canonicalName
        self.timeToLive = timeToLive
        self.source = source
    }
}

/// Who gave an answer.
public enum AnswerSource: Hashable, Sendable {
    /// A name server.
    case server(SocketAddress)
    /// An earlier answer that is still good.
    case cache
    /// A hosts file.
    case hosts
    /// Variables `NAME_SERVICE_HOST` and `NAME_SERVICE_PORT` that the kubelet sets.
    case environment
    /// The index of a cluster in this process.
    case cluster
    /// The question itself: an address written out, or a name that RFC 6761 settles.
    case literal
}

/// Where a service can be reached (RFC 2782).
public struct ServiceTarget: Hashable, Sendable {
    /// Lower ones are tried first.
    public var priority: UInt16
    /// Share among those of one priority.
    public var weight: UInt16
    /// Port of TCP or UDP, as the name asked for said.
    public var port: UInt16
    /// The host.
    public var host: Name
    /// Its addresses; empty where they did not come along and could not be found.
    public var addresses: [IPAddress]

    /// A target.
    public init(priority: UInt16, weight: UInt16, port: UInt16, host: Name, addresses: [IPAddress] = []) {
        self.priority = priority
        self.weight = weight
        self.port = port
        self.host = host
        self.addresses = addresses
    }
}

/// A TXT record (RFC 1035 §3.3.14).
public struct Text: Hashable, Sendable {
    /// Its strings, at most 255 octets each.
    public var strings: [[UInt8]]

    /// A record of these strings.
    public init(_ strings: [[UInt8]]) { self.strings = strings }

    /// All strings as one, as SPF (RFC 7208 §3.3) and others want them.
    public var joined: String { String(decoding: strings.joined(), as: UTF8.self) }
}
