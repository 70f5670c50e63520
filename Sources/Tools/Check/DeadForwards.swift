import Corefile
import DNSMessage
import Plugins

extension DeadRules {
    /// Upstreams, exceptions and `loop` without effect; upstreams that lead back here.
    mutating func findDeadForwards(_ block: CheckedBlock) {
        let lines = block.directives("forward")
        if lines.isEmpty, let loop = block.directives("loop").first {
            warn(loop.name, "'loop' has nothing to watch: there is no 'forward' in this server block")
        }
        for line in lines {
            findRepeatedUpstreams(line)
            findDeadExceptions(block, line)
            for word in line.arguments.dropFirst() { findOwnListener(block, line, word) }
        }
    }

    private mutating func findRepeatedUpstreams(_ line: Directive) {
        var seen: [String: Word] = [:]
        for word in line.arguments.dropFirst() {
            let key = Upstream(word).map { "\($0.address)#\($0.port)" } ?? word.text
            if let first = seen[key] {
                warn(word, "\(word.quoted) stands twice; it is asked no more often for that", hint: Self.hint(first))
            } else {
                seen[key] = word
            }
        }
    }

    private static func hint(_ first: Word) -> String { "the first is at \(first.position)" }

    private mutating func findDeadExceptions(_ block: CheckedBlock, _ line: Directive) {
        let zones = block.zones(line.arguments.prefix(1))
        for word in line.options("except").flatMap(\.arguments) {
            let names = word.names
            guard !names.isEmpty, !names.contains(where: { name in zones.contains { $0.meets(name) } }) else {
                continue
            }
            warn(word, "\(word.quoted) needs no exception: this 'forward' has \(Self.list(zones))")
        }
    }

    /// An upstream that is this server block itself.
    private mutating func findOwnListener(_ block: CheckedBlock, _ line: Directive, _ word: Word) {
        guard let upstream = Upstream(word) else { return }
        let isHere =
            block.addresses.isEmpty ? upstream.isLoopback : block.addresses.contains("\(upstream.address)")
        let zones = block.reach(block.zones(line.arguments.prefix(1)))
        let returning = zones.contains { zone in
            block.sites.contains { $0.port == upstream.port && zone.isSubdomain(of: $0.zone) }
        }
        guard isHere, returning, !block.uses("view") else { return }
        warn(
            word, "\(word.quoted) is this server block itself: what is forwarded comes back",
            hint: "name the servers that know the other names")
    }

    /// An upstream that is given by its address, for plain DNS.
    private struct Upstream {
        let address: IPAddress
        let port: UInt16

        init?(_ word: Word) {
            let scheme = "dns://"
            let text = word.text.hasPrefix(scheme) ? String(word.text.dropFirst(scheme.count)) : word.text
            guard !text.contains("://"), let parts = HostAndPort(text), let address = IPAddress(parts.host)?.unmapped
            else { return nil }
            (self.address, port) = (address, parts.port ?? 53)
        }

        /// 127.0.0.0/8 or ::1.
        var isLoopback: Bool {
            address.family == .v4 ? address.v4 >> 24 == 127 : address.high == 0 && address.low == 1
        }
    }
}
