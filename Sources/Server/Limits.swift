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
    /// Packets that make a batch of it: the socket is busy.
    static let busyBatch = 4
    /// Rounds on a busy socket alone before the others are looked at.
    static let roundsBetweenPolls = 16
    /// How long a worker waits on its sockets before it goes back to Dispatch, in milliseconds.
    static let lingerMilliseconds: Int32 = 2
    /// Attempts to send a batch while the socket's buffer is full.
    static let sendAttemptsMax = 16

    /// Attempts to get a port that another has, a second in all.
    static let bindAttemptsMax = 41
    /// Time between two of them, in milliseconds.
    static let bindPauseMilliseconds: UInt32 = 25
    /// Pending connections in the kernel.
    static let backlog: Int32 = 1_024
    /// Connections accepted before the worker looks at its other sockets.
    static let acceptsPerTurn = 64
    /// Bytes taken from one connection before the others get their turn.
    static let streamReadLength = 131_072
    /// Bytes that the kernel takes ahead of what a client acknowledges; the rest of a reply waits here, where it is
    /// bounded over all connections.
    static let unsentBytesMax: Int32 = 131_072
    /// How often connections are checked for time-outs, in milliseconds; at least four times in the shortest of them.
    static let timeoutCheckMilliseconds = 250
    /// How long nothing is accepted after the process ran out of descriptors, in milliseconds.
    static let acceptPauseMilliseconds: UInt64 = 100

    /// Queries of a worker that wait for others at once; each takes about six kilobytes. What more come are answered
    /// with SERVFAIL.
    static let parkedMax = 8_192
    /// Walks, and buffers to write messages in, that a worker keeps for the next queries.
    static let spareWalksMax = 64
    /// Queries of one connection that wait at once; the next are not read before one of them has its answer.
    static let parkedPerConnection = 128

    /// Aliases followed from one query; each asks the whole server again.
    static let followDepthMax = 8
}
