/// One of the words in front of a server block: `[SCHEME://]ZONE[:PORT]`.
public struct ServerKey: Sendable, Equatable {
    /// How queries for the zone arrive.
    public enum Scheme: String, Sendable, CaseIterable {
        case dns, tls, quic, grpc, https, https3

        /// The port of a key that names none; `dns` is the one that the command line sets.
        public func defaultPort(dns: UInt16) -> UInt16 {
            switch self {
            case .dns: dns
            case .tls, .quic: 853
            case .grpc, .https, .https3: 443
            }
        }
    }

    /// How queries for the zones arrive.
    public var scheme: Scheme
    /// In lower case with a final dot; several if the key is a CIDR off an octet or nibble boundary.
    public var zones: [String]
    /// Nil if the key names none.
    public var port: UInt16?
    /// The key as it was written.
    public var word: Word

    /// Makes a key of ready parts.
    public init(scheme: Scheme, zones: [String], port: UInt16?, word: Word) {
        self.scheme = scheme
        self.zones = zones
        self.port = port
        self.word = word
    }

    /// Reads a key and reports what is wrong with it.
    init?(parsing word: Word, _ diagnostics: inout Diagnostics) {
        let (scheme, rest) = Self.splitScheme(word, &diagnostics)
        guard let (zone, digits) = Self.splitPort(rest, &diagnostics) else { return nil }
        var port: UInt16?
        if let digits {
            guard let number = UInt16(digits.text) else {
                diagnostics.error(at: digits, "address \(digits.text): invalid port, must be in range [0, 65535]")
                return nil
            }
            port = number
        }
        guard let zones = zone.zonesWithoutPort(&diagnostics) else { return nil }
        self.init(scheme: scheme, zones: zones, port: port, word: word)
    }

    /// A scheme that we do not know stays part of the zone, as in CoreDNS, but not silently.
    static func splitScheme(_ word: Word, _ diagnostics: inout Diagnostics) -> (Scheme, rest: Word) {
        guard let separator = word.text.firstRange(of: "://") else { return (.dns, word) }
        let name = String(word.text[..<separator.lowerBound])
        if let scheme = Scheme(rawValue: name.lowercased()) {
            let rest = String(word.text[separator.upperBound...])
            return (scheme, word.part(rest, offset: name.unicodeScalars.count + 3))
        }
        let part = word.part(name, offset: 0)
        let closest = Suggestion.closest(to: name, among: Scheme.allCases.map(\.rawValue))
        diagnostics.warning(
            at: part, "unknown scheme \(part.quoted), all of \(word.quoted) is taken as the name of a zone",
            hint: closest.map { "did you mean '\($0)'?" })
        return (.dns, word)
    }

    /// The port is what follows the last colon if that is a number. The colons of an IPv6 CIDR stand before its slash.
    static func splitPort(_ word: Word, _ diagnostics: inout Diagnostics) -> (zone: Word, port: Word?)? {
        guard let colon = word.text.lastIndex(of: ":") else { return (word, nil) }
        let tail = String(word.text[word.text.index(after: colon)...])
        let offset = word.text[...colon].unicodeScalars.count
        if tail.isEmpty {
            diagnostics.error(at: word, "expecting data after last colon: \(word.quoted)", hint: Self.portHint(word))
            return nil
        }
        if Int(tail) != nil || tail.allSatisfy(\.isASCIIDigit) {
            return (word.part(String(word.text[..<colon]), offset: 0), word.part(tail, offset: offset))
        }
        if tail.contains("/") { return (word, nil) }
        diagnostics.error(
            at: word, "zone is not a valid domain name: \(word.text.printable())",
            hint: "after the colon stands a port, which is a number")
        return nil
    }

    private static func portHint(_ word: Word) -> String? {
        word.unsetVariables.isEmpty ? "a port is a number, as in '.:53'" : nil
    }
}

extension Character {
    var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
