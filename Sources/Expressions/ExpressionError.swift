/// What is wrong with the text of an expression, and where.
public struct ExpressionError: Error, Equatable, CustomStringConvertible {
    /// A clause.
    public let message: String
    /// Which characters it is about, as Unicode scalars.
    public let range: Range<Int>
    /// What may help.
    public let hint: String?

    init(_ message: String, at range: Range<Int>, hint: String? = nil) {
        self.message = message
        self.range = range
        self.hint = hint
    }

    /// The clause.
    public var description: String { message }
}

/// Why an expression has no value for a query.
public struct ExpressionFault: Error, Equatable, CustomStringConvertible {
    /// A clause.
    public let description: String

    /// A reason.
    public init(_ description: String) { self.description = description }
}

/// Bounds of what an expression may cost.
enum ExpressionLimits {
    /// Characters of an expression.
    static let lengthMax = 10_000
    /// How deep expressions may nest.
    static let depthMax = 64
    /// Steps of one evaluation.
    static let stepsMax = 100_000
    /// Items of a list.
    static let itemsMax = 10_000
    /// Bytes of a text.
    static let textMax = 65_536
    /// Bytes of a regular expression that is not known before.
    static let patternMax = 1_000
}
