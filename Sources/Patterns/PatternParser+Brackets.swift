// What stands in brackets, and escapes that stand for one character.

extension PatternParser {
    mutating func parseBracket() throws(GoPatternError) -> ByteSet {
        var set = ByteSet()
        let isNegated = follows("^")
        if isNegated { rest.removeFirst() }
        var isFirst = true
        while isFirst || !follows("]") {
            guard !rest.isEmpty else { throw GoPatternError("missing closing ]") }
            try takeItem(into: &set)
            isFirst = false
        }
        rest.removeFirst()
        set = cased(set)
        if isNegated { set.invert() }
        return set
    }

    private mutating func takeItem(into set: inout ByteSet) throws(GoPatternError) {
        if follows("[:"), let close = rest.indices.first(where: { rest[$0...].starts(with: ":]".unicodeScalars) }) {
            let name = Self.text(rest[..<close].dropFirst(2))
            guard let named = ByteSet.posix(name) else { throw GoPatternError("invalid class [:\(name):]") }
            rest = rest[(close + 2)...]
            return set.formUnion(named)
        }
        if follows("\\"), let next = rest.dropFirst().first, let named = ByteSet.named(next) {
            rest = rest.dropFirst(2)
            return set.formUnion(named)
        }
        let low = try takeBound()
        guard follows("-"), !follows("-]") else { return set.insert(low...low) }
        rest.removeFirst()
        let high = try takeBound()
        guard low <= high else { throw GoPatternError("invalid range in brackets") }
        set.insert(low...high)
    }

    private mutating func takeBound() throws(GoPatternError) -> UInt8 {
        guard var scalar = rest.popFirst() else { throw GoPatternError("missing closing ]") }
        if scalar == "\\" { scalar = try parseEscapedScalar() }
        guard scalar.isASCII, scalar.value > 0 else {
            throw GoPatternError("'\(scalar)' in brackets is not supported, only ASCII is")
        }
        return UInt8(truncatingIfNeeded: scalar.value)
    }

    /// The one scalar that an escape stands for; its backslash is read already.
    mutating func parseEscapedScalar() throws(GoPatternError) -> Unicode.Scalar {
        guard let scalar = rest.popFirst() else { throw GoPatternError("trailing backslash") }
        switch scalar {
        case "a": return "\u{07}"
        case "f": return "\u{0C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "v": return "\u{0B}"
        case "x": return try takeHexadecimal()
        default:
            guard scalar.isASCII, !ByteSet.word.contains(UInt8(ascii: scalar)) else {
                throw GoPatternError("the escape \\\(scalar) is not supported")
            }
            return scalar
        }
    }

    private mutating func takeHexadecimal() throws(GoPatternError) -> Unicode.Scalar {
        var digits = rest.prefix(2)
        var length = 2
        if follows("{"), let close = rest.firstIndex(of: "}") {
            digits = rest[..<close].dropFirst()
            length = digits.count + 2
        }
        let text = Self.text(digits)
        guard (1...6).contains(digits.count), let code = UInt32(text, radix: 16), code > 0,
            let scalar = Unicode.Scalar(code)
        else { throw GoPatternError("invalid escape \\x\(text)") }
        rest = rest.dropFirst(length)
        return scalar
    }
}
