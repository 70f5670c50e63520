import Patterns

/// Reads an expression by the precedence of its operators, and checks types on the way.
struct ExpressionParser {
    /// A part of the expression, with what is known of it.
    struct Part {
        var node: ExpressionNode
        var type: ExpressionType
        var range: Range<Int>
    }

    /// A name in sight.
    struct Binding {
        let name: String
        let slot: Int
        let type: ExpressionType
    }

    let library: any ExpressionLibrary
    var bindings: [Binding]
    private(set) var slotCount: Int
    private let tokens: [ExpressionToken]
    private var position = 0
    private var depth = 0

    init(
        _ tokens: [ExpressionToken], _ library: any ExpressionLibrary,
        _ variables: [(name: String, type: ExpressionType)]
    ) {
        self.tokens = tokens
        self.library = library
        bindings = variables.enumerated().map { Binding(name: $1.name, slot: $0, type: $1.type) }
        slotCount = variables.count
    }

    /// The expression up to the end of the text.
    mutating func whole() throws(ExpressionError) -> Part {
        guard token.kind != .end else { throw ExpressionError("there is no expression", at: token.range) }
        let part = try expression()
        guard token.kind == .end else {
            throw ExpressionError("unexpected \(described(token))", at: token.range)
        }
        return part
    }

    // MARK: Words

    var token: ExpressionToken { tokens[position] }

    var following: ExpressionToken { tokens[min(position + 1, tokens.count - 1)] }

    @discardableResult
    mutating func advance() -> ExpressionToken {
        let token = tokens[position]
        position = min(position + 1, tokens.count - 1)
        return token
    }

    mutating func take(_ sign: String) -> Bool {
        guard token.kind == .sign(sign) else { return false }
        advance()
        return true
    }

    mutating func expect(_ sign: String, _ place: String) throws(ExpressionError) {
        guard take(sign) else {
            throw ExpressionError("missing '\(sign)' \(place), found \(described(token))", at: token.range)
        }
    }

    func described(_ token: ExpressionToken) -> String {
        switch token.kind {
        case .integer(let value): "'\(value)'"
        case .float(let value): "'\(value)'"
        case .text(let text): "'\(text)'"
        case .word(let word): "'\(word)'"
        case .sign(let sign): "'\(sign)'"
        case .end: "the end of the expression"
        }
    }

    mutating func makeSlots(_ count: Int) -> Int {
        slotCount += count
        return slotCount - count
    }

    // MARK: Expressions

    /// Everything: variables, pipes, conditions.
    mutating func expression() throws(ExpressionError) -> Part {
        guard depth < ExpressionLimits.depthMax else {
            throw ExpressionError("the expression nests too deep", at: token.range)
        }
        depth += 1
        defer { depth -= 1 }
        if token.kind == .word("let") { return try binding() }
        let part = try operation(0)
        guard take("?") else { return part }
        try check(part, .boolean, "the condition of '?'")
        let then = try expression()
        try expect(":", "between the two values of '?'")
        let otherwise = try expression()
        return Part(
            node: .conditional(part.node, then: then.node, otherwise: otherwise.node),
            type: then.type.joined(otherwise.type), range: part.range.lowerBound..<otherwise.range.upperBound)
    }

    /// `let x = 1; x + 1`.
    private mutating func binding() throws(ExpressionError) -> Part {
        let start = advance().range.lowerBound
        guard case .word(let name) = token.kind else {
            throw ExpressionError("'let' needs a name, found \(described(token))", at: token.range)
        }
        advance()
        try expect("=", "behind the name of 'let'")
        let value = try expression()
        try expect(";", "behind the value of 'let'")
        let slot = makeSlots(1)
        bindings.append(Binding(name: name, slot: slot, type: value.type))
        let body = try expression()
        bindings.removeLast()
        return Part(
            node: .binding(slot, value.node, in: body.node), type: body.type,
            range: start..<body.range.upperBound)
    }

    /// `a | f(b)` is `f(a, b)`.
    private mutating func piped(_ first: Part) throws(ExpressionError) -> Part {
        guard case .word(let name) = token.kind, following.kind == .sign("(") else {
            throw ExpressionError("'|' needs a function behind it, found \(described(token))", at: token.range)
        }
        let range = advance().range
        return try suffixes(of: try call(name, range, first: first))
    }

    /// Operators that bind at least so close.
    mutating func operation(_ precedence: Int) throws(ExpressionError) -> Part {
        var left = try unary()
        while true {
            if precedence == 0, take("|") {
                left = try piped(left)
                continue
            }
            let isNegated = token.kind == .word("not") && BinaryOperator(following)?.canBeNegated == true
            guard let sign = BinaryOperator(isNegated ? following : token), sign.precedence >= precedence else {
                return left
            }
            if isNegated { advance() }
            let place = advance().range
            // A power binds to the right: 2 ** 3 ** 2 is 2 ** 9.
            let right = try operation(sign == .power ? sign.precedence : sign.precedence + 1)
            left = try combined(left, sign, right, place)
            if isNegated { left.node = .not(left.node) }
        }
    }

    private mutating func unary() throws(ExpressionError) -> Part {
        let start = token.range
        switch token.kind {
        case .sign("!"), .word("not"):
            advance()
            let part = try nested(50)
            try check(part, .boolean, "'not'")
            return Part(
                node: .not(part.node), type: .boolean, range: start.lowerBound..<part.range.upperBound)
        case .sign("-"), .sign("+"):
            let isMinus = advance().kind == .sign("-")
            var part = try nested(90)
            guard part.type.isNumber else {
                throw ExpressionError("this is a \(part.type), no number", at: part.range)
            }
            if isMinus { part.node = Self.negated(part.node) }
            part.range = start.lowerBound..<part.range.upperBound
            return part
        default: return try suffixes(of: try primary())
        }
    }

    /// Signs in a row nest like parentheses.
    private mutating func nested(_ precedence: Int) throws(ExpressionError) -> Part {
        guard depth < ExpressionLimits.depthMax else {
            throw ExpressionError("the expression nests too deep", at: token.range)
        }
        depth += 1
        defer { depth -= 1 }
        return try operation(precedence)
    }

    private static func negated(_ node: ExpressionNode) -> ExpressionNode {
        switch node {
        case .constant(.integer(let value)): .constant(.integer(0 &- value))
        case .constant(.float(let value)): .constant(.float(-value))
        default: .negated(node)
        }
    }
}
