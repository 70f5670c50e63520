/// Durations as the Corefile writes them: `1m30s`, `100ms`, `1.5h`, and a bare `0`.
public enum GoDuration {
    /// Why a text is no duration.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// It has no number, or something around it.
        case invalid
        /// A number without a unit.
        case missingUnit
        /// A number with a unit that does not exist.
        case unknownUnit(String)
        /// More than about 292 years.
        case outOfRange

        /// The sentence for the user, to follow the quoted text.
        public var description: String {
            switch self {
            case .invalid: "is not a duration such as '30s' or '1m30s'"
            case .missingUnit: "has no unit; durations are written like '30s', '100ms' or '1m30s'"
            case .unknownUnit(let unit): "has an unknown unit '\(unit.printable())'; units are ns, us, ms, s, m and h"
            case .outOfRange: "is out of range"
            }
        }
    }

    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("ns", 1), ("us", 1_000), ("µs", 1_000), ("μs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000),
        ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ]

    /// Reads a duration; it may be negative.
    public static func parse(_ text: String) throws(Failure) -> Duration {
        var rest = text[...]
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest.removeFirst() }
        if rest == "0" { return .zero }
        guard !rest.isEmpty else { throw .invalid }
        var total: Int64 = 0
        while !rest.isEmpty {
            let (sum, overflow) = total.addingReportingOverflow(try takePart(&rest))
            guard !overflow else { throw .outOfRange }
            total = sum
        }
        return .nanoseconds(isNegative ? -total : total)
    }

    /// One number with its unit, in nanoseconds.
    private static func takePart(_ rest: inout Substring) throws(Failure) -> Int64 {
        let whole = takeDigits(&rest)
        var fraction = ""
        if rest.first == "." {
            rest.removeFirst()
            fraction = takeDigits(&rest)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { throw .invalid }
        let unit = rest.prefix { $0 != "." && !$0.isASCIIDigit }
        rest = rest.dropFirst(unit.count)
        guard !unit.isEmpty else { throw .missingUnit }
        guard let scale = units.first(where: { $0.name == unit })?.nanoseconds else { throw .unknownUnit(String(unit)) }
        return try nanoseconds(whole, fraction, scale)
    }

    private static func nanoseconds(_ whole: String, _ fraction: String, _ scale: Int64) throws(Failure) -> Int64 {
        guard let count = Int64(whole.isEmpty ? "0" : whole) else { throw .outOfRange }
        let (product, overflow) = count.multipliedReportingOverflow(by: scale)
        guard !overflow else { throw .outOfRange }
        // Decimals below a nanosecond fall away; eighteen of them are enough for every unit and fit the product.
        let decimals = fraction.prefix(18)
        var divisor: Int128 = 1
        for _ in decimals { divisor *= 10 }
        let part = Int64((Int128(decimals) ?? 0) * Int128(scale) / divisor)
        let (sum, sumOverflow) = product.addingReportingOverflow(part)
        guard !sumOverflow else { throw .outOfRange }
        return sum
    }

    private static func takeDigits(_ rest: inout Substring) -> String {
        let digits = rest.prefix(while: \.isASCIIDigit)
        rest = rest.dropFirst(digits.count)
        return String(digits)
    }
}
