import Corefile
import DNSMessage

extension ReceivedEDNS {
    /// The OPT record as `dig` shows it. The cookie is the client's part, which a server's own must begin with.
    func lines(cookie: [UInt8]) -> [String] {
        let flags = (isDNSSECOK ? " do" : "") + ";"
        let others = otherFlags == 0 ? "" : " MBZ: 0x\(Self.hex([UInt8(otherFlags >> 8), UInt8(otherFlags & 0xFF)])),"
        var lines = ["; EDNS: version: \(version), flags:\(flags)\(others) udp: \(udpSize)"]
        lines += options.map { $0.line(cookie: cookie) }
        if isCutShort { lines.append("; the options end in the middle of one") }
        return lines
    }

    static func hex(_ bytes: some Sequence<UInt8>, separator: String = "") -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: separator)
    }
}

extension ReceivedEDNS.Option {
    /// Known codes and their names in `dig`.
    private static let names: [UInt16: String] = [
        1: "LLQ", 2: "UPDATE-LEASE", 5: "DAU", 6: "DHU", 7: "N3U", 9: "EXPIRE", 13: "CHAIN", 14: "KEY-TAG",
        16: "CLIENT-TAG", 17: "SERVER-TAG", 18: "Report-Channel", 26946: "DEVICEID",
    ]

    fileprivate func line(cookie: [UInt8]) -> String {
        switch code {
        case .nsid: return "; NSID: \(bytesAndText)"
        case .cookie: return "; COOKIE: \(ReceivedEDNS.hex(data)) (\(verdict(cookie)))"
        case .extendedError:
            guard let error = extendedError else { break }
            let text = error.text.isEmpty ? "" : ": (\(error.text))"
            return "; EDE: \(error.code.rawValue) (\(error.code.name))\(text)"
        case .tcpKeepalive where data.count == 2:
            let tenths = Int(data[0]) << 8 | Int(data[1])
            return "; TCP-KEEPALIVE: \(tenths / 10).\(tenths % 10) secs"
        case .padding: return "; PAD: (\(data.count) bytes)"
        case .clientSubnet:
            guard let subnet else { break }
            return "; CLIENT-SUBNET: \(subnet)"
        default: break
        }
        let name = Self.names[code.rawValue] ?? "OPT=\(code.rawValue)"
        return data.isEmpty ? "; \(name)" : "; \(name): \(bytesAndText)"
    }

    private var bytesAndText: String {
        let text = data.map { 0x20..<0x7F ~= $0 ? String(Unicode.Scalar($0)) : "." }.joined()
        return "\(ReceivedEDNS.hex(data, separator: " ")) (\"\(text)\")"
    }

    /// Whether a cookie is the server's, ours sent back, or somebody else's (RFC 7873 §5.3).
    private func verdict(_ cookie: [UInt8]) -> String {
        guard data.starts(with: cookie) else { return "bad" }
        return data.count > cookie.count ? "good" : "echoed"
    }

    /// Code and text of an Extended DNS Error (RFC 8914 §2); nil for another option.
    var extendedError: (code: ExtendedErrorCode, text: String)? {
        guard code == .extendedError, data.count >= 2 else { return nil }
        let number = UInt16(data[0]) << 8 | UInt16(data[1])
        return (ExtendedErrorCode(rawValue: number), String(decoding: data.dropFirst(2), as: UTF8.self).printable())
    }

    /// `192.0.2.0/24/0` (RFC 7871 §6); nil where the option is none.
    private var subnet: String? {
        guard data.count >= 4 else { return nil }
        let family = Int(data[0]) << 8 | Int(data[1])
        let length = family == 1 ? 4 : 16
        guard family == 1 || family == 2, data.count - 4 <= length else { return nil }
        let bytes = Array(data.dropFirst(4)) + [UInt8](repeating: 0, count: length - (data.count - 4))
        let word = { (range: Range<Int>) in bytes[range].reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        let address =
            family == 1 ? IPAddress(v4: UInt32(word(0..<4))) : IPAddress(high: word(0..<8), low: word(8..<16))
        return "\(address)/\(data[2])/\(data[3])"
    }
}

extension ExtendedErrorCode {
    /// The names of the registry "Extended DNS Error Codes", by number.
    private static let names = [
        "Other", "Unsupported DNSKEY Algorithm", "Unsupported DS Digest Type", "Stale Answer", "Forged Answer",
        "DNSSEC Indeterminate", "DNSSEC Bogus", "Signature Expired", "Signature Not Yet Valid", "DNSKEY Missing",
        "RRSIGs Missing", "No Zone Key Bit Set", "NSEC Missing", "Cached Error", "Not Ready", "Blocked", "Censored",
        "Filtered", "Prohibited", "Stale NXDOMAIN Answer", "Not Authoritative", "Not Supported",
        "No Reachable Authority", "Network Error", "Invalid Data", "Signature Expired before Valid", "Too Early",
        "Unsupported NSEC3 Iterations Value", "Unable to conform to policy", "Synthesized", "Invalid Query Type",
    ]

    /// The name of the registry.
    var name: String { Int(rawValue) < Self.names.count ? Self.names[Int(rawValue)] : "Unknown" }
}
