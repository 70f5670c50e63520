/// What a handler is asked.
public struct HTTPRequest: Equatable, Sendable {
    /// `GET`, `HEAD`, or whatever the client wrote.
    public let method: String
    /// The target without query and host, as in `/metrics`.
    public let path: String
    /// What follows the question mark, or empty.
    public let query: String
}

/// What a handler answers.
public struct HTTPResponse: Equatable, Sendable {
    /// The status code.
    public let status: Int
    /// Media type of the body.
    public let contentType: String
    /// The body; it is left away for HEAD.
    public let body: [UInt8]

    /// An answer from bytes.
    public init(status: Int = 200, contentType: String = "text/plain; charset=utf-8", body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// An answer from text.
    public init(status: Int = 200, text: String) {
        self.init(status: status, body: Array(text.utf8))
    }

    static let notFound = HTTPResponse(status: 404, text: "404 page not found\n")

    /// The answer to a request that cannot be handled.
    static func failure(_ status: Int) -> HTTPResponse {
        HTTPResponse(status: status, text: "\(status) \(reason(status))\n")
    }

    /// Head and body as they go over the wire (RFC 9112 §4).
    func bytes(date: String, includesBody: Bool, keepsConnection: Bool) -> [UInt8] {
        var head = "HTTP/1.1 \(status) \(Self.reason(status))\r\n"
        head += "Content-Type: \(contentType)\r\nContent-Length: \(body.count)\r\nDate: \(date)\r\n"
        if !keepsConnection { head += "Connection: close\r\n" }
        head += "\r\n"
        var bytes: [UInt8] = []
        bytes.reserveCapacity(head.utf8.count + (includesBody ? body.count : 0))
        bytes += head.utf8
        if includesBody { bytes += body }
        return bytes
    }

    private static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 400: "Bad Request"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 413: "Content Too Large"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        default: "Status"
        }
    }
}

/// Answers the requests for one path; it runs on the server's queue and must return soon.
public typealias Handler = @Sendable (HTTPRequest) -> HTTPResponse
