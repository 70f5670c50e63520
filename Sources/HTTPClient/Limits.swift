/// Every bound of the client, with what it protects.
enum Limits {
    /// Requests under way at a time.
    static let exchangesMax = 1_000
    /// Bytes of a URL.
    static let urlLengthMax = 16_384
    /// Header fields of a request.
    static let requestHeadersMax = 64
    /// Bytes of a request's header fields; tokens are long.
    static let requestHeaderBytesMax = 65_536
    /// Header fields of a response, those of interim responses included.
    static let responseHeadersMax = 256
    /// Bytes of a response's head, those of interim responses included.
    static let responseHeadBytesMax = 65_536
    /// Bytes that libcurl reads at a time.
    static let bufferLength = 16_384
    /// Connections kept open without a request on them.
    static let idleConnectionsMax = 8
    /// How long one is kept.
    static let idleSecondsMax = 60
    /// Quiet time before TCP asks whether the peer is still there, and between its attempts.
    static let keepAliveSeconds = 30
    static let keepAliveAttemptSeconds = 10
    /// Sockets looked at for each turn of the queue; the rest come with the next.
    static let socketsPerTurn = 16
    /// Names of a certificate shown in an error.
    static let certificateNamesMax = 8
}
