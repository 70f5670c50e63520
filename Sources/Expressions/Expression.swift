/// An expression in the language of `view` and `template`, which is that of expr-lang as far as queries need it: read
/// and checked once, evaluated for each query.
///
/// One instance belongs to one queue: its nodes are counted when they are walked, and cores that share them would
/// write each other's counts. Read the text once for each worker instead.
public struct Expression {
    /// What its value is.
    public let type: ExpressionType
    private let node: ExpressionNode
    private let slotCount: Int

    /// Reads a text. `variables` are names that `evaluate` is given values for, in this order.
    public init(
        _ text: String, _ library: any ExpressionLibrary, variables: [(name: String, type: ExpressionType)] = []
    ) throws(ExpressionError) {
        var parser = ExpressionParser(try ExpressionLexer.tokens(of: text), library, variables)
        let whole = try parser.whole()
        (node, type, slotCount) = (whole.node, whole.type, parser.slotCount)
    }

    /// Whether a word means something by itself, so that no variable may have it as its name.
    public static func isReserved(_ word: String) -> Bool {
        ["true", "false", "nil", "let", "not", "if", "else"].contains(word) || Builtin(rawValue: word) != nil
            || Iteration(rawValue: word) != nil || BinaryOperator(rawValue: word) != nil
    }

    /// The value of a constant expression; nil if it depends on the query.
    public var constant: ExpressionValue? {
        if case .constant(let value) = node { return value }
        return nil
    }

    /// Its value, as far as it has one.
    public func evaluate(
        _ host: any ExpressionHost, variables: [ExpressionValue] = []
    ) throws(ExpressionFault) -> ExpressionValue {
        var run = ExpressionRun(host, variables, slotCount: slotCount)
        return try run.value(node)
    }

    /// Whether its value is true; what has no value, or another one, is not.
    public func isTrue(_ host: any ExpressionHost, variables: [ExpressionValue] = []) -> Bool {
        guard let value = try? evaluate(host, variables: variables) else { return false }
        return value == .boolean(true)
    }
}

/// The functions that an expression may call besides those of the language.
public protocol ExpressionLibrary: AnyObject {
    /// Known by their place in this list; a name may stand in it more than once, with other parameters.
    var functions: [ExpressionFunction] { get }
    /// A function that does in one step what a call with these arguments does; nil if there is none.
    func fused(_ function: Int, _ arguments: [FusedArgument]) throws(ExpressionFault) -> Int?
}

/// An argument of a call, as far as it is known when the expression is read.
public enum FusedArgument: Equatable, Sendable {
    case constant(ExpressionValue)
    /// A function of the library without arguments, by its place.
    case function(Int)
    case other
}

/// A function of a library.
public struct ExpressionFunction: Sendable {
    /// What an expression calls it.
    public let name: String
    /// What its arguments must be.
    public let parameters: [ExpressionType]
    /// What its value is.
    public let result: ExpressionType

    /// A function.
    public init(_ name: String, _ parameters: [ExpressionType] = [], _ result: ExpressionType) {
        self.name = name
        self.parameters = parameters
        self.result = result
    }
}

/// What an expression is evaluated against: carries out the functions of its library.
public protocol ExpressionHost {
    /// Calls a function by its place in the library's list, or one that the library fused.
    func call(_ function: Int, _ arguments: [ExpressionValue]) throws(ExpressionFault) -> ExpressionValue
}
