/// What TCP connections may take of the server: time, places, memory; and the time until its end. The times are
/// CoreDNS's.
public struct StreamSettings: Sendable {
    /// For the first message, and for the rest of a message once begun.
    public var readTimeout = Duration.seconds(3)
    /// Between messages.
    public var idleTimeout = Duration.seconds(10)
    /// Until the client has taken all of what it asked for.
    public var writeTimeout = Duration.seconds(5)
    /// Connections of all workers together.
    public var connectionsMax = 8_192
    /// Connections from one client address; a node-local cache opens a few dozen.
    public var connectionsPerClientMax = 1_024
    /// Bytes that the connections of one worker may hold together, for requests half received and replies not taken.
    public var heldBytesMax = 8 << 20
    /// Until the queries that wait when the server stops have their answers; sockets stay open that long.
    public var stopTimeout = Duration.seconds(5)
    /// Told, with the number of the system's error, whenever a connection could not be taken for want of descriptors or
    /// memory.
    public var onShortage: @Sendable (Int32) -> Void = { _ in }

    /// CoreDNS's times; bounds that clients of a cluster do not meet.
    public init() {}
}
