import Corefile
import DNSMessage
import PluginKit

/// Reads a `cache` line and its block, each mistake where it stands.
struct CacheOptionReader {
    private(set) var options = CacheOptions()
    private var policy: Directive?

    private static let known = [
        "success", "denial", "size", "prefetch", "serve_stale", "serve_stale_policy", "servfail", "disable", "keepttl",
    ]

    init(_ directive: Directive, _ setup: inout Setup) {
        var words = directive.arguments[...]
        if let first = words.first, let ttl = Int(first.text) {
            words = words.dropFirst()
            if let ttl = Self.ttl(ttl, first, &setup.diagnostics) {
                options.success.longest = ttl
                options.denial.longest = ttl
            }
        }
        options.zones = setup.zones(words)
        for line in directive.block ?? [] { read(line, &setup) }
        if let policy, options.stale == nil {
            setup.diagnostics.error(at: policy.name, "'serve_stale_policy' needs 'serve_stale'")
        } else if policy != nil {
            options.stale?.prefersData = true
        }
    }

    private mutating func read(_ line: Directive, _ setup: inout Setup) {
        switch line.name.text {
        case _ where !Self.known.contains(line.name.text):
            line.reportUnknownProperty(among: Self.known, &setup.diagnostics)
        case _ where !line.hasNoBlock(&setup.diagnostics): break
        case "success": readLifetime(line, \.success, \.successCapacity, &setup.diagnostics)
        case "denial": readLifetime(line, \.denial, \.denialCapacity, &setup.diagnostics)
        case "size": readSize(line, &setup.diagnostics)
        case "prefetch": readPrefetch(line, &setup.diagnostics)
        case "serve_stale": readStale(line, &setup.diagnostics)
        case "serve_stale_policy": readPolicy(line, &setup.diagnostics)
        case "servfail": readFailure(line, &setup.diagnostics)
        case "disable": readDisable(line, &setup)
        default: options.keepsTTL = line.hasArguments(0...0, usage: "keepttl", &setup.diagnostics)
        }
    }

    // MARK: Lifetimes and sizes

    private static func ttl(_ seconds: Int, _ word: Word, _ diagnostics: inout Diagnostics) -> UInt32? {
        guard seconds > 0 else {
            diagnostics.error(at: word, "cache TTL can not be zero or negative: \(seconds)")
            return nil
        }
        return UInt32(clamping: min(seconds, Int(Int32.max)))
    }

    private mutating func readLifetime(
        _ line: Directive, _ lifetime: WritableKeyPath<CacheOptions, CacheOptions.Lifetime>,
        _ capacity: WritableKeyPath<CacheOptions, Int>, _ diagnostics: inout Diagnostics
    ) {
        let usage = "\(line.name.text) CAPACITY [TTL [MINTTL]]"
        guard line.hasArguments(1...3, usage: usage, &diagnostics) else { return }
        let entriesMax = CacheLimits.bytesMax / CacheLimits.bytesPerEntry
        if let entries = line.arguments[0].integer("the capacity", in: 0...entriesMax, &diagnostics) {
            options[keyPath: capacity] = entries
        }
        guard line.arguments.count > 1 else { return }
        let range = Int(Int32.min)...Int(Int32.max)
        if let seconds = line.arguments[1].integer("the TTL", in: range, &diagnostics),
            let ttl = Self.ttl(seconds, line.arguments[1], &diagnostics)
        {
            options[keyPath: lifetime].longest = ttl
        }
        guard line.arguments.count > 2 else { return }
        if let seconds = line.arguments[2].integer("the minimum TTL", in: 0...Int(Int32.max), &diagnostics) {
            options[keyPath: lifetime].shortest = UInt32(seconds)
        }
    }

    private mutating func readSize(_ line: Directive, _ diagnostics: inout Diagnostics) {
        guard line.hasArguments(1...1, usage: "size BYTES, such as '64MB'", &diagnostics) else { return }
        let word = line.arguments[0]
        guard let bytes = Self.bytes(word.text) else {
            diagnostics.error(at: word, "\(word.quoted) is no size", hint: "such as '65536', '512KB', '64MB' or '1GB'")
            return
        }
        guard (CacheLimits.bytesMin...CacheLimits.bytesMax).contains(bytes) else {
            diagnostics.error(at: word, "the size must be between 64KB and 1TB: \(word.text)")
            return
        }
        options.size = bytes
    }

    private static func bytes(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let shift: Int
        switch text.dropFirst(digits.count).uppercased() {
        case "", "B": shift = 0
        case "K", "KB", "KIB": shift = 10
        case "M", "MB", "MIB": shift = 20
        case "G", "GB", "GIB": shift = 30
        default: return nil
        }
        guard let number = Int(digits), number <= CacheLimits.bytesMax else { return nil }
        return number << shift
    }

    // MARK: Refreshing

