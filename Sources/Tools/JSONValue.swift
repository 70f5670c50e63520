import YAML

/// A value for machines; members keep the order in which they were added.
indirect enum JSONValue: Hashable {
    case null
    case bool(Bool)
    case integer(Int)
    /// Rounded to six decimals: figures here are measured.
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([Member])

    /// A member of an object.
    struct Member: Hashable {
        let name: String
        let value: JSONValue
    }

    /// An object of these members, those without a value left out.
    static func members(_ members: KeyValuePairs<String, JSONValue?>) -> JSONValue {
        .object(members.compactMap { member in member.value.map { Member(name: member.key, value: $0) } })
    }

    /// A text, or nothing.
    static func text(_ text: String?) -> JSONValue? { text.map { .string($0) } }

    /// The value over several lines, as a person reads it too; short lists of plain values stand in one line.
    var text: String { written(indent: "") }

    private func written(indent: String) -> String {
        switch self {
        case .null: return "null"
        case .bool(let value): return value ? "true" : "false"
        case .integer(let value): return "\(value)"
        case .number(let value): return Self.number(value)
        case .string(let value): return Self.quoted(value)
        case .array(let values):
            if values.allSatisfy(\.isPlain) { return "[" + values.map(\.text).joined(separator: ", ") + "]" }
            return Self.block("[", values.map { $0.written(indent: indent + "  ") }, "]", indent)
        case .object(let members):
            if members.isEmpty { return "{}" }
            return Self.block(
                "{", members.map { "\(Self.quoted($0.name)): \($0.value.written(indent: indent + "  "))" }, "}", indent)
        }
    }

    private var isPlain: Bool {
        switch self {
        case .array, .object: false
        default: true
        }
    }

    private static func quoted(_ text: String) -> String { JSONOutput.string(text) }

    /// JSON has no infinity and no NaN (RFC 8259 §6).
    private static func number(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "null" }
        let rounded = (value * 1_000_000).rounded() / 1_000_000
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }

    private static func block(_ open: String, _ parts: [String], _ close: String, _ indent: String) -> String {
        let lines = parts.map { "\(indent)  \($0)" }.joined(separator: ",\n")
        return "\(open)\n\(lines)\n\(indent)\(close)"
    }
}
