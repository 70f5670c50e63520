/// Rewrites a regular expression from Go's syntax (RE2) into POSIX extended syntax. Only whether it matches counts, so
/// groups lose their names and quantifiers their laziness.
struct PatternTranslator {
    struct Translation: Equatable {
        var text = ""
        var ignoresCase = false
    }

    /// Largest count in a quantifier; RE2 has the same.
    private static let repeatMax = 1000

    private var rest: ArraySlice<Unicode.Scalar>
    private var result = Translation()
    private var depth = 0
    /// Whether something stands before that a quantifier can apply to.
    private var canRepeat = false

    static func translate(_ pattern: String) throws(GoPatternError) -> Translation {
        var translator = PatternTranslator(rest: Array(pattern.unicodeScalars)[...])
        try translator.takeLeadingFlags()
        while let scalar = translator.rest.popFirst() { try translator.take(scalar) }
        guard translator.depth == 0 else { throw GoPatternError("missing closing )") }
        return translator.result
    }

    private mutating func take(_ scalar: Unicode.Scalar) throws(GoPatternError) {
        switch scalar {
        case "\\": try takeEscape()
        case "[": try takeBracket()
        case "(": try openGroup()
        case ")": try closeGroup()
        case "*", "+", "?": try takeQuantifier(String(scalar))
        case "{": try takeBrace()
        case ".": emit(".", canRepeat: true)
        case "|", "^", "$": emit(String(scalar), canRepeat: false)
        case "\0": throw GoPatternError("it contains a NUL character")
        default: emit(ByteSet.literal(scalar), canRepeat: true)
        }
    }

    private mutating func emit(_ text: String, canRepeat: Bool) {
        result.text += text
        self.canRepeat = canRepeat
    }

    private func follows(_ text: String) -> Bool { rest.starts(with: text.unicodeScalars) }

    // MARK: Groups and flags

    /// Flags at the start hold for the whole expression.
    private mutating func takeLeadingFlags() throws(GoPatternError) {
        guard follows("(?"), let close = rest.firstIndex(of: ")") else { return }
        let flags = rest[..<close].dropFirst(2)
        guard !flags.isEmpty, flags.allSatisfy({ "imsU".unicodeScalars.contains($0) }) else { return }
        guard !flags.contains("m") else { throw GoPatternError("the flag m is not supported") }
        result.ignoresCase = flags.contains("i")
        rest = rest[(close + 1)...]
    }

    private mutating func openGroup() throws(GoPatternError) {
        if follows("?:") {
            rest = rest.dropFirst(2)
        } else if follows("?P<") || follows("?<"), let close = rest.firstIndex(of: ">"), isName(upTo: close) {
            rest = rest[(close + 1)...]
        } else if follows("?") {
            throw GoPatternError("the group '(\(Self.text(rest.prefix(2)))' is not supported")
        }
        depth += 1
        emit("(", canRepeat: false)
    }

    private func isName(upTo close: Int) -> Bool {
        let name = rest[..<close].drop { $0 != "<" }.dropFirst()
        let letters = ByteSet.named("w")
        return !name.isEmpty && name.allSatisfy { letters?.contains($0) == true }
    }

    private mutating func closeGroup() throws(GoPatternError) {
        guard depth > 0 else { throw GoPatternError("unexpected )") }
        depth -= 1
        emit(")", canRepeat: true)
    }

    // MARK: Quantifiers

    private mutating func takeQuantifier(_ text: String) throws(GoPatternError) {
        guard canRepeat else { throw GoPatternError("nothing to repeat before \(text)") }
        if follows("?") { rest.removeFirst() }
        emit(text, canRepeat: false)
    }

    /// A brace that opens no count stands for itself.
    private mutating func takeBrace() throws(GoPatternError) {
        guard let close = rest.firstIndex(of: "}") else { return emit("\\{", canRepeat: true) }
        let inside = Self.text(rest[..<close])
        let bounds = inside.split(separator: ",", omittingEmptySubsequences: false)
        let isCount =
            (1...2).contains(bounds.count) && !bounds[0].isEmpty
            && bounds.allSatisfy { $0.utf8.allSatisfy { $0 &- 0x30 < 10 } }
        guard isCount else { return emit("\\{", canRepeat: true) }
        let numbers = bounds.filter { !$0.isEmpty }.map { Int($0) ?? .max }
        guard numbers.allSatisfy({ $0 <= Self.repeatMax }), numbers == numbers.sorted() else {
            throw GoPatternError("invalid repeat count {\(inside)}")
        }
        rest = rest[(close + 1)...]
        try takeQuantifier("{\(inside)}")
    }

    // MARK: Escapes

    private mutating func takeEscape() throws(GoPatternError) {
        guard let scalar = rest.first else { throw GoPatternError("trailing backslash") }
        if let set = ByteSet.named(scalar) {
            rest.removeFirst()
            return emit(set.bracket, canRepeat: true)
        }
        switch scalar {
        case "A": emit("^", canRepeat: false)
        case "z": emit("$", canRepeat: false)
        case "b", "B": emit("\\\(scalar)", canRepeat: false)
        case "Q": return takeQuoted()
        default: return emit(ByteSet.literal(try takeEscapedScalar()), canRepeat: true)
        }
        rest.removeFirst()
    }

    /// Everything up to `\E` stands for itself.
    private mutating func takeQuoted() {
        rest.removeFirst()
        while !rest.isEmpty, !follows("\\E") { emit(ByteSet.literal(rest.removeFirst()), canRepeat: true) }
        rest = rest.dropFirst(2)
    }

    /// The one scalar that an escape stands for; its backslash is read already.
    private mutating func takeEscapedScalar() throws(GoPatternError) -> Unicode.Scalar {
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
            guard scalar.isASCII, scalar != "_", ByteSet.named("w")?.contains(scalar) == false else {
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

    // MARK: Brackets

    private mutating func takeBracket() throws(GoPatternError) {
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
        if isNegated { set.invert() }
        emit(set.bracket, canRepeat: true)
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
        if scalar == "\\" { scalar = try takeEscapedScalar() }
        guard scalar.isASCII, scalar.value > 0 else {
            throw GoPatternError("'\(scalar)' in brackets is not supported, only ASCII is")
        }
        return UInt8(truncatingIfNeeded: scalar.value)
    }

    private static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        String(String.UnicodeScalarView(scalars))
    }
}
