public import DNSMessage
public import EventLoop

/// Another server, and the transport that it is asked over.
public enum UpstreamEndpoint: Hashable, Sendable {
    /// Plain DNS: UDP and TCP.
    case dns(SocketAddress)
    /// DNS over TLS (RFC 7858).
    case tls(SocketAddress, TLSContext)
    /// DNS over HTTPS (RFC 8484).
    case https(HTTPSOptions)

    /// A client of one worker. On the loop's queue, as everything of the client.
    public func makeClient(loop: EventLoop, settings: UpstreamSettings = UpstreamSettings()) -> any UpstreamClient {
        UnbuiltClient(loop)
    }
}

private final class UnbuiltClient: UpstreamClient {
    private let loop: EventLoop
    private var number: UInt64 = 0
    init(_ loop: EventLoop) { self.loop = loop }
    func ask(_ query: UpstreamQuery, deadline: UInt64, _ handler: any ExchangeHandler) -> ExchangeToken {
        number += 1
        return ExchangeToken(number: number)
    }
    func cancel(_ token: ExchangeToken) {}
    func close() {}
    var pendingCount: Int { 0 }
}
