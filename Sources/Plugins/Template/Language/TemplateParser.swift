/// Reads a template in the language of Go's text/template. `define`, `template`, `block`, `break` and `continue` are
/// left out: they are of no use for a line.
struct TemplateParser {
    typealias Token = TemplateLexer.Token

    /// A path of fields that the data as a whole is asked for: `["Group", "a"]`.
    private(set) var paths: [[String]] = []
    private var parts: ArraySlice<TemplateLexer.Part>
    private var tokens: ArraySlice<Token> = []
    private var variables = ["$"]
    /// Whether the dot is the data as a whole.
    private var dotIsData = true
    private var depth = 0

    private static let unsupported: Set<String> = ["define", "template", "block", "break", "continue"]

    /// Reads a whole template.
    static func parse(
        _ template: String
    ) throws(TemplateError) -> (nodes: [TemplateNode], paths: [[String]]) {
        var parser = TemplateParser(parts: try TemplateLexer.parts(of: template)[...])
        let (nodes, ending) = try parser.nodes()
        if let ending { throw TemplateError("unexpected {{\(ending)}}") }
        return (nodes, parser.paths)
    }

    private init(parts: ArraySlice<TemplateLexer.Part>) { self.parts = parts }

    /// Everything up to the end of the block, and the word that ends it; nil at the end of the template.
    private mutating func nodes() throws(TemplateError) -> ([TemplateNode], ending: String?) {
        var found: [TemplateNode] = []
        while let part = parts.popFirst() {
            switch part {
            case .text(let text): found.append(.text(text))
            case .action(let action):
                tokens = action[...]
                let word = tokens.first.flatMap { $0.kind == .word ? $0.spelling : nil }
                if let word, word == "end" || word == "else" {
                    tokens.removeFirst()
                    return (found, word)
                }
                if let word, Self.unsupported.contains(word) {
                    throw TemplateError("{{\(word)}} is not supported")
                }
                found.append(try node(word))
            }
        }
        return (found, nil)
    }

    private mutating func node(_ word: String?) throws(TemplateError) -> TemplateNode {
        switch word {
        case "if", "with", "range":
            tokens.removeFirst()
            return try block(word ?? "")
        default:
            let pipeline = try pipeline(inRange: false)
            try expectEnd()
            return .output(pipeline)
        }
    }

    /// A block from behind its first word to its end.
    private mutating func block(_ word: String) throws(TemplateError) -> TemplateNode {
        guard depth < TemplateLimits.depthMax else { throw TemplateError("actions nest too deep") }
        depth += 1
        let (outerVariables, outerDot) = (variables, dotIsData)
        let pipeline = try pipeline(inRange: word == "range")
        try expectEnd()
        dotIsData = dotIsData && word == "if"
        let (body, ending) = try nodes()
        dotIsData = outerDot
        let otherwise = ending == "else" ? try alternative(to: word) : []
        guard ending != nil else { throw TemplateError("{{\(word)}} has no {{end}}") }
        if ending == "end" { try expectEnd() }
        variables = outerVariables
        depth -= 1
        if let branch = TemplateNode.Branch(rawValue: word) {
            return .branch(branch, pipeline, then: body, otherwise: otherwise)
        }
        return .range(pipeline, body: body, otherwise: otherwise)
    }

    /// What stands behind `else`: up to the end, or one more condition, which has the end in common.
    private mutating func alternative(to word: String) throws(TemplateError) -> [TemplateNode] {
        if let next = tokens.first, next.kind == .word, next.spelling == word, word != "range" {
            tokens.removeFirst()
            return [try block(word)]
        }
        try expectEnd()
        let (nodes, ending) = try nodes()
        guard ending == "end" else { throw TemplateError("{{\(word)}} has no {{end}}") }
        try expectEnd()
        return nodes
    }

    private func expectEnd() throws(TemplateError) {
        if let token = tokens.first { throw TemplateError("unexpected '\(token.spelling)'") }
    }

    // MARK: Pipelines

    private mutating func pipeline(inRange: Bool) throws(TemplateError) -> TemplatePipeline {
        var pipeline = TemplatePipeline()
        let targets = try takeTargets(&pipeline, inRange: inRange)
        repeat {
            let command = try command()
            // A value cannot take the value of the command before it.
            if !pipeline.commands.isEmpty, let first = command.operands.first, !first.takesArguments {
                throw TemplateError("'\(first)' behind | is no function")
            }
            pipeline.commands.append(command)
        } while takeSign("|")
        variables += targets
        return pipeline
    }

