/// Every bound of asking upstreams, with what it protects.
enum Limits {
    // MARK: UDP

    /// Queries of a client under way over UDP; each has a descriptor.
    static let datagramExchangesMax = 4_096
    /// Sockets kept for the next queries: to open and watch one costs as much as a query.
    static let idlePortsMax = 512
    /// Replies passed over before a query is asked over TCP, where a forger must do more than guess.
    static let mismatchesMax = 100
    /// Packets taken from one socket before others get their turn.
    static let packetsPerTurn = 16
    /// Replies in another case, none in the right one before, after which an upstream is taken for one that garbles it.
    static let garbledRepliesMax = 3
    /// Queries given up in one turn.
    static let timeoutsPerTurn = 256
    /// Room that a query gets; a longer one gets its own.
    static let usualQueryLength = 512

    // MARK: TCP and TLS

    /// Queries of a client under way over streams.
    static let streamExchangesMax = 2_048
    /// Connections to one upstream.
    static let connectionsMax = 16
    /// Queries on a connection, from which on another one is opened: some servers answer in order.
    static let queriesPerConnection = 8
    /// Connections kept without a query, where no option says.
    static let idleConnectionsMax = 4
    /// Bytes that wait for the peer to read.
    static let unsentBytesMax = 262_144
    /// Messages that answer nothing before a connection is given up.
    static let straysMax = 100
    /// Reads of one connection before others get their turn.
    static let readsPerTurn = 4
    /// Bytes read at a time.
    static let readLength = 65_536 + 2

    /// Longest name-server message (RFC 1035 §4.2.2).
    static let messageLengthMax = 65_535
}
