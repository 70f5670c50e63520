import Corefile

/// What `top` shows, as lines that fit into a window.
struct TopScreen {
    /// A line of the window.
    struct Line: Equatable {
        var text: String
        var isTitle = false
    }

    /// A server and what is wrong with it now; nil for nothing.
    struct Server: Equatable {
        let name: String
        var trouble: String?
    }

    /// From here on names and clients stand beside each other.
    private static let wideMin = 76
    private static let clientWidth = 28
    private static let sharesMax = 8
    private static let upstreamsMax = 6

    let rates: ServerRates?
    let servers: [Server]
    /// Unix time, for how long the server is up.
    let now: Double
    let width: Int
    /// Nil for as many lines as there are.
    let height: Int?
    /// What stands at the right of the first line: how to leave.
    var note = ""

    /// The lines, none wider than the window.
    var lines: [Line] {
        var lines = [head] + troubles
        if let rates {
            lines += figures(rates)
            lines += upstreams(rates)
            lines.append(Line(text: ""))
            lines += talkers(rates, room: height.map { max(3, $0 - lines.count) })
        } else if servers.allSatisfy({ $0.trouble == nil }) {
            lines += [Line(text: ""), Line(text: "the first figures come in a moment")]
        }
        return lines.prefix(height ?? lines.count).map { Line(text: cut($0.text), isTitle: $0.isTitle) }
    }

    private func cut(_ text: String) -> String {
        text.count > width ? text.prefix(max(0, width - 1)) + "…" : text
    }

    // MARK: Head

    private var head: Line {
        var text = servers.count == 1 ? servers[0].name : "\(servers.count) servers"
        if let rates, rates.servers > 0 {
            if servers.count > 1 { text += ", \(rates.servers) of them answer\(rates.servers == 1 ? "s" : "")" }
            let versions = rates.state.versions.sorted()
            if !versions.isEmpty { text += "   version " + versions.joined(separator: ", ") }
            if let start = rates.state.startTime, now > start { text += "   up \(Self.duration(now - start))" }
        }
        let gap = note.isEmpty ? 0 : width - text.count - note.count
        return Line(text: gap > 0 ? text + String(repeating: " ", count: gap) + note : text, isTitle: true)
    }

    private var troubles: [Line] {
        servers.compactMap { server in
            server.trouble.map { trouble in
                Line(text: servers.count == 1 ? "! \(trouble)" : "! \(server.name): \(trouble)")
            }
        }
    }

    // MARK: Figures

    private func figures(_ rates: ServerRates) -> [Line] {
        let counts = rates.perSecond
        let queries = ["\(Self.rate(counts.queries))/s", Self.shares(counts.types)].filter { !$0.isEmpty }
        var rows: [(String, String)] = [
            ("queries", queries.joined(separator: "   ")),
            ("over", Self.shares(counts.transports)),
            ("answers", Self.shares(counts.codes)),
            ("from", Self.shares(counts.plugins, empty: "the server itself")),
            ("time", time(rates)),
            ("cache", cache(rates)),
        ]
        if rates.state.resourceAge != nil || !rates.state.unlisted.isEmpty { rows.append(("cluster", cluster(rates))) }
        rows.append(("process", process(rates)))
        let lines = rows.filter { !$0.1.isEmpty }.map { title, text in
            Line(text: title + String(repeating: " ", count: 9 - title.count) + text)
        }
        return [Line(text: "")] + lines
    }

