/// A parsed regular expression.
indirect enum PatternNode {
    case empty
    /// One character out of a set.
    case set(ByteSet)
    /// These bytes one after another; they are one character above ASCII.
    case bytes([UInt8])
    case sequence([PatternNode])
    /// The first that leads to a match counts.
    case choice([PatternNode])
    /// What it matches is remembered under a number.
    case group(PatternNode, number: Int)
    /// `maximum` is nil for any number.
    case repetition(PatternNode, minimum: Int, maximum: Int?, isLazy: Bool)
    case condition(Condition)

    /// Whether it matches no text at all.
    var canBeEmpty: Bool {
        switch self {
        case .empty, .condition: true
        case .set, .bytes: false
        case .sequence(let nodes): nodes.allSatisfy(\.canBeEmpty)
        case .choice(let nodes): nodes.contains(where: \.canBeEmpty)
        case .group(let node, _): node.canBeEmpty
        case .repetition(let node, let minimum, _, _): minimum == 0 || node.canBeEmpty
        }
    }

    /// What must hold between two characters.
    enum Condition: UInt8 {
        case textStart, textEnd, lineStart, lineEnd, wordBoundary, noWordBoundary
    }
}

/// Bounds of what an expression may cost.
enum PatternLimits {
    /// Largest count in a quantifier; RE2 has the same.
    static let repeatMax = 1000
    /// Groups that are remembered; each costs memory at every instruction.
    static let groupsMax = 100
    /// How deep groups may nest.
    static let depthMax = 200
    /// Instructions of a compiled expression; counts that nest multiply.
    static let instructionsMax = 20_000
}