    /// `$x :=`, `$x =` and `$i, $x :=` in front of a pipeline; the variables that are new.
    private mutating func takeTargets(
        _ pipeline: inout TemplatePipeline, inRange: Bool
    ) throws(TemplateError) -> [String] {
        guard let first = tokens.first, first.kind == .variable else { return [] }
        var rest = tokens.dropFirst()
        var names = [first.spelling]
        if inRange, rest.first?.spelling == ",", let second = rest.dropFirst().first, second.kind == .variable {
            names.append(second.spelling)
            rest = rest.dropFirst(2)
        }
        guard let sign = rest.first, sign.kind == .sign, sign.spelling == ":=" || sign.spelling == "=" else {
            return []
        }
        tokens = rest.dropFirst()
        pipeline.variables = names
        pipeline.isAssignment = sign.spelling == "="
        guard pipeline.isAssignment else { return names }
        for name in names where !variables.contains(name) { throw TemplateError("undefined variable '\(name)'") }
        return []
    }

    private mutating func takeSign(_ sign: String) -> Bool {
        guard tokens.first?.kind == .sign, tokens.first?.spelling == sign else { return false }
        tokens.removeFirst()
        return true
    }

    private mutating func command() throws(TemplateError) -> TemplateCommand {
        var command = TemplateCommand()
        while let token = tokens.first, token.kind != .sign || token.spelling == "(" {
            command.operands.append(try operand())
        }
        guard let first = command.operands.first else { throw TemplateError("a value is missing") }
        if command.operands.count > 1, !first.takesArguments {
            throw TemplateError("'\(first)' takes no arguments")
        }
        return command
    }

    private mutating func operand() throws(TemplateError) -> TemplateOperand {
        let token = tokens.removeFirst()
        switch token.kind {
        case .dot: return .dot([])
        case .field:
            let fields = [token.spelling] + takeFields()
            if dotIsData { paths.append(fields) }
            return .dot(fields)
        case .variable:
            guard variables.contains(token.spelling) else {
                throw TemplateError("undefined variable '\(token.spelling)'")
            }
            let fields = takeFields()
            if token.spelling == "$", !fields.isEmpty { paths.append(fields) }
            return .variable(token.spelling, fields)
        case .number: return .literal(try Self.number(token.spelling), spelling: token.spelling)
        case .text(let value): return .literal(.text(value), spelling: token.spelling)
        case .word: return try word(token.spelling)
        case .sign: return try parenthesis()
        }
    }

    /// Fields that follow without a blank.
    private mutating func takeFields() -> [String] {
        var fields: [String] = []
        while let token = tokens.first, token.kind == .field, token.isGlued {
            fields.append(token.spelling)
            tokens.removeFirst()
        }
        return fields
    }

    private mutating func parenthesis() throws(TemplateError) -> TemplateOperand {
        guard depth < TemplateLimits.depthMax else { throw TemplateError("parentheses nest too deep") }
        depth += 1
        let inner = try pipeline(inRange: false)
        depth -= 1
        guard takeSign(")") else { throw TemplateError("missing closing )") }
        return .pipeline(inner, takeFields())
    }

    private func word(_ word: String) throws(TemplateError) -> TemplateOperand {
        switch word {
        case "true", "false": return .literal(.boolean(word == "true"), spelling: word)
        case "nil": return .literal(.nothing, spelling: word)
        default:
            guard TemplateFunction(rawValue: word) != nil else {
                throw TemplateError("there is no function '\(word)'")
            }
            return .function(word)
        }
    }

    /// A whole number, decimal or with a prefix such as `0x`.
    private static func number(_ text: String) throws(TemplateError) -> TemplateValue {
        let digits = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
        let sign = text.first == "-" ? "-" : ""
        let radixes: [String: Int] = ["0x": 16, "0X": 16, "0b": 2, "0B": 2, "0o": 8, "0O": 8]
        let radix = radixes[String(digits.prefix(2))]
        let plain = (radix == nil ? digits : digits.dropFirst(2)).filter { $0 != "_" }
        guard plain.first?.isHexDigit == true, let number = Int(sign + plain, radix: radix ?? 10) else {
            throw TemplateError("'\(text)' is no whole number")
        }
        return .integer(number)
    }
}

extension TemplateOperand {
    /// Functions take arguments, and so do fields, which may be methods.
    fileprivate var takesArguments: Bool {
        switch self {
        case .function: true
        case .dot(let fields), .variable(_, let fields), .pipeline(_, let fields): !fields.isEmpty
        case .literal: false
        }
    }
}
