import CLinux
public import DNSMessage
import Glibc
import Sockets

/// A UDP socket of a test. It is not connected, so that the address of a reply tells where it came from.
public final class UDPClient {
    /// How long a test waits for something that should come.
    public static let patience = Duration.seconds(5)

    private let socket: ClientSocket
    private let server: SocketAddress

    /// A socket that asks `server`, from an address of its own if that matters.
    public init(to server: SocketAddress, from local: SocketAddress? = nil) throws {
        self.server = server
        socket = try ClientSocket(SOCK_DGRAM, to: server, from: local)
    }

    /// This side's address, once something was sent.
    public var localAddress: SocketAddress { socket.localAddress }

    /// Sends one packet.
    public func send(_ bytes: [UInt8]) throws {
        let sent = KernelAddress(server).pass { sendto(socket.descriptor, bytes, bytes.count, 0, $0, $1) }
        guard sent == bytes.count else { throw ClientError("sendto") }
    }

    /// The next packet; nil if none comes in time.
    public func receive(within timeout: Duration = patience) throws -> Reply? {
        socket.setTimeout(timeout)
        var buffer = [UInt8](repeating: 0, count: MessageWriter.maximumLength)
        let (count, source) = KernelAddress.fill { recvfrom(socket.descriptor, &buffer, buffer.count, 0, $0, &$1) }
        if count < 0, errno == EAGAIN { return nil }
        guard count >= 0 else { throw ClientError("recvfrom") }
        return try Reply(Array(buffer[..<count]), from: source)
    }

    /// Sends a request and waits for its reply.
    public func ask(_ query: QueryText) throws -> Reply {
        try send(query.bytes)
        guard let reply = try receive() else { throw ClientError(reason: "no reply to '\(query)'") }
        guard reply.message.id == query.id else { throw ClientError(reason: "another query's reply to '\(query)'") }
        return reply
    }
}