    /// The largest first, in per cent.
    private static func shares(_ rates: [String: Double], empty: String = "other") -> String {
        let total = rates.values.reduce(0, +)
        guard total > 0 else { return "" }
        let sorted = rates.filter { $0.value > 0 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return sorted.prefix(sharesMax).map { key, value in
            "\(key.isEmpty ? empty : key.printable()) \(percent(value / total))"
        }.joined(separator: "   ")
    }

    private func time(_ rates: ServerRates) -> String {
        guard let mean = rates.meanSeconds else { return "" }
        let bounds = [("half", 0.5), ("99%", 0.99)].compactMap { word, share in
            rates.bound(share: share).map { bound in
                bound == .infinity ? "\(word) beyond all bounds" : "\(word) within \(Self.seconds(bound))"
            }
        }
        return (["mean \(Self.seconds(mean))"] + bounds).joined(separator: "   ")
    }

    private func cache(_ rates: ServerRates) -> String {
        guard rates.state.cacheEntries > 0 || rates.hitRatio != nil else { return "" }
        var text = rates.hitRatio.map { "hits \(Self.percent($0))" } ?? "no queries"
        text += "   answers kept \(Self.whole(rates.state.cacheEntries))"
        let stale = rates.perSecond.staleAnswers
        if stale > 0 { text += "   past their TTL \(Self.rate(stale))/s" }
        return text
    }

    private func cluster(_ rates: ServerRates) -> String {
        guard rates.state.unlisted.isEmpty else {
            return "not listed yet: \(rates.state.unlisted.sorted().joined(separator: ", "))"
        }
        return rates.state.resourceAge.map { "heard of the API server \(Self.duration($0)) ago" } ?? ""
    }

    private func process(_ rates: ServerRates) -> String {
        var parts: [String] = []
        if let cores = rates.cores { parts.append("CPU \(Self.fixed(cores, 2)) cores") }
        if let bytes = rates.state.residentBytes { parts.append("memory \(Self.whole(bytes / 1_048_576)) MiB") }
        return parts.joined(separator: "   ")
    }

    // MARK: Upstreams

    private func upstreams(_ rates: ServerRates) -> [Line] {
        guard !rates.upstreams.isEmpty else { return [] }
        let sorted = rates.upstreams.sorted { ($1.value.rate, $0.key) < ($0.value.rate, $1.key) }
        let shown = sorted.prefix(Self.upstreamsMax)
        let column = max(8, shown.map(\.key.count).max() ?? 0) + 1
        let title =
            Self.left("UPSTREAM", column) + Self.right("ANSWERS/s", 11) + Self.right("ROUND TRIP", 12)
            + Self.right("FAILED", 8)
        var lines = [Line(text: ""), Line(text: title, isTitle: true)]
        for (address, upstream) in shown {
            var text = Self.left(address.printable(), column) + Self.right(Self.rate(upstream.rate), 11)
            text += Self.right(upstream.roundTrip.map(Self.seconds) ?? "-", 12)
            text += Self.right(upstream.failureRatio.map(Self.percent) ?? "-", 8)
            if upstream.isQuarantined { text += "   left out: it leads back to the server" }
            if upstream.failedChecks > 0 { text += "   health checks fail" }
            lines.append(Line(text: text))
        }
        if sorted.count > shown.count { lines.append(Line(text: "and \(sorted.count - shown.count) more")) }
        return lines
    }

    // MARK: Names and clients

    private func talkers(_ rates: ServerRates, room: Int?) -> [Line] {
        guard let names = rates.state.names, let clients = rates.state.clients else {
            return [Line(text: "The server has no /debug/top, so that names and clients are not known.")]
        }
        let isWide = width >= Self.wideMin
        let count = max(1, isWide ? (room ?? 21) - 1 : ((room ?? 22) - 2) / 2)
        let left = Self.column("NAMES (estimates, last minute or two)", names, count)
        let right = Self.column("CLIENTS", clients, count)
        guard isWide else { return left + right }
        let leftWidth = width - Self.clientWidth
        return (0..<max(left.count, right.count)).map { index in
            let name = index < left.count ? left[index].text : ""
            let shown = name.count > leftWidth - 2 ? name.prefix(leftWidth - 3) + "…" : name
            let client = index < right.count ? right[index].text : ""
            return Line(text: client.isEmpty ? shown : Self.left(shown, leftWidth) + client, isTitle: index == 0)
        }
    }

    private static func column(_ title: String, _ talkers: [ServerState.Talker], _ count: Int) -> [Line] {
        [Line(text: title, isTitle: true)]
            + talkers.prefix(count).map { Line(text: "\(right(whole(Double($0.queries)), 9))  \($0.name)") }
    }
}

// MARK: - Figures as text

extension TopScreen {
    /// `12,345`.
    static func whole(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "-" }
        var digits = "\(Int(value.rounded()))"
        var end = digits.count - 3
        while end > 0, digits[digits.index(digits.startIndex, offsetBy: end - 1)] != "-" {
            digits.insert(",", at: digits.index(digits.startIndex, offsetBy: end))
            end -= 3
        }
        return digits
    }

    /// With as many decimals.
    static func fixed(_ value: Double, _ decimals: Int) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "-" }
        let scale = (0..<decimals).reduce(1) { scale, _ in scale * 10 }
        let scaled = Int((value * Double(scale)).rounded())
        guard decimals > 0 else { return "\(scaled)" }
        let part = "\(abs(scaled) % scale)"
        let sign = scaled < 0 ? "-" : ""
        return "\(sign)\(abs(scaled) / scale).\(String(repeating: "0", count: decimals - part.count))\(part)"
    }

    /// With a decimal where it is small.
    static func rate(_ value: Double) -> String { value < 10 ? fixed(value, 1) : whole(value) }

    static func percent(_ share: Double) -> String {
        let value = share * 100
        return (value >= 99.95 || value >= 10 && value < 99 ? whole(value) : fixed(value, 1)) + "%"
    }

    static func seconds(_ value: Double) -> String {
        switch value {
        case ..<0.000_995: "\(fixed(value * 1_000, value < 0.000_099_5 ? 3 : 2)) ms"
        case ..<1: "\(fixed(value * 1_000, value < 0.01 ? 1 : 0)) ms"
        default: "\(fixed(value, 1)) s"
        }
    }

    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e10 else { return "-" }
        let whole = Int(seconds)
        switch whole {
        case ..<60: return "\(whole)s"
        case ..<3_600: return "\(whole / 60)m\(whole % 60)s"
        case ..<86_400: return "\(whole / 3_600)h\(whole % 3_600 / 60)m"
        default: return "\(whole / 86_400)d\(whole % 86_400 / 3_600)h"
        }
    }

    static func left(_ text: some StringProtocol, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
