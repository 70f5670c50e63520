import DNSMessage

/// The address of an API server, checked.
struct ServerAddress: Hashable {
    /// `https://host:port`, perhaps with a path, without a final slash.
    let url: String
    /// Whether it is `https`.
    let isTLS: Bool

    /// Reads a URL, or `host:port` as client-go does: over TLS where there is something that only TLS needs. What is
    /// thrown follows the name of the address.
    init(_ text: String, defaultTLS: Bool) throws(Mistake) {
        var rest = text[...]
        var scheme = defaultTLS ? "https" : "http"
        if let separator = text.firstRange(of: "://") {
            scheme = text[..<separator.lowerBound].lowercased()
            rest = text[separator.upperBound...]
            guard scheme == "https" || scheme == "http" else {
                throw Mistake("must start with https:// or http://")
            }
        }
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        let authority = rest[..<end]
        // A password may stand there: the text is not repeated.
        guard !authority.contains("@") else { throw Mistake("must not contain a user or a password") }
        let path = Self.withoutFinalSlashes(rest[end...])
        try Self.checkPath(path)
        guard path.isEmpty || text.contains("://") else {
            throw Mistake("\(text.inQuotes) must be a URL, or a host and a port")
        }
        try Self.checkAuthority(authority)
        url = "\(scheme)://\(authority)\(path)"
        isTLS = scheme == "https"
    }

    private static func withoutFinalSlashes(_ path: Substring) -> Substring {
        path.lastIndex { $0 != "/" }.map { path[...$0] } ?? ""
    }

    private static func checkPath(_ path: Substring) throws(Mistake) {
        guard !path.contains(where: { $0 == "?" || $0 == "#" }) else {
            throw Mistake("must not have anything behind its path")
        }
        guard path.utf8.allSatisfy({ 0x21..<0x7F ~= $0 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) else {
            throw Mistake("has a path with characters that must be percent-encoded")
        }
    }

    /// `host`, `host:port`, `[address]` or `[address]:port`.
    private static func checkAuthority(_ authority: Substring) throws(Mistake) {
        let words = String(authority).inQuotes
        var port: Substring?
        if authority.hasPrefix("[") {
            guard let close = authority.firstIndex(of: "]"), isIPv6(authority[..<close].dropFirst()) else {
                throw Mistake("has no IPv6 address between the brackets of \(words)")
            }
            let behind = authority[close...].dropFirst()
            guard behind.isEmpty || behind.hasPrefix(":") else {
                throw Mistake("has something other than a port behind the brackets of \(words)")
            }
            port = behind.isEmpty ? nil : behind.dropFirst()
        } else {
            let parts = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count < 2 || !parts[1].contains(":") else {
                throw Mistake("has more than one colon in \(words): an IPv6 address stands in brackets")
            }
            guard isHostName(parts[0]) else {
                throw Mistake(parts[0].isEmpty ? "has no host" : "has no proper host name in \(words)")
            }
            port = parts.count == 2 ? parts[1] : nil
        }
        guard let port else { return }
        guard port.allSatisfy({ $0.isASCII && $0.isNumber }), let number = UInt16(port), number > 0 else {
            throw Mistake("has no port from 1 to 65535 behind the colon of \(words)")
        }
    }

    /// An address, perhaps with a zone (RFC 6874).
    private static func isIPv6(_ text: Substring) -> Bool {
        let address = text.firstRange(of: "%25").map { text[..<$0.lowerBound] } ?? text
        return text.contains(":") && IPAddress(String(address)) != nil
    }

    private static func isHostName(_ text: Substring) -> Bool {
        1...253 ~= text.utf8.count
            && text.utf8.allSatisfy { byte in
                0x61...0x7A ~= byte | 0x20 || 0x30...0x39 ~= byte || byte == UInt8(ascii: "-")
                    || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
            }
    }
}
