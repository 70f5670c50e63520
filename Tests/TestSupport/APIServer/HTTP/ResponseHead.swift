import Glibc

/// The status line and the header fields of a response, as an API server writes them.
struct ResponseHead {
    /// Longer bodies are sent in chunks.
    static let knownLengthMax = 2_048

    let status: Int
    var fields: [(String, String)]
    var mayBeChunked = true

    init(_ status: Int, contentType: String, _ more: [(String, String)] = []) {
        self.status = status
        fields = [
            ("Audit-Id", "00000000-0000-4000-8000-000000000000"), ("Cache-Control", "no-cache, private"),
            ("Content-Type", contentType),
        ]
        fields += more
        fields.append(("X-Kubernetes-Pf-Flowschema-Uid", "ffc29aa7-f6a4-4fdd-8f1c-8c4c7ab05f7c"))
        fields.append(("X-Kubernetes-Pf-Prioritylevel-Uid", "7fc393c7-43ff-4131-bc86-a31984e60215"))
        fields.append(("Date", Self.date()))
    }

    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 512)
        writer.append(text: "HTTP/1.1 \(status) \(Self.reason(status))\r\n")
        for (name, value) in fields { writer.append(text: "\(name): \(value)\r\n") }
        writer.append("\r\n")
        return writer.bytes
    }

    private static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 410: "Gone"
        case 422: "Unprocessable Entity"
        case 429: "Too Many Requests"
        case 500: "Internal Server Error"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        default: "Status \(status)"
        }
    }

    /// RFC 9110 section 5.6.7.
    private static func date() -> String {
        var clock = time(nil)
        var parts = tm()
        gmtime_r(&clock, &parts)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            let count = strftime(buffer.baseAddress, buffer.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
            return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}
