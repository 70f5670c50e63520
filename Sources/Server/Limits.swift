/// Every bound of the server's sockets and queues, with what it protects.
enum Limits {
    /// Workers, whatever the number of cores: each costs about a third of a megabyte.
    static let workersMax = 64
    /// Packets taken or sent in one system call.
    static let batch = 64
    /// Room for the first bytes of a packet; what is longer continues in memory that is only then touched.
    static let packetHeadLength = 512
    /// Largest UDP payload.
    static let packetMax = 65_535
    /// Largest reply over UDP: what `bufsize` may be set to.
    static let udpReplyMax = 4_096
    /// Rounds of packets handled before the worker's queue gets its turn, so that other work waits a moment at most.
    static let roundsPerTurn = 256
    /// How long a worker waits on its sockets before it goes back to Dispatch, in milliseconds.
    static let lingerMilliseconds: Int32 = 2
    /// Attempts to send a batch while the socket's buffer is full.
    static let sendAttemptsMax = 16

    /// Connections of all workers together.
    static let connectionsMax = 8_192
    /// Connections from one client address; a node-local cache opens a few dozen.
    static let connectionsPerClientMax = 1_024
    /// Pending connections in the kernel.
    static let backlog: Int32 = 1_024
    /// Connections accepted before the worker looks at its other sockets.
    static let acceptsPerTurn = 64
    /// Bytes taken from one connection before the others get their turn.
    static let streamReadLength = 131_072
    /// Bytes that all connections of a worker may hold for requests half received and replies not yet taken.
    static let heldBytesMax = 8 << 20
    /// How often connections are checked for time-outs, in milliseconds.
    static let timeoutCheckMilliseconds = 250

    /// Aliases followed from one query; each asks the whole server again.
    static let followDepthMax = 8
}

/// How long a connection may take, in nanoseconds; section B of CoreDNS's defaults.
struct StreamTimeouts {
    /// For the first message, and for the rest of a message once begun.
    var read: UInt64 = 3_000_000_000
    /// Between messages.
    var idle: UInt64 = 10_000_000_000
    /// Until a blocked reply is taken.
    var write: UInt64 = 5_000_000_000
}
