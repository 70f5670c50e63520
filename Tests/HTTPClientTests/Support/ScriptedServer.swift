import CLinux
import DNSMessage
import Dispatch
import Glibc
import Locking
import Sockets
import TestSupport

/// What a scripted server does on a connection, one after the other; then it closes.
enum Step: Sendable {
    /// Reads a request with its content.
    case receive
    /// Reads so many bytes.
    case read(Int)
    /// Reads whatever comes first.
    case drain
    case send(String)
    case sendBytes([UInt8])
    /// One byte at a time.
    case trickle(String)
    /// Answers every request with the same, until the client closes.
    case answerAll(String)
    /// Waits until the test calls `proceed`.
    case pause
    /// Reads until the client closes.
    case hold
    /// Closes with a reset.
    case reset
    /// Passes bytes on, in both directions, to a port of 127.0.0.1.
    case tunnel(UInt16)
}

/// A TCP server on 127.0.0.1 that follows a script without understanding anything.
final class ScriptedServer: Sendable {
    private struct State {
        var requests: [String] = []
        var connections: [Int32] = []
        var connectionCount = 0
        var hasStopped = false
    }

    private static let keptRequestsMax = 1_000

    let port: UInt16
    private let listener: Int32
    private let scripts: [[Step]]
    private let state = Lock(State())
    private let pauses = DispatchSemaphore(value: 0)

    /// Follows the first script on the first connection and so on, the last one on all that come after.
    init(_ scripts: [Step]...) {
        self.scripts = scripts
        guard let listener = try? Syscall.open(SOCK_STREAM, .v4, waits: true),
            (try? Syscall.bind(listener, to: .loopback(0))) != nil, listen(listener, 64) == 0,
            let address = Syscall.localAddress(listener)
        else { preconditionFailure("no port is left") }
        self.listener = listener
        port = address.port
        // Weak, for it waits without end. It closes the socket itself: were that done elsewhere, the number might be
        // another server's by the next call.
        DispatchQueue(label: "scripted.accept").async { [listener, weak self] in
            defer { close(listener) }
            while case let connection = clinux_accept(listener, nil, nil, Int32(SOCK_CLOEXEC.rawValue)),
                connection >= 0
            {
                guard let self else {
                    close(connection)
                    return
                }
                begin(connection)
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        state.withLock { state in
            for connection in state.connections { shutdown(connection, Int32(SHUT_RDWR)) }
        }
    }

    /// The first requests as received, heads and content.
    var requests: [String] { state.withLock { $0.requests } }
    /// Connections so far.
    var connectionCount: Int { state.withLock { $0.connectionCount } }
    var url: String { "http://127.0.0.1:\(port)/" }

    /// Lets one script go on after its pause.
    func proceed() { pauses.signal() }

    private func begin(_ connection: Int32) {
        let number = state.withLock { state in
            state.connections.append(connection)
            state.connectionCount += 1
            return state.connectionCount - 1
        }
        let script = scripts[min(number, scripts.count - 1)]
        DispatchQueue(label: "scripted.connection").async { [weak self, pauses, state] in
            var line = Connection(descriptor: connection, pauses: pauses)
            for step in script where line.isOpen {
                line.follow(step) { request in self?.keep(request) }
            }
            state.withLock { state in
                state.connections.removeAll { $0 == connection }
                close(connection)
            }
        }
    }

    private func keep(_ request: String) {
        state.withLock { state in
            if state.requests.count < Self.keptRequestsMax { state.requests.append(request) }
        }
    }
}

/// One connection of a scripted server.
private struct Connection {
    let descriptor: Int32
    let pauses: DispatchSemaphore
    private(set) var isOpen = true
    private var received: [UInt8] = []

    init(descriptor: Int32, pauses: DispatchSemaphore) {
        self.descriptor = descriptor
        self.pauses = pauses
    }

    mutating func follow(_ step: Step, _ record: (String) -> Void) {
        switch step {
        case .receive: if let request = request() { record(request) }
        case .read(let count): _ = take(count)
        case .drain:
            if received.isEmpty { _ = read() }
            received = []
        case .send(let text): send(Array(text.utf8))
        case .sendBytes(let bytes): send(bytes)
        case .trickle(let text):
            for byte in text.utf8 {
                send([byte])
                usleep(500)
            }
        case .answerAll(let text):
            while let request = request() {
                record(request)
                send(Array(text.utf8))
            }
        case .pause: pauses.wait()
        case .hold: while read() {}
        case .reset: reset()
        case .tunnel(let port): tunnel(port)
        }
    }

    private mutating func request() -> String? {
        while true {
            let text = String(decoding: received, as: UTF8.self)
            if let end = text.firstRange(of: "\r\n\r\n") {
                let head = text[..<end.upperBound]
                let length = head.lowercased().firstRange(of: "content-length: ").map {
                    Int(head.lowercased()[$0.upperBound...].prefix { $0.isNumber }) ?? 0
                }
                return take(head.utf8.count + (length ?? 0)).map { String(decoding: $0, as: UTF8.self) }
            }
            guard read() else { return nil }
        }
    }

    private mutating func take(_ count: Int) -> [UInt8]? {
        while received.count < count { guard read() else { return nil } }
        defer { received.removeFirst(count) }
        return Array(received.prefix(count))
    }

    private mutating func read() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 16_384)
        var count = recv(descriptor, &chunk, chunk.count, 0)
        // A signal of another test is no end of the connection.
        while count < 0, errno == EINTR { count = recv(descriptor, &chunk, chunk.count, 0) }
        isOpen = count > 0
        if count > 0 { received += chunk[..<count] }
        return isOpen
    }

    private mutating func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else {
                isOpen = false
                return
            }
            sent += count
        }
    }

    private mutating func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        isOpen = false
    }

    private func tunnel(_ port: UInt16) {
        guard let server = try? TCPClient(to: .loopback(port)) else { return }
        let other = server.rawDescriptor
        var waiting = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
        waiting.append(pollfd(fd: other, events: Int16(POLLIN), revents: 0))
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while poll(&waiting, 2, -1) > 0 {
            for (index, to) in [other, descriptor].enumerated() where waiting[index].revents != 0 {
                let count = recv(waiting[index].fd, &chunk, chunk.count, 0)
                guard count > 0, Glibc.send(to, chunk, count, Int32(MSG_NOSIGNAL)) == count else { return }
            }
        }
    }
}
