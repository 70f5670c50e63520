/// A Kubernetes label selector: requirements that all must hold.
public struct LabelSelector: Hashable, Sendable {
    /// One requirement on one label.
    public enum Requirement: Hashable, Sendable {
        /// `key=value`, `key==value`, `key in (a, b)`.
        case isIn(key: String, values: Set<String>)
        /// `key!=value`, `key notin (a, b)`; also holds where the label is missing.
        case isNotIn(key: String, values: Set<String>)
        /// `key`.
        case exists(key: String)
        /// `!key`.
        case isMissing(key: String)
    }

    /// All of them must hold.
    public let requirements: [Requirement]

    /// Matches every object.
    public static let everything = LabelSelector(requirements: [])

    private init(requirements: [Requirement]) { self.requirements = requirements }

    /// Reads the text form that kubectl takes: `a=b,c!=d,e in (x,y),f notin (z),g,!h`.
    public init(_ text: String) throws(LabelSelectorError) {
        var parser = LabelSelectorParser(text)
        requirements = try parser.parse()
    }

    /// Whether an object with these labels is meant.
    public func matches(_ labels: [String: String]) -> Bool {
        requirements.allSatisfy { requirement in
            switch requirement {
            case .isIn(let key, let values): labels[key].map(values.contains) ?? false
            case .isNotIn(let key, let values): labels[key].map { !values.contains($0) } ?? true
            case .exists(let key): labels[key] != nil
            case .isMissing(let key): labels[key] == nil
            }
        }
    }

    /// Some labels that match; nil if none do.
    var example: [String: String]? {
        var labels: [String: String] = [:]
        for requirement in requirements {
            switch requirement {
            case .isIn(let key, let values): labels[key] = values.sorted().first { allows($0, for: key) }
            // One more value than there are that may be forbidden.
            case .exists(let key) where labels[key] == nil:
                labels[key] = (0...forbiddenCount).map { String(repeating: "a", count: $0) }
                    .first { allows($0, for: key) }
            case .exists, .isNotIn, .isMissing: break
            }
        }
        return matches(labels) ? labels : nil
    }

    /// Whether no requirement on the label is against the value.
    private func allows(_ value: String, for key: String) -> Bool {
        requirements.allSatisfy { requirement in
            switch requirement {
            case .isIn(key, let values): values.contains(value)
            case .isNotIn(key, let values): !values.contains(value)
            case .isMissing(key): false
            case .isIn, .isNotIn, .isMissing, .exists: true
            }
        }
    }

    private var forbiddenCount: Int {
        requirements.reduce(0) { count, requirement in
            if case .isNotIn(_, let values) = requirement { return count + values.count }
            return count
        }
    }
}

extension LabelSelector: CustomStringConvertible {
    /// The text form, as `init` and the API take it; empty for everything.
    public var description: String { requirements.map(\.description).joined(separator: ",") }
}

extension LabelSelector.Requirement: CustomStringConvertible {
    /// As it stands in a selector.
    public var description: String {
        switch self {
        case .isIn(let key, let values): Self.text(key, values, one: "=", several: "in")
        case .isNotIn(let key, let values): Self.text(key, values, one: "!=", several: "notin")
        case .exists(let key): key
        case .isMissing(let key): "!\(key)"
        }
    }

    private static func text(_ key: String, _ values: Set<String>, one: String, several: String) -> String {
        if values.count == 1, let only = values.first { return "\(key)\(one)\(only)" }
        return "\(key) \(several) (\(values.sorted().joined(separator: ",")))"
    }
}

/// Why a text is no label selector.
public enum LabelSelectorError: Error, Hashable, CustomStringConvertible {
    /// Something else stands where this was expected; `position` counts bytes from 0.
    case expected(String, position: Int)

    /// One clause, without a final stop.
    public var description: String {
        switch self {
        case .expected(let what, let position): "expected \(what) at position \(position + 1)"
        }
    }
}

/// Reads a selector byte by byte.
private struct LabelSelectorParser {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    mutating func parse() throws(LabelSelectorError) -> [LabelSelector.Requirement] {
        var found: [LabelSelector.Requirement] = []
        skipSpace()
        while position < bytes.count {
            found.append(try requirement())
            skipSpace()
            guard position < bytes.count else { break }
            try take(",", or: "a comma or the end")
            skipSpace()
            if position == bytes.count { throw .expected("a label's key", position: position) }
        }
        return found
    }

    private mutating func requirement() throws(LabelSelectorError) -> LabelSelector.Requirement {
        if takes("!") { return .isMissing(key: try word("a label's key")) }
        let key = try word("a label's key")
        skipSpace()
        if takes("!") {
            try take("=", or: "'=' behind '!'")
            return .isNotIn(key: key, values: [value()])
        }
        if takes("=") {
            _ = takes("=")
            return .isIn(key: key, values: [value()])
        }
        guard position < bytes.count, bytes[position] != UInt8(ascii: ",") else { return .exists(key: key) }
        let start = position
        switch try word("an operator") {
        case "in": return .isIn(key: key, values: try valueList())
        case "notin": return .isNotIn(key: key, values: try valueList())
        default: throw .expected("one of =, ==, !=, in, notin", position: start)
        }
    }

    private mutating func valueList() throws(LabelSelectorError) -> Set<String> {
        skipSpace()
        try take("(", or: "'('")
        var values: Set<String> = []
        repeat { values.insert(value()) } while takes(",")
        try take(")", or: "a comma or ')'")
        return values
    }

    /// A value may be empty.
    private mutating func value() -> String {
        skipSpace()
        let start = position
        while position < bytes.count, Self.isWordByte(bytes[position]) { position += 1 }
        defer { skipSpace() }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func word(_ what: String) throws(LabelSelectorError) -> String {
        skipSpace()
        let start = position
        let found = value()
        guard !found.isEmpty else { throw .expected(what, position: start) }
        return found
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "/"):
            true
        default: false
        }
    }

    private mutating func takes(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func take(_ character: Unicode.Scalar, or what: String) throws(LabelSelectorError) {
        skipSpace()
        guard takes(character) else { throw .expected(what, position: position) }
        skipSpace()
    }

    private mutating func skipSpace() {
        while position < bytes.count, bytes[position] == UInt8(ascii: " ") || bytes[position] == 9 { position += 1 }
    }
}
