/// What an expression computes with.
public enum ExpressionValue: Sendable {
    /// `nil`.
    case nothing
    case boolean(Bool)
    case integer(Int)
    case float(Double)
    case text(String)
    case list([ExpressionValue])

    /// The type of exactly this value.
    var type: ExpressionType {
        switch self {
        case .nothing: .nothing
        case .boolean: .boolean
        case .integer: .integer
        case .float: .float
        case .text: .text
        case .list(let items): .list(items.reduce(items.first?.type ?? .any) { $0.joined($1.type) })
        }
    }

    /// The value as text.
    public var written: String {
        switch self {
        case .nothing: "<nil>"
        case .boolean(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .float(let value): value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
        case .text(let value): value
        case .list(let items): "[" + items.map(\.written).joined(separator: " ") + "]"
        }
    }

    /// The value of a number of either kind.
    var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .float(let value): value
        default: nil
        }
    }
}

extension ExpressionValue: Equatable {
    /// Numbers are equal by value, whatever their kind; texts byte by byte.
    public static func == (left: ExpressionValue, right: ExpressionValue) -> Bool {
        switch (left, right) {
        case (.text(let a), .text(let b)): a.utf8.elementsEqual(b.utf8)
        case (.integer(let a), .integer(let b)): a == b
        case (.boolean(let a), .boolean(let b)): a == b
        case (.nothing, .nothing): true
        case (.list(let a), .list(let b)): a == b
        case (.integer, .float), (.float, .integer), (.float, .float): left.number == right.number
        default: false
        }
    }
}

/// What is known of a value before there is one.
public indirect enum ExpressionType: Equatable, Sendable, CustomStringConvertible {
    /// Known only when the expression is evaluated.
    case any
    case nothing
    case boolean
    case integer
    case float
    case text
    case list(ExpressionType)

    /// The name of the type, as expr-lang has it.
    public var description: String {
        switch self {
        case .any: "any"
        case .nothing: "nil"
        case .boolean: "bool"
        case .integer: "int"
        case .float: "float"
        case .text: "string"
        case .list(let item): item == .any ? "list" : "list of \(item)"
        }
    }

    var isNumber: Bool { self == .integer || self == .float || self == .any }

    var isList: Bool {
        if case .list = self { return true }
        return self == .any
    }

    /// The type of a list's items.
    var item: ExpressionType {
        if case .list(let item) = self { return item }
        return .any
    }

    /// Whether a value of this type may be one of the other.
    func fits(_ other: ExpressionType) -> Bool {
        switch (self, other) {
        case (.any, _), (_, .any): true
        case (.integer, .float): true
        case (.list(let a), .list(let b)): a.fits(b)
        default: self == other
        }
    }

    /// Whether values of both can be equal at all.
    func isComparable(with other: ExpressionType) -> Bool {
        self == .nothing || other == .nothing || fits(other) || other.fits(self)
    }

    /// The type of what is of one or of the other.
    func joined(_ other: ExpressionType) -> ExpressionType {
        if self == other { return self }
        if isNumber, other.isNumber, self != .any, other != .any { return .float }
        return .any
    }
}