    private mutating func readPrefetch(_ line: Directive, _ diagnostics: inout Diagnostics) {
        guard line.hasArguments(1...3, usage: "prefetch AMOUNT [DURATION [PERCENTAGE%]]", &diagnostics) else { return }
        let amount = line.arguments[0]
        guard let hits = Int(amount.text), hits >= 0 else {
            diagnostics.error(at: amount, "prefetch amount should be positive: \(amount.text)")
            return
        }
        var prefetch = CacheOptions.Prefetch(hits: UInt16(clamping: max(hits, 1)))
        if line.arguments.count > 1, let pause = Self.duration(line.arguments[1], &diagnostics) {
            prefetch.pause = UInt64(clamping: Int64(pause / .nanoseconds(1)))
        }
        if line.arguments.count > 2 {
            prefetch.percentage = Self.percentage(line.arguments[2], &diagnostics) ?? prefetch.percentage
        }
        // CoreDNS's 0 is the default, which is off.
        options.prefetch = hits == 0 ? nil : prefetch
    }

    private static func percentage(_ word: Word, _ diagnostics: inout Diagnostics) -> UInt32? {
        guard word.text.last == "%" else {
            diagnostics.error(
                at: word, "last character of percentage should be `%`, but is: \(word.quoted)", hint: "such as '10%'")
            return nil
        }
        guard let number = Int(word.text.dropLast()) else {
            diagnostics.error(at: word, "\(word.quoted) is no percentage", hint: "such as '10%'")
            return nil
        }
        guard (10...90).contains(number) else {
            diagnostics.error(at: word, "percentage should fall in range [10, 90]: \(number)")
            return nil
        }
        return UInt32(number)
    }

    private static func duration(_ word: Word, _ diagnostics: inout Diagnostics) -> Duration? {
        guard let duration = word.duration(&diagnostics) else { return nil }
        guard duration >= .zero else {
            diagnostics.error(at: word, "the duration must not be negative: \(word.text)")
            return nil
        }
        return duration
    }

    // MARK: Stale answers and failures

    private static let staleUsage =
        "serve_stale [DURATION [immediate [TTL [RECHECK]] | verify [TIMEOUT [TTL [RECHECK]]]]]"

    private mutating func readStale(_ line: Directive, _ diagnostics: inout Diagnostics) {
        guard line.hasArguments(0...5, usage: Self.staleUsage, &diagnostics) else { return }
        var stale = CacheOptions.Stale()
        var words = line.arguments[...]
        if let word = words.popFirst() { stale.duration = Self.duration(word, &diagnostics) ?? stale.duration }
        if let mode = words.popFirst() {
            switch mode.text.lowercased() {
            case "immediate": stale.mode = .immediate
            case "verify":
                let timeout = words.popFirst().flatMap { Self.duration($0, &diagnostics) }
                stale.mode = .verify(timeout: timeout == .zero ? nil : timeout)
            default:
                diagnostics.error(
                    at: mode, "invalid value for serve_stale refresh mode: \(mode.text)", didYouMean: mode.text,
                    among: ["immediate", "verify"])
            }
        }
        if let word = words.popFirst(), let seconds = Self.seconds(word, &diagnostics) { stale.ttl = seconds }
        if let word = words.popFirst(), let recheck = Self.duration(word, &diagnostics) {
            if recheck > CacheLimits.failureMax {
                diagnostics.error(at: word, "a recheck after more than 5 minutes is not permitted: \(word.text)")
            }
            stale.recheck = recheck
        }
        if let extra = words.first {
            diagnostics.error(
                at: extra, "Wrong argument count or unexpected line ending after \(extra.quoted)",
                hint: "usage: \(Self.staleUsage)")
        }
        options.stale = stale
    }

    /// Seconds as a bare number or as a duration.
    private static func seconds(_ word: Word, _ diagnostics: inout Diagnostics) -> UInt32? {
        if let number = UInt32(word.text), number <= UInt32(Int32.max) { return number }
        return duration(word, &diagnostics).map { UInt32(clamping: $0.components.seconds) }
    }

    private mutating func readPolicy(_ line: Directive, _ diagnostics: inout Diagnostics) {
        guard line.hasArguments(1...1, usage: "serve_stale_policy prefer_positive", &diagnostics) else { return }
        guard line.arguments[0].text.lowercased() == "prefer_positive" else {
            let word = line.arguments[0]
            diagnostics.error(
                at: word, "invalid value for serve_stale_policy: \(word.text)", didYouMean: word.text,
                among: ["prefer_positive"])
            return
        }
        policy = line
    }

    private mutating func readFailure(_ line: Directive, _ diagnostics: inout Diagnostics) {
        guard line.hasArguments(1...1, usage: "servfail DURATION", &diagnostics),
            let duration = Self.duration(line.arguments[0], &diagnostics)
        else { return }
        guard duration <= CacheLimits.failureMax else {
            diagnostics.error(
                at: line.arguments[0],
                "caching SERVFAIL responses over 5 minutes is not permitted: "
                    + line.arguments[0].text)
            return
        }
        let (seconds, rest) = duration.components
        options.failure = UInt32(clamping: seconds + (rest > 0 ? 1 : 0))
    }

    private mutating func readDisable(_ line: Directive, _ setup: inout Setup) {
        guard line.hasArguments(1..., usage: "disable success|denial [ZONE...]", &setup.diagnostics) else { return }
        let zones = setup.zones(line.arguments.dropFirst())
        switch line.arguments[0].text {
        case "success": options.withoutSuccess += zones
        case "denial": options.withoutDenial += zones
        default:
            let word = line.arguments[0]
            setup.diagnostics.error(
                at: word, "cache type for disable must be \"success\" or \"denial\": \(word.quoted)",
                didYouMean: word.text, among: ["success", "denial"])
        }
    }
}
