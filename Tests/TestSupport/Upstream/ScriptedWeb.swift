import CLinux
import DNSMessage
import Dispatch
import Glibc
import Locking

/// A server of HTTP/1.1 on 127.0.0.1 that answers POST and GET as a test tells it. Ends when it is let go.
public final class ScriptedWeb: Sendable {
    /// A request.
    public struct Request: Sendable {
        /// Its head, in lower case.
        public let head: String
        /// Its content.
        public let content: [UInt8]
    }

    /// What it answers.
    public enum Response: Sendable {
        /// A status, a type and content.
        case content(status: Int, type: String, [UInt8])
        /// Nothing, ever.
        case silence
    }

    private struct State: Sendable {
        var requests: [Request] = []
        var hasEnded = false
    }

    /// What the queues share; they end when the server is let go.
    private final class Shared: Sendable {
        let state = Lock(State())
        var hasEnded: Bool { state.withLock { $0.hasEnded } }
    }

    /// Where it listens.
    public let port = FreePorts.take()
    private let shared = Shared()

    /// Starts one.
    public init(_ script: @escaping @Sendable (Request) -> Response) throws {
        let listener = try ScriptedUpstream.open(SOCK_STREAM, .loopback(port))
        guard listen(listener, 64) == 0 else { throw ClientError("listen") }
        DispatchQueue(label: "test.web").async { [shared] in
            defer { close(listener) }
            while !shared.hasEnded {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { continue }
                ScriptedState.limitWaiting(descriptor)
                DispatchQueue(label: "test.web.connection").async {
                    ScriptedWeb.serve(descriptor, shared, script)
                    close(descriptor)
                }
            }
        }
    }

    deinit { shared.state.withLock { $0.hasEnded = true } }

    /// Requests so far.
    public var requests: [Request] { shared.state.withLock { $0.requests } }

    private static func serve(
        _ descriptor: Int32, _ shared: Shared, _ script: @Sendable (Request) -> Response
    ) {
        guard let stream = ScriptedStream(descriptor, nil, while: { true }) else { return }
        var received: [UInt8] = []
        while !shared.hasEnded {
            guard let more = stream.read() else { return }
            received += more
            while let request = Request(takenFrom: &received) {
                shared.state.withLock { $0.requests.append(request) }
                guard case .content(let status, let type, let bytes) = script(request) else { continue }
                let head = "HTTP/1.1 \(status) X\r\nContent-Type: \(type)\r\nContent-Length: \(bytes.count)\r\n\r\n"
                stream.write(Array(head.utf8) + bytes)
            }
        }
    }
}

extension ScriptedWeb.Request {
    /// Takes a whole request from the front of what was received.
    fileprivate init?(takenFrom received: inout [UInt8]) {
        let end = Array("\r\n\r\n".utf8)
        guard let start = received.indices.first(where: { received[$0...].starts(with: end) }) else { return nil }
        let head = String(decoding: received[..<start], as: UTF8.self).lowercased()
        let length = ScriptedWeb.Request.field("content-length", in: head).flatMap { Int($0) } ?? 0
        guard received.count >= start + 4 + length else { return nil }
        self.head = head
        content = Array(received[(start + 4)...].prefix(length))
        received.removeFirst(start + 4 + length)
    }

    /// The value of a header field, in lower case.
    public func field(_ name: String) -> String? { ScriptedWeb.Request.field(name, in: head) }

    private static func field(_ name: String, in head: String) -> String? {
        let line = head.split(separator: "\r\n").first { $0.hasPrefix("\(name): ") }
        return line.map { String($0.dropFirst(name.count + 2)) }
    }
}
