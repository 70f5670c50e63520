import CLinux
public import DNSMessage
import Glibc

/// Asks an HTTP listener of the server, one request a connection.
public enum AdminClient {
    /// What came back.
    public struct Response: Sendable {
        /// 200, 503 and so on.
        public let status: Int
        /// The text behind the head.
        public let body: String
    }

    /// Sends a GET and reads to the end of the connection.
    public static func get(_ path: String, from server: SocketAddress) throws -> Response {
        let socket = try ClientSocket(SOCK_STREAM, to: server, from: nil)
        socket.setTimeout(UDPClient.patience)
        try socket.connect(to: server)
        let request = Array("GET \(path) HTTP/1.1\r\nHost: \(server)\r\nConnection: close\r\n\r\n".utf8)
        guard Glibc.send(socket.descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw ClientError("send")
        }
        return try response(readAll(socket.descriptor))
    }

    private static func readAll(_ descriptor: Int32) throws -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count >= 0 else { throw ClientError("recv") }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<count]
        }
    }

    private static func response(_ text: String) throws -> Response {
        guard let end = text.firstRange(of: "\r\n\r\n"), let status = Int(text.dropFirst(9).prefix(3)) else {
            throw ClientError(reason: "no HTTP response: '\(text)'")
        }
        return Response(status: status, body: String(text[end.upperBound...]))
    }
}
