import HTTPClient
import Testing

/// The bytes of one response, as an API server sent them: when, and how it ended.
struct RecordedResponse {
    /// Some of the content, and when it came.
    struct Read {
        var at: Duration
        var bytes: [UInt8]
    }

    var head: HTTPResponseHead
    private(set) var reads: [Read] = []
    private(set) var isComplete = false
    /// When the end came; where it did not, when somebody noticed.
    private(set) var endedAt = Duration.zero

    /// The recording of a name: `NAME.response.raw`, and `NAME.timing.tsv` with the time and size of each read.
    init(_ name: String) throws {
        let raw = try Fixtures.bytes("recordings/\(name).response.raw")
        let timing = String(decoding: try Fixtures.bytes("recordings/\(name).timing.tsv"), as: UTF8.self)
        let text = String(decoding: raw.prefix(4_096), as: UTF8.self)
        let lines = try #require(text.split(separator: "\r\n\r\n").first).split(separator: "\r\n")
        head = HTTPResponseHead(
            status: try #require(Int(lines[0].split(separator: " ")[1])),
            headers: lines.dropFirst().map { line in
                let parts = line.split(separator: ":", maxSplits: 1)
                return HTTPHeader(String(parts[0]), String(parts[1].drop { $0 == " " }))
            })
        let headLength = lines.reduce(2) { $0 + $1.utf8.count + 2 }
        var content = Content(isChunked: head.value("Transfer-Encoding") == "chunked", length: Int.max)
        if let length = head.value("Content-Length") { content.length = Int(length) ?? 0 }
        var position = 0
        for line in timing.split(separator: "\n") {
            let parts = line.split(separator: "\t")
            let end = position + (try #require(Int(parts[1])))
            let part = Array(raw[max(position, headLength)..<max(end, headLength)])
            let bytes = content.take(part)
            if !bytes.isEmpty { reads.append(Read(at: .milliseconds(Int(parts[0]) ?? 0), bytes: bytes)) }
            endedAt = .milliseconds(Int(parts[0]) ?? 0)
            position = end
        }
        try #require(position == raw.count, "the times are those of another recording")
        isComplete = content.isComplete
    }

    /// The content as one.
    var bytes: [UInt8] { reads.flatMap(\.bytes) }
}

/// Takes the framing of HTTP/1.1 off (RFC 9112 section 7.1).
private struct Content {
    let isChunked: Bool
    /// Bytes that are still to come, where they are not chunked.
    var length: Int
    private var pending: [UInt8] = []
    private(set) var isComplete = false

    init(isChunked: Bool, length: Int) {
        self.isChunked = isChunked
        self.length = length
    }

    mutating func take(_ bytes: [UInt8]) -> [UInt8] {
        guard isChunked else {
            length -= bytes.count
            isComplete = length == 0
            return bytes
        }
        pending += bytes
        var content: [UInt8] = []
        while let chunk = nextChunk() { content += chunk }
        return content
    }

    private mutating func nextChunk() -> [UInt8]? {
        guard let end = pending.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let digits = String(decoding: pending[..<end], as: UTF8.self).filter { !$0.isWhitespace }
        guard let size = Int(digits, radix: 16), pending.count >= end + 1 + size + 2 else { return nil }
        let chunk = Array(pending[(end + 1)..<(end + 1 + size)])
        pending.removeFirst(end + 1 + size + 2)
        if size == 0 { isComplete = true }
        return size == 0 ? nil : chunk
    }
}
