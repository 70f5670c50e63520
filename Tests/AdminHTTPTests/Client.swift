import AdminHTTP
import CLinux
import DNSMessage
import Glibc
import Sockets

/// A client that sends exactly the bytes it is told to.
final class Client {
    private let descriptor: Int32
    private var received: [UInt8] = []

    /// Connects to a port of 127.0.0.1, or of ::1; nil when refused.
    init?(port: UInt16, overIPv6: Bool = false) {
        let address = overIPv6 ? IPAddress(high: 0, low: 1) : IPAddress(v4: 0x7F00_0001)
        descriptor = (try? Syscall.open(SOCK_STREAM, address.family, waits: true)) ?? -1
        try? Syscall.setOption(descriptor, SO_RCVTIMEO, milliseconds: 60_000)
        let server = KernelAddress(SocketAddress(address, port: port))
        guard (try? Syscall.connect(descriptor, to: server)) != nil else { return nil }
    }

    deinit { close(descriptor) }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            done += count
        }
    }

    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Whether bytes or the end of the connection came in time.
    func hasSomethingToRead(withinMilliseconds milliseconds: Int32) -> Bool {
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&poller, 1, milliseconds) > 0
    }

    /// Everything until the server closes.
    func readToEnd() -> String {
        while readMore() {}
        defer { received = [] }
        return String(decoding: received, as: UTF8.self)
    }

    /// One response with its body, or what came before the server closed.
    func readResponse(hasBody: Bool = true) -> String {
        for _ in 0..<100_000 {
            if let length = responseLength(hasBody: hasBody), received.count >= length {
                defer { received.removeFirst(length) }
                return String(decoding: received[..<length], as: UTF8.self)
            }
            guard readMore() else { break }
        }
        return readToEnd()
    }

    private func responseLength(hasBody: Bool) -> Int? {
        let text = String(decoding: received, as: UTF8.self)
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let field = parts[0].split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") }
        let body = field.flatMap { Int($0.dropFirst(16)) } ?? 0
        return parts[0].utf8.count + 4 + (hasBody ? body : 0)
    }

    private func readMore() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        guard count > 0 else { return false }
        received += chunk[..<count]
        return true
    }
}

/// A server on a port that the system chose, with handlers for a few paths.
struct Fixture {
    let server = AdminServer()
    let mounts: [Mount]
    let port: UInt16

    init(_ handlers: [(String, Handler)]) throws {
        var mounts: [Mount] = []
        for (path, handler) in handlers {
            let address = mounts.first?.address ?? ListenAddress(host: "127.0.0.1", port: 0)
            mounts.append(try server.mount(path, on: address, handler))
        }
        self.mounts = mounts
        port = mounts.first?.address.port ?? 0
    }

    /// A server like that of the `health` plugin.
    static func health() throws -> Fixture { try Fixture([("/health", { _ in HTTPResponse(text: "OK") })]) }

    /// Sends `text` on a connection of its own and returns everything that comes back.
    func exchange(_ text: String) throws -> String {
        guard let client = Client(port: port) else { return "refused" }
        client.send(text)
        client.finishSending()
        return client.readToEnd()
    }

    func stop() { mounts.forEach { $0.remove() } }
}

/// A response without its date, lines joined by "|".
func flattened(_ response: String) -> String {
    response.replacing("\r\n", with: "|").replacing(#/Date: [A-Za-z0-9:, ]+\|/#, with: "")
}
