/// Go's Printf for the values of templates.
struct TemplateFormat {
    /// What stands between the percent sign and the verb.
    fileprivate struct Directive {
        var isLeft = false
        var hasPlus = false
        var isAlternate = false
        var hasBlank = false
        var hasZeros = false
        var width = 0
        var precision: Int?
    }

    private var rest: Substring
    private var arguments: ArraySlice<TemplateValue>
    private var output = ""

    /// The text with each directive replaced by an argument.
    static func format(_ text: String, _ arguments: [TemplateValue]) -> String {
        var format = TemplateFormat(rest: text[...], arguments: arguments[...])
        format.run()
        return format.output
    }

    private mutating func run() {
        while let character = rest.popFirst() {
            if character == "%" { writeDirective() } else { output.append(character) }
        }
        guard !arguments.isEmpty else { return }
        let extra = arguments.map { "\($0.typeName)=\($0.written)" }.joined(separator: ", ")
        output += "%!(EXTRA \(extra))"
    }

    private mutating func writeDirective() {
        var directive = Directive()
        while let flag = rest.first, directive.set(flag) { rest.removeFirst() }
        directive.width = takeNumber() ?? 0
        if rest.first == "." {
            rest.removeFirst()
            directive.precision = takeNumber() ?? 0
        }
        guard let verb = rest.popFirst() else {
            output += "%!(NOVERB)"
            return
        }
        if verb == "%" {
            output += "%"
        } else if let value = arguments.popFirst() {
            let text = Self.text(value, verb, directive) ?? "%!\(verb)(\(value.typeName)=\(value.written))"
            output += directive.padded(text, isNumber: value.number != nil && verb != "q" && verb != "c")
        } else {
            output += "%!\(verb)(MISSING)"
        }
    }

    private mutating func takeNumber() -> Int? {
        let digits = rest.prefix { "0"..."9" ~= $0 }
        rest = rest.dropFirst(digits.count)
        return digits.isEmpty ? nil : min(Int(digits) ?? .max, TemplateLimits.widthMax)
    }

    /// The value as the verb wants it; nil if it does not go with the value.
    private static func text(_ value: TemplateValue, _ verb: Character, _ directive: Directive) -> String? {
        if verb == "v" { return value.number.map { digits($0, 10, directive) } ?? cut(value.written, directive) }
        if verb == "T" { return value.typeName }
        if let number = value.number { return text(number, verb, directive) }
        switch (verb, value) {
        case ("s", _): return cut(value.written, directive)
        case ("q", .text(let text)): return quoted(cut(text, directive))
        case ("x", .text(let text)), ("X", .text(let text)):
            let hexadecimal = cut(text, directive).utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            return verb == "X" ? hexadecimal.uppercased() : hexadecimal
        case ("t", .boolean(let value)): return "\(value)"
        default: return nil
        }
    }

    private static func text(_ number: Int128, _ verb: Character, _ directive: Directive) -> String? {
        switch verb {
        case "d": return digits(number, 10, directive)
        case "b": return digits(number, 2, directive)
        case "o": return digits(number, 8, directive, prefix: "0")
        case "x": return digits(number, 16, directive, prefix: "0x")
        case "X": return digits(number, 16, directive, prefix: "0x").uppercased()
        case "c": return character(number).map(String.init)
        case "q": return character(number).map { "'\($0)'" }
        default: return nil
        }
    }

    private static func character(_ number: Int128) -> Character? {
        UInt32(exactly: number).flatMap(Unicode.Scalar.init).map(Character.init)
    }

    /// Digits with sign, prefix and leading zeros.
    private static func digits(
        _ number: Int128, _ radix: Int, _ directive: Directive, prefix: String = ""
    ) -> String {
        var text = String(number.magnitude, radix: radix)
        let sign = number < 0 ? "-" : directive.hasPlus ? "+" : directive.hasBlank ? " " : ""
        let start = sign + (directive.isAlternate ? prefix : "")
        let hasZeros = directive.hasZeros && !directive.isLeft && directive.precision == nil
        let wanted = directive.precision ?? (hasZeros ? directive.width - start.count : 0)
        if text.count < wanted { text = String(repeating: "0", count: wanted - text.count) + text }
        return start + text
    }

    private static func cut(_ text: String, _ directive: Directive) -> String {
        directive.precision.map { String(text.prefix($0)) } ?? text
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension TemplateFormat.Directive {
    /// Takes a flag; false if it is none.
    fileprivate mutating func set(_ flag: Character) -> Bool {
        switch flag {
        case "-": isLeft = true
        case "+": hasPlus = true
        case "#": isAlternate = true
        case " ": hasBlank = true
        case "0": hasZeros = true
        default: return false
        }
        return true
    }

    /// The text filled up to the width.
    fileprivate func padded(_ text: String, isNumber: Bool) -> String {
        let missing = width - text.count
        guard missing > 0 else { return text }
        let filling = String(repeating: hasZeros && !isLeft && !isNumber ? "0" : " ", count: missing)
        return isLeft ? text + filling : filling + text
    }
}
