package import DNSMessage
import Glibc

/// What a file in the manner of `resolv.conf(5)` says, read as glibc reads it: of several `search`
/// and `domain` lines the last counts, and everything that is not understood is passed over.
package struct ResolvConf: Hashable, Sendable {
    /// No such file is larger, in bytes.
    package static let bytesMax = 64 << 10
    /// Where DNS is asked for, as long as nothing else is said.
    private static let port: UInt16 = 53
    /// Mistakes that are told.
    private static let mistakesMax = 16

    /// In the order of the file, each once. `[address]:port` is taken too, as OpenBSD has it.
    package private(set) var servers: [SocketAddress] = []
    /// Suffixes of relative names; nil where no line says.
    package private(set) var search: [Name]?
    /// Of `options`.
    package private(set) var options = Options()
    /// What was passed over, as `line 3: …`, up to a number.
    package private(set) var mistakes: [String] = []

    /// What `options` say, here and in the variable `RES_OPTIONS`; nil where they do not.
    package struct Options: Hashable, Sendable {
        /// Dots from which on a name is tried as it is before the suffixes are.
        package var ndots: Int?
        /// Seconds.
        package var timeout: Int?
        /// Rounds.
        package var attempts: Int?
        /// Options without a number, by their names.
        package var flags: Set<String> = []

        /// None.
        package init() {}
    }

    /// Reads a file's content.
    package init(_ content: [UInt8]) {
        var rest = content[...]
        var number = 0
        while !rest.isEmpty {
            let line = rest.prefix { $0 != UInt8(ascii: "\n") }
            rest = rest.dropFirst(line.count + 1)
            number += 1
            read(line, number)
        }
    }

    private mutating func read(_ line: ArraySlice<UInt8>, _ number: Int) {
        let words = line.split(whereSeparator: Self.isBlank).map { String(decoding: $0, as: UTF8.self) }
            .prefix { !$0.hasPrefix("#") && !$0.hasPrefix(";") }
        guard let keyword = words.first else { return }
        let values = words.dropFirst()
        switch keyword {
        case "nameserver": addServer(values.first, number)
        case "domain": search = names(values.prefix(1), number)
        case "search": search = names(values, number)
        case "options": for value in values { if let mistake = options.read(value) { note(mistake, number) } }
        // Of glibc, and of others.
        case "sortlist", "lookup", "family": note("'\(keyword)' changes nothing here", number)
        default: note("'\(Self.shown(keyword))' is no keyword", number)
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0D ~= byte }

    private static func shown(_ word: String) -> String { String(word.prefix(80)) }

    private mutating func note(_ mistake: String, _ number: Int) {
        if mistakes.count < Self.mistakesMax { mistakes.append("line \(number): \(mistake)") }
    }

    private mutating func addServer(_ word: String?, _ number: Int) {
        guard let word else { return note("there is no address behind 'nameserver'", number) }
        guard let server = Self.server(word) else { return note("'\(Self.shown(word))' is no address", number) }
        if !servers.contains(server) { servers.append(server) }
    }

    private static func server(_ word: String) -> SocketAddress? {
        guard word.hasPrefix("["), let end = word.lastIndex(of: "]") else { return address(word, port) }
        let rest = word[word.index(after: end)...]
        guard rest.hasPrefix(":"), let port = UInt16(rest.dropFirst()), port > 0 else { return nil }
        return address(word[word.index(after: word.startIndex)..<end], port)
    }

    /// An address, with its interface if it is a link-local one.
    private static func address(_ text: some StringProtocol, _ port: UInt16) -> SocketAddress? {
        let parts = text.split(separator: "%", maxSplits: 1)
        guard let host = parts.first, let address = IPAddress(host) else { return nil }
        let scope = parts.count > 1 ? UInt32(parts[1]) ?? if_nametoindex(String(parts[1])) : 0
        return SocketAddress(address.unmapped, port: port, scope: scope)
    }

    private mutating func names(_ words: ArraySlice<String>, _ number: Int) -> [Name] {
        var names: [Name] = []
        for word in words {
            do throws(NameError) {
                // glibc drops a leading dot.
                names.append(try Name(word.hasPrefix(".") && word != "." ? String(word.dropFirst()) : word))
            } catch { note("'\(Self.shown(word))' is no name: \(error)", number) }
        }
        return names
    }
}

extension ResolvConf.Options {
    /// Options that are accepted; some of them change nothing, because each query has a port of its own anyway.
    private static let known: Set<String> = [
        "rotate", "edns0", "use-vc", "trust-ad", "no-aaaa", "no-tld-query", "single-request", "single-request-reopen",
        "debug", "inet6", "ip6-bytestring", "ip6-dotint", "no-ip6-dotint", "no-check-names", "no-reload",
        "strict-error",
    ]

    /// Options between spaces, as in `RES_OPTIONS`; what is not known is passed over.
    package mutating func read(all text: String) {
        for word in text.split(whereSeparator: { $0 == " " || $0 == "\t" }) { _ = read(String(word)) }
    }

    /// Reads one; tells what is wrong with it. Bounds are glibc's: RES_MAXNDOTS, RES_MAXRETRANS, RES_MAXRETRY.
    mutating func read(_ word: String) -> String? {
        let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        switch parts[0] {
        case "ndots": return Self.read(parts, 0...15, into: &ndots)
        case "timeout": return Self.read(parts, 1...30, into: &timeout)
        case "attempts": return Self.read(parts, 1...5, into: &attempts)
        case let flag where Self.known.contains(String(flag)):
            flags.insert(String(flag))
            return nil
        default: return "'\(word.prefix(80))' is no option"
        }
    }

    /// A number that is too large counts as the largest, as in glibc.
    private static func read(_ parts: [Substring], _ range: ClosedRange<Int>, into value: inout Int?) -> String? {
        guard parts.count > 1, let number = Int(parts[1]), number >= 0 else {
            return "'\(parts[0])' needs a number behind ':'"
        }
        value = min(max(number, range.lowerBound), range.upperBound)
        return nil
    }
}
