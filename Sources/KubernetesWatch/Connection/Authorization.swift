/// Values of the `Authorization` field.
enum Authorization {
    /// `Bearer` and a token (RFC 6750), without the white space around it. What is thrown follows the name of the token
    /// and does not repeat it.
    static func bearer(_ token: some Sequence<UInt8>) throws(Mistake) -> String {
        let isSpace = { (byte: UInt8) in byte == 0x20 || 0x09...0x0D ~= byte }
        let token = Array(token)
        let start = token.firstIndex { !isSpace($0) } ?? token.endIndex
        let end = token.lastIndex { !isSpace($0) } ?? token.startIndex
        guard start <= end, start < token.endIndex else { throw Mistake("is empty") }
        // Anything else could end the header field and begin another.
        guard token[start...end].allSatisfy({ 0x21..<0x7F ~= $0 }) else {
            throw Mistake("holds blanks, control characters or others that no token has")
        }
        return "Bearer " + String(decoding: token[start...end], as: UTF8.self)
    }

    /// `Basic` (RFC 7617).
    static func basic(user: String, password: String) -> String {
        "Basic " + Base64.encode(Array("\(user):\(password)".utf8))
    }
}
