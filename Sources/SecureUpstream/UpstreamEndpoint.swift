public import DNSMessage
public import EventLoop
public import Upstream

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
        switch self {
        case .dns(let address): DatagramClient(address: address, loop: loop, settings: settings)
        case .tls(let address, let context):
            StreamClient(
                address: address, security: TLSPeer(context, address: address.address), loop: loop, settings: settings)
        case .https(let options): HTTPSClient(options, loop: loop, settings: settings)
        }
    }
}
