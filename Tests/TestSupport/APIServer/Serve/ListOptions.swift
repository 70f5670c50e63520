/// The parameters of a list or a watch, checked as the API server does.
struct ListOptions {
    /// `resourceVersionMatch`.
    enum Match: String { case exact = "Exact", notOlderThan = "NotOlderThan" }

    var limit = 0
    var continuation: ContinueToken?
    /// Nil where it is unset.
    var version: UInt64?
    var match: Match?
    var sendsInitialEvents = false
    var allowsBookmarks = false
    var timeout: Duration?

    init(_ request: APIRequest, _ streaming: APIServer.StreamingLists) throws(APIServerStatus) {
        let given = request.parameters
        if let text = given["limit"], !text.isEmpty { limit = try Self.number(text) }
        if let text = given["timeoutSeconds"], !text.isEmpty { timeout = .seconds(try Self.number(text)) }
        allowsBookmarks = Self.isTrue(given["allowWatchBookmarks"])
        match = given["resourceVersionMatch"].flatMap(Match.init(rawValue:))
        if request.verb == .watch {
            try checkWatch(given, streaming)
        } else if match != nil, (given["resourceVersion"] ?? "").isEmpty {
            throw .invalidOption(
                "resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided")
        }
        if let text = given["continue"], !text.isEmpty, request.verb == .list {
            if let version = given["resourceVersion"], !version.isEmpty, version != "0" {
                throw .badRequest("specifying resource version is not allowed when using continue")
            }
            continuation = try ContinueToken(text)
        }
        if let text = given["resourceVersion"], !text.isEmpty {
            guard let number = UInt64(text) else { throw .badVersion(text) }
            version = number
        }
    }

    /// As servers with the parameter, without it, and from before it was invented check it.
    private mutating func checkWatch(
        _ given: [String: String], _ streaming: APIServer.StreamingLists
    ) throws(APIServerStatus) {
        let field = "resourceVersionMatch"
        guard streaming != .unknown else {
            if match != nil { throw .invalidOption(field, "resourceVersionMatch is forbidden for watch") }
            return
        }
        guard given["sendInitialEvents"] != nil else {
            guard match != nil else { return }
            throw .invalidOption(
                field, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")
        }
        guard match == .notOlderThan else {
            throw .invalidOption(field, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")
        }
        guard streaming == .offered else {
            throw .invalidOption(
                "sendInitialEvents",
                "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled")
        }
        sendsInitialEvents = Self.isTrue(given["sendInitialEvents"])
    }

    private static func number(_ text: String) throws(APIServerStatus) -> Int {
        guard let number = Int(text) else {
            throw .badRequest("strconv.ParseInt: parsing \"\(text)\": invalid syntax")
        }
        return max(number, 0)
    }

    private static func isTrue(_ text: String?) -> Bool { ["true", "1"].contains(text ?? "") }
}

/// Where a list in pages goes on: base64url of a small JSON object.
struct ContinueToken {
    /// The version of the first page; nil in tokens that go on without regard to it.
    let version: UInt64?
    /// The path of the last object sent.
    let last: String

    init(version: UInt64?, last: String) {
        self.version = version
        self.last = last
    }

    init(_ text: String) throws(APIServerStatus) {
        let decoded = Base64URL.decode(text).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let pattern = /\{"v":"meta\.k8s\.io\/v1","rv":(-1|[0-9]+),"start":"\/?(.*?)(?:\\u0000)?"\}/
        guard let match = decoded.wholeMatch(of: pattern) else {
            throw .badRequest(
                "invalid continue token: continue key is not valid: invalid character 'i' looking for beginning of "
                    + "value")
        }
        version = UInt64(match.1)
        last = String(match.2)
    }

    var text: String {
        let start = version == nil ? "\(last)\\u0000" : "/\(last)\\u0000"
        let json = #"{"v":"meta.k8s.io/v1","rv":\#(version.map { "\($0)" } ?? "-1"),"start":"\#(start)"}"#
        return Base64URL.encode(Array(json.utf8))
    }
}

/// Base64 for URLs (RFC 4648 section 5), without padding.
enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var (bits, count) = (0, 0)
        for byte in bytes {
            (bits, count) = (bits << 8 | Int(byte), count + 8)
            while count >= 6 {
                count -= 6
                text.append(alphabet[bits >> count & 63])
            }
            bits &= 0xFF
        }
        if count > 0 { text.append(alphabet[bits << (6 - count) & 63]) }
        return String(decoding: text, as: UTF8.self)
    }

    static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var (bits, count) = (0, 0)
        for character in text.utf8 where character != UInt8(ascii: "=") {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            (bits, count) = ((bits << 6 | value) & 0xFFFF, count + 6)
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> count))
            }
        }
        return bytes
    }
}
