import Corefile
import DNSMessage
import Glibc

/// The name servers of a file in the manner of resolv.conf(5).
struct ResolverFile {
    /// In the order of the file, loopback ones only where there are no others.
    let servers: [SocketAddress]
    /// Loopback addresses left out, or, where there are no others, all of them.
    let loopbacks: [SocketAddress]

    /// Whether all servers are on this host itself, as far as the file's host was meant.
    var isLoopbackOnly: Bool { !servers.isEmpty && loopbacks.count == servers.count }

    init(_ content: [UInt8]) {
        var found: [SocketAddress] = []
        for line in String(decoding: content, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let words = line.split { $0 == " " || $0 == "\t" }
            guard words.count > 1, words[0] == "nameserver", let address = Self.address(words[1]) else { continue }
            if !found.contains(address) { found.append(address) }
        }
        loopbacks = found.filter { $0.address.isLoopback }
        servers = loopbacks.count == found.count ? found : found.filter { !$0.address.isLoopback }
    }

    /// An address, with its interface if it is a link-local one. A port means nothing here.
    private static func address(_ word: Substring) -> SocketAddress? {
        let parts = word.split(separator: "%", maxSplits: 1)
        guard let host = parts.first, let address = IPAddress(host) else { return nil }
        let scope = parts.count > 1 ? UInt32(parts[1]) ?? if_nametoindex(String(parts[1])) : 0
        return SocketAddress(address.unmapped, port: 53, scope: scope)
    }
}

extension IPAddress {
    /// 127.0.0.0/8 or ::1.
    var isLoopback: Bool { family == .v4 ? v4 >> 24 == 127 : high == 0 && low == 1 }
}
