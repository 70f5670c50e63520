import DNSMessage
import Glibc

/// What stands for an upstream in the Corefile, not looked up yet.
enum UpstreamPlace: Equatable {
    case address(SocketAddress)
    /// `tls://ADDRESS[%NAME][:PORT]`.
    case tls(SocketAddress, serverName: String?)
    case https(String)
    /// A file in the manner of resolv.conf, or a host with a port.
    case fileOrHost(String)

    /// Nil for a transport that there is not: the hint tells.
    init(_ text: String) throws(PlaceError) {
        guard let end = text.firstRange(of: "://") else {
            self = Self.plain(text).map { .address($0) } ?? .fileOrHost(text)
            return
        }
        let (scheme, rest) = (text[..<end.lowerBound], text[end.upperBound...])
        switch scheme {
        case "dns":
            self = Self.plain(rest).map { .address($0) } ?? .fileOrHost(String(rest))
        case "tls":
            guard let parts = HostAndPort(rest), let address = IPAddress(parts.host) else {
                throw PlaceError("'\(text)' is no address over TLS", hint: "such as tls://9.9.9.9%dns.quad9.net")
            }
            // Behind the percent sign of a link-local address stands its interface.
            let isLinkLocal = address.family == .v6 && address.high >> 54 == 0x3FA
            let scope = isLinkLocal ? parts.zone.map { if_nametoindex($0) } ?? 0 : 0
            self = .tls(
                SocketAddress(address, port: parts.port ?? 853, scope: scope),
                serverName: isLinkLocal ? nil : parts.zone)
        case "https": self = .https(text)
        default:
            throw PlaceError(
                "'\(scheme)' is no transport of upstreams here", hint: "dns://, tls:// and https:// are")
        }
    }

    private static func plain(_ text: some StringProtocol) -> SocketAddress? {
        guard let parts = HostAndPort(text), let address = IPAddress(parts.host) else { return nil }
        if parts.zone != nil, address.family == .v4 { return nil }
        let scope = parts.zone.map { UInt32($0) ?? if_nametoindex($0) } ?? 0
        return SocketAddress(address.unmapped, port: parts.port ?? 53, scope: scope)
    }
}

/// Why a text is no upstream.
struct PlaceError: Error {
    let text: String
    let hint: String

    init(_ text: String, hint: String) {
        self.text = text
        self.hint = hint
    }
}

/// `HOST[%ZONE][:PORT]`, with brackets around an IPv6 address that has a port.
public struct HostAndPort {
    /// The name or address, without brackets.
    public let host: String
    /// What stands behind a percent sign: the interface of a link-local address.
    public let zone: String?
    /// Nil where there is none; never 0.
    public let port: UInt16?

    /// Nil for a text of another form.
    public init?(_ text: some StringProtocol) {
        var rest = Substring(text)
        var portText: Substring?
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            let tail = rest[rest.index(after: end)...]
            guard tail.isEmpty || tail.hasPrefix(":") else { return nil }
            portText = tail.isEmpty ? nil : tail.dropFirst()
            rest = rest[..<end].dropFirst()
        } else if let colon = rest.lastIndex(of: ":"), rest.firstIndex(of: ":") == colon {
            portText = rest[rest.index(after: colon)...]
            rest = rest[..<colon]
        } else if let percent = rest.firstIndex(of: "%"), let colon = rest[percent...].lastIndex(of: ":") {
            // An IPv6 address without brackets ends at its zone.
            portText = rest[rest.index(after: colon)...]
            rest = rest[..<colon]
        }
        let parts = rest.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, !first.isEmpty else { return nil }
        host = String(first)
        zone = parts.count > 1 ? String(parts[1]) : nil
        if zone?.isEmpty == true { return nil }
        guard let portText else {
            port = nil
            return
        }
        guard portText.utf8.allSatisfy({ $0 &- 0x30 < 10 }), let number = UInt16(portText), number > 0 else {
            return nil
        }
        port = number
    }
}
