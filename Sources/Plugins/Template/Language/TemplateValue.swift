/// What a template computes with.
enum TemplateValue: Sendable {
    /// Of a field or key that is not there; written as `<no value>`.
    case nothing
    case text(String)
    case integer(Int)
    case unsigned(UInt64)
    case boolean(Bool)
    case list([TemplateValue])
    case map([String: TemplateValue])
    case object(any TemplateObject)

    /// What `if`, `and`, `or` and `not` go by.
    var isTrue: Bool {
        switch self {
        case .nothing: false
        case .text(let text): !text.isEmpty
        case .integer(let number): number != 0
        case .unsigned(let number): number != 0
        case .boolean(let value): value
        case .list(let values): !values.isEmpty
        case .map(let values): !values.isEmpty
        case .object: true
        }
    }

    /// What Go calls the type, for messages.
    var typeName: String {
        switch self {
        case .nothing: "nil"
        case .text: "string"
        case .integer: "int"
        case .unsigned: "uint64"
        case .boolean: "bool"
        case .list: "list"
        case .map: "map"
        case .object: "struct"
        }
    }

    /// The value as the template writes it.
    var written: String {
        switch self {
        case .nothing: "<no value>"
        case .text(let text): text
        case .integer(let number): "\(number)"
        case .unsigned(let number): "\(number)"
        case .boolean(let value): "\(value)"
        case .list(let values): "[" + values.map(\.written).joined(separator: " ") + "]"
        case .map(let values):
            "map[" + values.sorted { $0.key < $1.key }.map { "\($0):\($1.written)" }.joined(separator: " ") + "]"
        case .object(let object): object.written
        }
    }
}

/// Something with fields.
protocol TemplateObject: Sendable {
    /// The value of a field; nil if there is no such field.
    func field(_ name: String) -> TemplateValue?
    /// Calls a method; nil if there is no such method.
    func call(_ name: String, _ arguments: [TemplateValue]) throws(TemplateError) -> TemplateValue?
    /// The whole thing as text.
    var written: String { get }
}

extension TemplateObject {
    func call(_ name: String, _ arguments: [TemplateValue]) throws(TemplateError) -> TemplateValue? { nil }
}

/// Why a template cannot be understood or carried out.
struct TemplateError: Error, Hashable, CustomStringConvertible {
    /// A clause.
    let description: String

    init(_ description: String) { self.description = description }
}

/// Bounds of what a template may cost.
enum TemplateLimits {
    /// How deep actions and parentheses may nest.
    static let depthMax = 32
    /// Actions and commands carried out for one query.
    static let stepsMax = 10_000
    /// Length of what comes out, in bytes: more than a record can have as text.
    static let outputMax = 300_000
    /// Width and precision in formats.
    static let widthMax = 1_000
    /// Characters of a template.
    static let templateLengthMax = 10_000
    /// Characters of a regular expression.
    static let patternLengthMax = 10_000
    /// Length of the text of an extended error, in bytes.
    static let reasonMax = 500
}
