import Glibc

/// Puts the head of a response together from its lines. Interim responses and trailers are passed over
/// (RFC 9110 §15.2, §6.5).
struct HeadReader {
    enum Step {
        case more
        case complete(HTTPResponseHead)
        /// What is too large, and how large it may be.
        case tooLarge(String)
    }

    private var status = 0
    private var headers: [HTTPHeader] = []
    private(set) var isComplete = false
    private var fieldCount = 0
    private var byteCount = 0

    /// Takes one line as libcurl hands it over, with its end.
    mutating func take(_ line: UnsafeRawBufferPointer) -> Step {
        byteCount += line.count
        guard byteCount <= Limits.responseHeadBytesMax else {
            return .tooLarge("more than \(Limits.responseHeadBytesMax) bytes of header fields")
        }
        if isComplete { return .more }
        let text = line.trimmingWhitespace
        if line.starts(with: "HTTP/".utf8) {
            status = HeadReader.status(of: text)
            headers = []
            return .more
        }
        return text.isEmpty ? end() : addField(line, text)
    }

    /// `HTTP/1.1 200 OK`, `HTTP/2 200`; libcurl has checked the form.
    private static func status(of line: Slice<UnsafeRawBufferPointer>) -> Int {
        let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
        guard words.count > 1 else { return 0 }
        return Int(String(decoding: words[1], as: UTF8.self)) ?? 0
    }

    private mutating func end() -> Step {
        guard status >= 200 else { return .more }
        isComplete = true
        defer { headers = [] }
        return .complete(HTTPResponseHead(status: status, headers: headers))
    }

    private mutating func addField(_ line: UnsafeRawBufferPointer, _ text: Slice<UnsafeRawBufferPointer>) -> Step {
        // RFC 9112 §5.2: a line that begins with white space continues the one before.
        if line.first == UInt8(ascii: " ") || line.first == UInt8(ascii: "\t"), let last = headers.indices.last {
            headers[last].value += " " + String(decoding: text, as: UTF8.self)
            return .more
        }
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")) else { return .more }
        fieldCount += 1
        guard fieldCount <= Limits.responseHeadersMax else {
            return .tooLarge("more than \(Limits.responseHeadersMax) header fields")
        }
        let value = UnsafeRawBufferPointer(rebasing: text[(colon + 1)...]).trimmingWhitespace
        headers.append(
            HTTPHeader(String(decoding: text[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self)))
        return .more
    }
}

extension UnsafeRawBufferPointer {
    /// Without the white space and line end around it.
    fileprivate var trimmingWhitespace: Slice<UnsafeRawBufferPointer> {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D || $0 == 0x0A }
        var text = drop(while: isSpace)
        while let last = text.last, isSpace(last) { text.removeLast() }
        return text
    }
}
