/// Reads a regular expression in Go's syntax.
struct PatternParser {
    /// What `(?ims)` switches on.
    private struct Flags {
        var ignoresCase = false
        var isMultiline = false
        var dotTakesLineFeed = false
        /// Quantifiers are lazy, and greedy with a question mark.
        var isUngreedy = false
    }

    /// What was read, and whether a quantifier may follow.
    private typealias Item = (node: PatternNode, canRepeat: Bool)

    var rest: ArraySlice<Unicode.Scalar>
    private(set) var groupNames = [""]
    private var flags = Flags()
    private var depth = 0
    /// Between `\Q` and `\E` everything stands for itself.
    private var isQuoting = false

    init(_ text: String) { rest = Array(text.unicodeScalars)[...] }

    mutating func parse() throws(GoPatternError) -> PatternNode {
        let node = try parseChoice()
        guard rest.isEmpty else { throw GoPatternError("unexpected )") }
        return node
    }

    /// Everything up to the end of the group.
    private mutating func parseChoice() throws(GoPatternError) -> PatternNode {
        var choices: [PatternNode] = []
        var sequence: [PatternNode] = []
        var canRepeat = false
        while let scalar = rest.first, isQuoting || scalar != ")" {
            rest.removeFirst()
            if isQuoting {
                isQuoting = scalar != "\\" || !takes("E")
                guard isQuoting else { continue }
                sequence.append(literal(scalar))
                canRepeat = true
            } else if scalar == "|" {
                choices.append(.sequence(sequence))
                sequence = []
                canRepeat = false
            } else if let (minimum, maximum, text) = try quantifier(scalar) {
                guard canRepeat, let last = sequence.popLast() else {
                    throw GoPatternError("nothing to repeat before \(text)")
                }
                let isLazy = takes("?") != flags.isUngreedy
                sequence.append(.repetition(last, minimum: minimum, maximum: maximum, isLazy: isLazy))
                canRepeat = false
            } else {
                let item = try parseItem(scalar)
                sequence.append(item.node)
                canRepeat = item.canRepeat
            }
        }
        choices.append(.sequence(sequence))
        return choices.count == 1 ? choices[0] : .choice(choices)
    }

    private mutating func parseItem(_ scalar: Unicode.Scalar) throws(GoPatternError) -> Item {
        switch scalar {
        case "\\": return try parseEscape()
        case "[": return (.set(try parseBracket()), true)
        case "(": return try parseGroup()
        case ".": return (.set(flags.dotTakesLineFeed ? .all : .line), true)
        case "^": return (.condition(flags.isMultiline ? .lineStart : .textStart), true)
        case "$": return (.condition(flags.isMultiline ? .lineEnd : .textEnd), true)
        case "\0": throw GoPatternError("it contains a NUL character")
        default: return (literal(scalar), true)
        }
    }

    // MARK: Small things

    func follows(_ text: String) -> Bool { rest.starts(with: text.unicodeScalars) }

    private mutating func takes(_ scalar: Unicode.Scalar) -> Bool {
        guard rest.first == scalar else { return false }
        rest.removeFirst()
        return true
    }

    private func literal(_ scalar: Unicode.Scalar) -> PatternNode {
        guard scalar.isASCII else { return .bytes(Array(String(scalar).utf8)) }
        return .set(cased(.one(UInt8(ascii: scalar))))
    }

    /// The set, with the other case of its letters if case does not count.
    func cased(_ set: ByteSet) -> ByteSet {
        guard flags.ignoresCase else { return set }
        var set = set
        set.ignoreCase()
        return set
    }

