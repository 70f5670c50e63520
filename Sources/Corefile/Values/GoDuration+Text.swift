extension GoDuration {
    /// A duration as Go programs print it: `5s`, `1m30s`, `1h0m0s`, `250ms`, `1.5s`, `0s`.
    public static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let sign = seconds < 0 || attoseconds < 0 ? "-" : ""
        let whole = seconds.magnitude
        let nanoseconds = attoseconds.magnitude / 1_000_000_000
        if whole == 0 { return sign + belowOneSecond(nanoseconds) }
        let rest = decimal(whole % 60, nanoseconds, digits: 9) + "s"
        if whole < 60 { return sign + rest }
        let minutes = "\(whole / 60 % 60)m\(rest)"
        return sign + (whole < 3600 ? minutes : "\(whole / 3600)h\(minutes)")
    }

    private static func belowOneSecond(_ nanoseconds: UInt64) -> String {
        switch nanoseconds {
        case 0: "0s"
        case ..<1_000: "\(nanoseconds)ns"
        case ..<1_000_000: decimal(nanoseconds / 1_000, nanoseconds % 1_000, digits: 3) + "µs"
        default: decimal(nanoseconds / 1_000_000, nanoseconds % 1_000_000, digits: 6) + "ms"
        }
    }

    private static func decimal(_ whole: UInt64, _ fraction: UInt64, digits: Int) -> String {
        guard fraction > 0 else { return "\(whole)" }
        let text = String(fraction)
        var decimals = String(repeating: "0", count: digits - text.count) + text
        while decimals.hasSuffix("0") { decimals.removeLast() }
        return "\(whole).\(decimals)"
    }
}
