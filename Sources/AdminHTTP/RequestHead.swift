/// The head of a request: everything before the body (RFC 9112 §2).
struct RequestHead: Equatable {
    /// Longest head, in bytes; more is 431.
    static let bytesMax = 8192
    /// Most header lines; more is 431.
    static let linesMax = 64
    /// Longest body that is read and ignored, in bytes; more is 413.
    static let bodyBytesMax = 64 << 10

    let request: HTTPRequest
    let keepsConnection: Bool
    /// Bytes of body behind the head; nil when the client sends chunks, which are not read.
    let bodyBytes: Int?

    /// What the bytes received so far are.
    enum Reading: Equatable {
        case incomplete
        case complete(RequestHead, length: Int)
        /// The status to answer with before the connection is closed.
        case failed(status: Int)
    }

    /// Reads a head from the start of `bytes`; nothing before `scanned` ends it.
    static func read(_ bytes: [UInt8], scanned: Int) -> Reading {
        guard let end = end(of: bytes, from: scanned) else {
            return bytes.count > bytesMax ? .failed(status: 431) : .incomplete
        }
        guard end <= bytesMax else { return .failed(status: 431) }
        guard !bytes[..<end].contains(0), var lines = lines(bytes[..<end]) else { return .failed(status: 400) }
        let requestLine = lines.removeFirst()
        guard lines.count <= linesMax else { return .failed(status: 431) }
        switch RequestLine.read(requestLine) {
        case .failure(let failure): return .failed(status: failure.status)
        case .success(let line):
            switch Fields.read(lines) {
            case .failure(let failure): return .failed(status: failure.status)
            case .success(let fields): return head(line, fields, length: end)
            }
        }
    }

    private static func head(_ line: RequestLine, _ fields: Fields, length: Int) -> Reading {
        // RFC 9112 §3.2: a request of HTTP/1.1 names exactly one host.
        guard fields.hosts == 1 || fields.hosts == 0 && line.minorVersion == 0 else { return .failed(status: 400) }
        guard fields.contentLength <= bodyBytesMax else { return .failed(status: 413) }
        let isPersistent = line.minorVersion > 0 ? !fields.wantsClose : fields.wantsKeepAlive
        let head = RequestHead(
            request: line.request, keepsConnection: isPersistent && !fields.isChunked && !fields.expectsContinue,
            bodyBytes: fields.isChunked || fields.expectsContinue ? nil : fields.contentLength)
        return .complete(head, length: length)
    }

    /// The index behind the empty line that ends the head. A line may end without CR (RFC 9112 §2.2).
    private static func end(of bytes: [UInt8], from scanned: Int) -> Int? {
        var index = max(scanned - 3, 0)
        while let newline = bytes[index...].firstIndex(of: UInt8(ascii: "\n")) {
            let next = newline + 1
            if next < bytes.count, bytes[next] == UInt8(ascii: "\n") { return next + 1 }
            if next + 1 < bytes.count, bytes[next] == UInt8(ascii: "\r"), bytes[next + 1] == UInt8(ascii: "\n") {
                return next + 2
            }
            index = next
        }
        return nil
    }

    /// The lines before the empty one, without their ends; nil when a CR stands elsewhere.
    private static func lines(_ head: ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? {
        var lines = head.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for index in lines.indices {
            if lines[index].last == UInt8(ascii: "\r") { lines[index].removeLast() }
            if lines[index].contains(UInt8(ascii: "\r")) { return nil }
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines.isEmpty ? nil : lines
    }
}

/// Why a head is refused.
struct RefusedHead: Error {
    let status: Int
    static let malformed = RefusedHead(status: 400)
}

/// `METHOD target HTTP/1.x` (RFC 9112 §3).
private struct RequestLine {
    let request: HTTPRequest
    let minorVersion: UInt8

    static func read(_ line: ArraySlice<UInt8>) -> Result<RequestLine, RefusedHead> {
        let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, parts[0].allSatisfy(isTokenByte), !parts[1].isEmpty,
            parts[1].allSatisfy({ $0 > 0x20 && $0 != 0x7F })
        else { return .failure(.malformed) }
        let version = Array(parts[2])
        guard version.count == 8, version.starts(with: "HTTP/".utf8), version[6] == UInt8(ascii: "."),
            version[5] &- 0x30 < 10, version[7] &- 0x30 < 10
        else { return .failure(.malformed) }
        guard version[5] == UInt8(ascii: "1") else { return .failure(RefusedHead(status: 505)) }
        let request = request(method: parts[0], target: parts[1])
        return .success(RequestLine(request: request, minorVersion: version[7] - 0x30))
    }

    /// A proxy's absolute form counts by its path (RFC 9112 §3.2.2).
    private static func request(method: ArraySlice<UInt8>, target: ArraySlice<UInt8>) -> HTTPRequest {
        var rest = String(decoding: target, as: UTF8.self)[...]
        if rest.lowercased().hasPrefix("http://") {
            rest = rest.dropFirst(7).drop { $0 != "/" && $0 != "?" }
            if !rest.hasPrefix("/") { rest = "/" + rest }
        }
        let path = rest.prefix { $0 != "?" }
        let query = rest.dropFirst(path.count).dropFirst()
        return HTTPRequest(method: String(decoding: method, as: UTF8.self), path: String(path), query: String(query))
    }
}

/// What the header lines say about connection and body.
private struct Fields {
    var hosts = 0
    var contentLength = 0
    var isChunked = false
    var expectsContinue = false
    var wantsClose = false
    var wantsKeepAlive = false

    static func read(_ lines: [ArraySlice<UInt8>]) -> Result<Fields, RefusedHead> {
        var fields = Fields()
        var lengths: Set<String> = []
        for line in lines {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
                line[..<colon].allSatisfy(isTokenByte),
                line[colon...].allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 })
            else { return .failure(.malformed) }
            let value = trimmed(line[(colon + 1)...])
            switch String(decoding: line[..<colon], as: UTF8.self).lowercased() {
            case "host": fields.hosts += 1
            case "content-length": lengths.insert(value)
            case "transfer-encoding": fields.isChunked = true
            case "expect": fields.expectsContinue = true
            case "connection":
                let options = value.lowercased().split(separator: ",").map { trimmed(Array($0.utf8)[...]) }
                fields.wantsClose = fields.wantsClose || options.contains("close")
                fields.wantsKeepAlive = fields.wantsKeepAlive || options.contains("keep-alive")
            default: break
            }
        }
        // RFC 9112 §6.3: lengths that contradict each other, or chunks beside a length, are an attack or an error.
        guard let text = lengths.first else { return .success(fields) }
        guard lengths.count == 1, !fields.isChunked, text.utf8.allSatisfy({ $0 &- 0x30 < 10 }), let length = Int(text)
        else { return .failure(.malformed) }
        fields.contentLength = length
        return .success(fields)
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        let start = bytes.drop(while: isBlank)
        let end = start.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? start.startIndex
        return String(decoding: start[..<end], as: UTF8.self)
    }
}

/// The bytes of methods and field names (RFC 9110 §5.6.2).
private func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}
