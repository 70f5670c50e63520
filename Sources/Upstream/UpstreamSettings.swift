public import DNSMessage

/// How an upstream is asked; what it is stands in `UpstreamEndpoint`. Times in nanoseconds.
public struct UpstreamSettings: Hashable, Sendable {
    /// Mixes upper and lower case in names asked over UDP, and wants them back so (0x20).
    public var mixesCase = true
    /// Longest time that a connection is kept without a query on it: `expire`.
    public var idleTimeout: UInt64 = 10_000_000_000
    /// Longest time that a connection takes new queries: `max_age`; 0 is forever.
    public var ageMax: UInt64 = 0
    /// Connections kept without a query on them: `max_idle_conns`; 0 leaves it to the client.
    public var idleConnectionsMax = 0
    /// Longest time until a connection stands, handshake included.
    public var connectTimeout: UInt64 = 2_000_000_000
    /// Where queries are sent from: `source_address`; nil leaves it to the kernel.
    public var sourceAddress: IPAddress?

    /// What CoreDNS does without options, and mixed case.
    public init() {}
}
