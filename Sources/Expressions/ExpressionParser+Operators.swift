import Patterns

// What the two sides of an operator must be.

extension ExpressionParser {
    func check(_ part: Part, _ type: ExpressionType, _ what: String) throws(ExpressionError) {
        guard part.type.fits(type) else {
            throw ExpressionError("\(what) takes a \(type), and this is a \(part.type)", at: part.range)
        }
    }

    func combined(
        _ left: Part, _ sign: BinaryOperator, _ right: Part, _ place: Range<Int>
    ) throws(ExpressionError) -> Part {
        let range = left.range.lowerBound..<right.range.upperBound
        let type: ExpressionType
        switch sign {
        case .or, .and:
            try check(left, .boolean, "'\(sign.rawValue)'")
            try check(right, .boolean, "'\(sign.rawValue)'")
            type = .boolean
        case .equal, .notEqual:
            guard left.type.isComparable(with: right.type) else { throw mismatch(left, sign, right, place) }
            type = .boolean
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            guard isOrdered(left, right) else { throw mismatch(left, sign, right, place) }
            type = .boolean
        case .in:
            guard right.type.isList || (right.type == .text && left.type.fits(.text)) else {
                throw mismatch(left, sign, right, place)
            }
            guard !right.type.isList || left.type.isComparable(with: right.type.item) else {
                throw mismatch(left, sign, right, place)
            }
            type = .boolean
        case .matches: return try matching(left, right, range)
        case .contains, .startsWith, .endsWith:
            try check(left, .text, "'\(sign.rawValue)'")
            try check(right, .text, "'\(sign.rawValue)'")
            type = .boolean
        case .range:
            try check(left, .integer, "'..'")
            try check(right, .integer, "'..'")
            return try ranged(left, right, range)
        case .add, .subtract, .multiply, .divide, .remainder, .power:
            type = try arithmetic(left, sign, right, place)
        case .coalesce: type = left.type == .nothing ? right.type : left.type.joined(right.type)
        }
        return Part(node: .binary(sign, left.node, right.node), type: type, range: range)
    }

    private func mismatch(
        _ left: Part, _ sign: BinaryOperator, _ right: Part, _ place: Range<Int>
    ) -> ExpressionError {
        let isText = (left.type == .text && right.type.isNumber) || (right.type == .text && left.type.isNumber)
        return ExpressionError(
            "'\(sign.rawValue)' does not go with a \(left.type) and a \(right.type)", at: place,
            hint: isText ? "a string is written in quotes, a number without" : nil)
    }

    private func isOrdered(_ left: Part, _ right: Part) -> Bool {
        (left.type.isNumber && right.type.isNumber) || (left.type.fits(.text) && right.type.fits(.text))
    }

    private func matching(_ left: Part, _ right: Part, _ range: Range<Int>) throws(ExpressionError) -> Part {
        try check(left, .text, "'matches'")
        try check(right, .text, "'matches'")
        guard case .constant(.text(let text)) = right.node else {
            return Part(node: .binary(.matches, left.node, right.node), type: .boolean, range: range)
        }
        do throws(GoPatternError) {
            return Part(node: .matches(left.node, try GoPattern(text)), type: .boolean, range: range)
        } catch {
            throw ExpressionError("this is no regular expression: \(error)", at: right.range)
        }
    }

    private func ranged(_ left: Part, _ right: Part, _ range: Range<Int>) throws(ExpressionError) -> Part {
        guard case .constant(.integer(let first)) = left.node, case .constant(.integer(let last)) = right.node else {
            return Part(node: .binary(.range, left.node, right.node), type: .list(.integer), range: range)
        }
        do throws(ExpressionFault) {
            let items = try ExpressionRun.range(first, last)
            return Part(node: .constant(.list(items)), type: .list(.integer), range: range)
        } catch {
            throw ExpressionError(error.description, at: range)
        }
    }

    private func arithmetic(
        _ left: Part, _ sign: BinaryOperator, _ right: Part, _ place: Range<Int>
    ) throws(ExpressionError) -> ExpressionType {
        if sign == .add, left.type.fits(.text), right.type.fits(.text) {
            return left.type == .text || right.type == .text ? .text : .any
        }
        guard left.type.isNumber, right.type.isNumber else { throw mismatch(left, sign, right, place) }
        switch sign {
        case .divide, .power: return .float
        case .remainder:
            guard left.type.fits(.integer), right.type.fits(.integer) else {
                throw mismatch(left, sign, right, place)
            }
            return .integer
        default: return left.type.joined(right.type)
        }
    }
}
