import CLinux
public import DNSMessage
import Glibc

/// A TCP connection of a test.
public final class TCPClient {
    /// How a connection ended, or that it has not.
    public enum End: Sendable {
        /// The server closed it in order.
        case closed
        /// The server cut it off.
        case reset
        /// Nothing came in the time allowed.
        case silent
    }

    fileprivate let socket: ClientSocket
    private let server: SocketAddress
    private var received: [UInt8] = []

    /// Connects to `server`; with a receive buffer of its own size a reader can be made slow.
    public init(to server: SocketAddress, from local: SocketAddress? = nil, receiveBuffer: Int32? = nil) throws {
        self.server = server
        socket = try ClientSocket(SOCK_STREAM, to: server, from: local)
        if let receiveBuffer { socket.setOption(SOL_SOCKET, SO_RCVBUF, receiveBuffer) }
        socket.setOption(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        socket.setTimeout(UDPClient.patience)
        try socket.connect(to: server)
    }

    /// For a test that reads and writes by itself.
    public var rawDescriptor: Int32 { socket.descriptor }

    /// This side's address.
    public var localAddress: SocketAddress { socket.localAddress }

    /// Sends all bytes; throws if the server does not take them in time.
    public func send(_ bytes: [UInt8]) throws {
        guard try sendWhatFits(bytes, within: UDPClient.patience) == bytes.count else {
            throw ClientError(reason: "the server does not read")
        }
    }

    /// Sends until nothing more is taken for as long as `timeout`; tells how many bytes were.
    public func sendWhatFits(_ bytes: [UInt8], within timeout: Duration) throws -> Int {
        socket.setTimeout(timeout)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(socket.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EAGAIN { break }
            guard count >= 0 else { throw ClientError("send") }
            sent += count
        }
        return sent
    }

    /// Tells the server that no more will be sent; replies still come.
    public func finishSending() { shutdown(socket.descriptor, Int32(SHUT_WR)) }

    /// The next message; nil if the connection ends or stays silent before one is whole.
    public func receive(within timeout: Duration = UDPClient.patience) throws -> Reply? {
        socket.setTimeout(timeout)
        while true {
            let length = received.count >= 2 ? 2 + Int(received[0]) << 8 + Int(received[1]) : Int.max
            if received.count >= length {
                let message = Array(received[2..<length])
                received.removeFirst(length)
                return try Reply(message, from: server)
            }
            guard read() > 0 else { return nil }
        }
    }

    /// Waits for the end of the connection, passing over whatever comes before.
    public func end(within timeout: Duration = UDPClient.patience) -> End {
        socket.setTimeout(timeout)
        while true {
            let count = read()
            if count > 0 { continue }
            if count == 0 { return .closed }
            return errno == EAGAIN ? .silent : .reset
        }
    }

    private func read() -> Int {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(socket.descriptor, &buffer, buffer.count, 0)
        if count > 0 { received += buffer[..<count] }
        return count
    }

    /// Sends a request and waits for its reply.
    public func ask(_ query: QueryText) throws -> Reply {
        try send(query.framed)
        guard let reply = try receive() else { throw ClientError(reason: "no reply to '\(query)'") }
        guard reply.message.id == query.id else { throw ClientError(reason: "another query's reply to '\(query)'") }
        return reply
    }
}

extension TCPClient {
    /// Reads at most `count` bytes, if there are any, and throws them away.
    public func readSome(_ count: Int) {
        var buffer = [UInt8](repeating: 0, count: count)
        _ = recv(socket.descriptor, &buffer, count, Int32(MSG_DONTWAIT))
    }

    /// Whether the server cuts the connection off in time; reads nothing meanwhile.
    public func isReset(within timeout: Duration = UDPClient.patience) -> Bool {
        var waiting = pollfd(fd: socket.descriptor, events: 0, revents: 0)
        let milliseconds = Int32(timeout / .milliseconds(1))
        return poll(&waiting, 1, milliseconds) == 1 && waiting.revents & Int16(POLLERR | POLLHUP) != 0
    }
}