    static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        String(String.UnicodeScalarView(scalars))
    }

    // MARK: Groups and flags

    private mutating func parseGroup() throws(GoPatternError) -> Item {
        var number: Int?
        let outer = flags
        if follows("?") {
            if follows("?P<") || follows("?<"), let close = rest.firstIndex(of: ">") {
                number = try newGroup(groupName(upTo: close))
                rest = rest[(close + 1)...]
            } else if try takeFlags() {
                // Flags alone hold up to the end of the group around them.
                return (.empty, false)
            }
        } else {
            number = try newGroup("")
        }
        guard depth < PatternLimits.depthMax else { throw GoPatternError("groups nest too deep") }
        depth += 1
        let node = try parseChoice()
        depth -= 1
        guard takes(")") else { throw GoPatternError("missing closing )") }
        flags = outer
        return (number.map { .group(node, number: $0) } ?? node, true)
    }

    private mutating func newGroup(_ name: String) throws(GoPatternError) -> Int {
        guard name.isEmpty || !groupNames.contains(name) else {
            throw GoPatternError("there are two groups named '\(name)'")
        }
        guard groupNames.count <= PatternLimits.groupsMax else {
            throw GoPatternError("there are more than \(PatternLimits.groupsMax) groups")
        }
        groupNames.append(name)
        return groupNames.count - 1
    }

    private func groupName(upTo close: Int) throws(GoPatternError) -> String {
        let name = rest[..<close].drop { $0 != "<" }.dropFirst()
        guard !name.isEmpty, name.allSatisfy({ $0.isASCII && ByteSet.word.contains(UInt8(ascii: $0)) }) else {
            throw GoPatternError("invalid group name '\(Self.text(name))'")
        }
        return Self.text(name)
    }

    /// Flags between `?` and `)` or `:`; tells whether they stand alone.
    private mutating func takeFlags() throws(GoPatternError) -> Bool {
        let start = rest
        var isOn = true
        var new = flags
        rest.removeFirst()
        while let scalar = rest.popFirst() {
            switch scalar {
            case "i": new.ignoresCase = isOn
            case "m": new.isMultiline = isOn
            case "s": new.dotTakesLineFeed = isOn
            case "U": new.isUngreedy = isOn
            case "-" where isOn: isOn = false
            case ":", ")":
                flags = new
                return scalar == ")"
            default: throw GoPatternError("the group '(\(Self.text(start.prefix(2)))' is not supported")
            }
        }
        throw GoPatternError("missing closing )")
    }

    // MARK: Quantifiers

    /// Bounds of the quantifier that begins with a scalar, and its text; nil if none does.
    private mutating func quantifier(
        _ scalar: Unicode.Scalar
    ) throws(GoPatternError) -> (minimum: Int, maximum: Int?, text: String)? {
        switch scalar {
        case "*": return (0, nil, "*")
        case "+": return (1, nil, "+")
        case "?": return (0, 1, "?")
        case "{": return try count()
        default: return nil
        }
    }

    /// A brace that opens no count stands for itself.
    private mutating func count() throws(GoPatternError) -> (minimum: Int, maximum: Int?, text: String)? {
        guard let close = rest.firstIndex(of: "}") else { return nil }
        let inside = Self.text(rest[..<close])
        let bounds = inside.split(separator: ",", omittingEmptySubsequences: false)
        let isCount =
            (1...2).contains(bounds.count) && !bounds[0].isEmpty
            && bounds.allSatisfy { $0.utf8.allSatisfy { $0 &- 0x30 < 10 } }
        guard isCount else { return nil }
        let numbers = bounds.filter { !$0.isEmpty }.map { Int($0) ?? .max }
        guard numbers.allSatisfy({ $0 <= PatternLimits.repeatMax }), numbers == numbers.sorted() else {
            throw GoPatternError("invalid repeat count {\(inside)}")
        }
        rest = rest[(close + 1)...]
        let maximum = bounds.count == 1 ? numbers[0] : numbers.count == 2 ? numbers[1] : nil
        return (numbers[0], maximum, "{\(inside)}")
    }

    // MARK: Escapes

    private static let conditions: [Unicode.Scalar: PatternNode.Condition] = [
        "A": .textStart, "z": .textEnd, "b": .wordBoundary, "B": .noWordBoundary,
    ]

    private mutating func parseEscape() throws(GoPatternError) -> Item {
        guard let scalar = rest.first else { throw GoPatternError("trailing backslash") }
        if let set = ByteSet.named(scalar) {
            rest.removeFirst()
            return (.set(set), true)
        }
        if let condition = Self.conditions[scalar] {
            rest.removeFirst()
            return (.condition(condition), true)
        }
        if takes("Q") {
            isQuoting = true
            return (.empty, false)
        }
        return (literal(try parseEscapedScalar()), true)
    }
}
