/// Where a server listens, as a Corefile says it: `HOST:PORT`, `:PORT`, `[::1]:PORT`.
public struct ListenAddress: Hashable, Sendable {
    /// Address or name, without brackets; empty for every address of this machine, IPv4 and IPv6.
    public let host: String
    /// Port; 0 lets the system choose.
    public let port: UInt16

    /// An address from its parts.
    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Reads an address; the port is never left out.
    public init(_ text: String) throws(ListenAddressError) {
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else {
            throw .init(text, "missing port in address")
        }
        let port = text[text.index(after: colon)...]
        var host = text[..<colon]
        if host.hasPrefix("[") {
            guard let bracket = host.firstIndex(of: "]") else {
                throw .init(text, text.contains("]") ? "missing port in address" : "missing ']' in address")
            }
            guard host.index(after: bracket) == host.endIndex else { throw .init(text, "unexpected ']' in address") }
            host = host[host.index(after: host.startIndex)..<bracket]
        } else if host.contains(":") {
            throw .init(text, "too many colons in address")
        }
        if host.contains(where: { $0 == "[" || $0 == "]" }) { throw .init(text, "unexpected bracket in address") }
        guard !port.isEmpty, port.utf8.allSatisfy({ $0 &- 0x30 < 10 }), let number = UInt16(port) else {
            throw .init(String(port), "invalid port")
        }
        self.init(host: String(host), port: number)
    }
}

extension ListenAddress: CustomStringConvertible {
    /// `HOST:PORT`, an IPv6 address in brackets.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// Why a text is not a listen address, as in `address 8080: missing port in address`.
public struct ListenAddressError: Error, Equatable, CustomStringConvertible {
    /// The sentence for the user.
    public let description: String

    init(_ text: String, _ reason: String) { description = "address \(text): \(reason)" }
}
