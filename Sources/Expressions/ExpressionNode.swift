import Patterns

/// An expression that was read and checked.
indirect enum ExpressionNode {
    case constant(ExpressionValue)
    /// A name that `let`, a predicate or the caller gave a value.
    case slot(Int)
    case list([ExpressionNode])
    case not(ExpressionNode)
    case negated(ExpressionNode)
    case binary(BinaryOperator, ExpressionNode, ExpressionNode)
    /// `matches` with an expression that is known before.
    case matches(ExpressionNode, GoPattern)
    case conditional(ExpressionNode, then: ExpressionNode, otherwise: ExpressionNode)
    case index(ExpressionNode, ExpressionNode)
    case slice(ExpressionNode, from: ExpressionNode?, to: ExpressionNode?)
    /// A function of the library.
    case call(Int, [ExpressionNode])
    case builtin(Builtin, [ExpressionNode])
    /// A predicate for each item of a list; its three slots are the item, its number and what came of those before.
    case iteration(Iteration, ExpressionNode, ExpressionNode, start: ExpressionNode?, slot: Int)
    case binding(Int, ExpressionNode, in: ExpressionNode)

    var isConstant: Bool {
        if case .constant = self { return true }
        return false
    }
}

/// An operator between two expressions.
enum BinaryOperator: String {
    case or, and
    case equal = "==", notEqual = "!=", less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">="
    case `in`, matches, contains, startsWith, endsWith
    case range = "..", add = "+", subtract = "-", multiply = "*", divide = "/", remainder = "%", power = "**"
    case coalesce = "??"

    /// The operator that a word stands for.
    init?(_ token: ExpressionToken) {
        switch token.kind {
        case .sign("||"): self = .or
        case .sign("&&"): self = .and
        case .sign("^"): self = .power
        case .sign(let sign): self.init(rawValue: sign)
        case .word(let word): self.init(rawValue: word)
        default: return nil
        }
    }

    /// The higher, the closer it binds.
    var precedence: Int {
        switch self {
        case .or: 10
        case .and: 15
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .in, .matches, .contains,
            .startsWith, .endsWith:
            20
        case .range: 25
        case .add, .subtract: 30
        case .multiply, .divide, .remainder: 60
        case .power: 100
        case .coalesce: 500
        }
    }

    /// Whether `not` may stand in front of it.
    var canBeNegated: Bool { precedence == 20 && rawValue.first?.isLetter == true }
}

/// A function that takes a predicate.
enum Iteration: String, CaseIterable {
    case all, any, one, none, map, filter, find, findIndex, findLast, findLastIndex, count, reduce
}
