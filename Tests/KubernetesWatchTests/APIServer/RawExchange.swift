import CLinux
import ClusterIndex
import DNSMessage
import Glibc
import KubernetesWatch
import Sockets
import TestSupport

/// A request to the test server and its response, chunk by chunk: shows what a real client would hide.
final class RawExchange {
    /// What comes next.
    enum Piece: Hashable {
        case chunk([UInt8])
        /// The end, as HTTP wants it.
        case last
        /// The connection ended, or was reset, first; so many bytes of a chunk had come.
        case cut(bytes: Int)
        case garbled
        /// Nothing within the time allowed.
        case silence
    }

    struct Failure: Error { let reason: String }

    static let protobuf = "application/vnd.kubernetes.protobuf"
    private static let patience = Duration.seconds(60)

    private(set) var status = 0
    private(set) var headers: [String: String] = [:]
    private let descriptor: Int32
    private var received: [UInt8] = []
    private var lastRead = 1

    /// Sends a GET and reads the head of the response, unless that is done later; status 0 where none comes.
    init(
        _ server: APIServer, _ path: String, accept: String = "application/json", _ headers: [String] = [],
        readsHead: Bool = true
    ) throws {
        descriptor = try Syscall.open(SOCK_STREAM, .v4, waits: true)
        try Syscall.connect(descriptor, to: KernelAddress(.loopback(server.port)))
        send(path, accept: accept, headers)
        if readsHead { readHead() }
    }

    deinit { close(descriptor) }

    /// Sends another GET over the same connection.
    func again(_ path: String, accept: String = "application/json") {
        send(path, accept: accept, [])
        readHead()
    }

    private func send(_ path: String, accept: String, _ headers: [String]) {
        let more = headers.map { "\($0)\r\n" }.joined()
        let text = Array(
            "GET \(path) HTTP/1.1\r\nHost: x\r\nUser-Agent: tests\r\nAccept: \(accept)\r\n\(more)\r\n".utf8)
        _ = Glibc.send(descriptor, text, text.count, Int32(MSG_NOSIGNAL))
    }

    func readHead() {
        (status, headers) = (0, [:])
        while true {
            let text = String(decoding: received.prefix(8_192), as: UTF8.self)
            if let end = text.firstRange(of: "\r\n\r\n") {
                let lines = text[..<end.lowerBound].split(separator: "\r\n")
                status = Int(lines[0].split(separator: " ")[1]) ?? 0
                for line in lines.dropFirst() {
                    let parts = line.split(separator: ":", maxSplits: 1)
                    headers[parts[0].lowercased()] = parts[1].drop { $0 == " " }.description
                }
                received.removeFirst(text[..<end.upperBound].utf8.count)
                return
            }
            guard read(Self.patience) else { return }
        }
    }

    // MARK: Content

    /// The whole content; what had come where it ends too early.
    func body() -> [UInt8] {
        if let length = headers["content-length"].flatMap(Int.init) {
            while received.count < length, read(Self.patience) {}
            defer { received.removeFirst(min(length, received.count)) }
            return Array(received.prefix(length))
        }
        var bytes: [UInt8] = []
        while case .chunk(let chunk) = next() { bytes += chunk }
        return bytes
    }

    /// The content as text.
    func text() -> String { String(decoding: body(), as: UTF8.self) }

    /// The next chunk, or what comes in its place.
    func next(within timeout: Duration = patience) -> Piece {
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: received[..<end], as: UTF8.self).filter { $0 != "\r" && $0 != "\r\n" }
                guard let length = Int(line, radix: 16) else { return .garbled }
                if received.count >= end + 1 + length + 2 {
                    let chunk = Array(received[(end + 1)..<(end + 1 + length)])
                    received.removeFirst(end + 1 + length + 2)
                    return length == 0 ? .last : .chunk(chunk)
                }
            }
            guard read(timeout) else {
                let header = (received.firstIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
                return lastRead < 0 && errno == EAGAIN ? .silence : .cut(bytes: received.count - header)
            }
        }
    }

    /// Everything up to the end, and how that was.
    func rest(within timeout: Duration = patience) -> (bytes: [UInt8], end: Piece) {
        var bytes: [UInt8] = []
        while true {
            let piece = next(within: timeout)
            guard case .chunk(let chunk) = piece else { return (bytes, piece) }
            bytes += chunk
        }
    }

    /// Bytes as they come, framing and all, until there are so many or no more.
    func raw(_ count: Int) -> [UInt8] {
        while received.count < count, read(Self.patience) {}
        defer { received.removeFirst(min(count, received.count)) }
        return Array(received.prefix(count))
    }

    private func read(_ timeout: Duration) -> Bool {
        let milliseconds = max(Int(timeout / .milliseconds(1)), 1)
        var time = timeval(tv_sec: milliseconds / 1_000, tv_usec: milliseconds % 1_000 * 1_000)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        lastRead = recv(descriptor, &buffer, buffer.count, 0)
        if lastRead > 0 { received += buffer[..<lastRead] }
        return lastRead > 0
    }
}

extension RawExchange {
    static let streaming =
        "watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"

    /// A streaming list.
    static func streaming(
        _ server: APIServer, _ resource: WatchedResource, _ more: String = "",
        _ encoding: StreamDecoder.Encoding = .json
    ) throws -> RawExchange {
        let accept = encoding == .json ? "application/json" : "\(protobuf);stream=watch"
        return try RawExchange(server, "\(resource.path)?\(streaming)\(more)", accept: accept)
    }

    /// So many chunks of a watch, decoded and put in words: `upsert prod/web 998`.
    func words(_ count: Int, _ resource: WatchedResource, _ encoding: StreamDecoder.Encoding = .json) -> [String] {
        var bytes: [UInt8] = []
        for _ in 0..<count {
            guard case .chunk(let chunk) = next() else { break }
            bytes += chunk
        }
        return Transcript(Stream(encoding, .watch, resource.kind), bytes).words
    }
}

extension Transcript {
    /// In words; the fault last.
    var words: [String] { items.map(\.words) + (fault.map { ["fault: \($0)"] } ?? []) }
}
