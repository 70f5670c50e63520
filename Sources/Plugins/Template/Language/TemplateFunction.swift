/// Functions of Go's text/template, and `parseInt`, which CoreDNS adds.
enum TemplateFunction: String {
    case and, or, not, len, index, slice, print, printf, println, eq, ne, lt, le, gt, ge, parseInt

    /// Calls the function; `and` and `or` are carried out where arguments need not all be computed.
    func call(_ arguments: [TemplateValue]) throws(TemplateError) -> TemplateValue {
        switch self {
        case .and, .or: return arguments.last ?? .nothing
        case .not: return .boolean(!(try one(arguments)).isTrue)
        case .len: return .integer(try length(try one(arguments)))
        case .index: return try index(arguments)
        case .slice: return try slice(arguments)
        case .print: return .text(Self.joined(arguments, always: false))
        case .println: return .text(Self.joined(arguments, always: true) + "\n")
        case .printf:
            guard let format = arguments.first else { throw countError("at least 1", 0) }
            guard case .text(let text) = format else { throw TemplateError("the format of printf is no text") }
            return .text(TemplateFormat.format(text, Array(arguments.dropFirst())))
        case .eq: return .boolean(try isEqualToAny(arguments))
        case .ne: return .boolean(!(try isEqual(arguments)))
        case .lt: return .boolean(try compare(arguments) < 0)
        case .le: return .boolean(try compare(arguments) <= 0)
        case .gt: return .boolean(try compare(arguments) > 0)
        case .ge: return .boolean(try compare(arguments) >= 0)
        case .parseInt: return .unsigned(try parsed(arguments))
        }
    }

    func countError(_ wanted: String, _ count: Int) -> TemplateError {
        TemplateError("wrong number of arguments for \(rawValue): want \(wanted) got \(count)")
    }

    private func error(_ text: String) -> TemplateError { TemplateError("error calling \(rawValue): \(text)") }

    private func one(_ arguments: [TemplateValue]) throws(TemplateError) -> TemplateValue {
        guard arguments.count == 1 else { throw countError("1", arguments.count) }
        return arguments[0]
    }

    // MARK: Parts of values

    private func length(_ value: TemplateValue) throws(TemplateError) -> Int {
        switch value {
        case .text(let text): text.utf8.count
        case .list(let values): values.count
        case .map(let values): values.count
        case .nothing, .integer, .unsigned, .boolean, .object: throw error("len of type \(value.typeName)")
        }
    }

    private func index(_ arguments: [TemplateValue]) throws(TemplateError) -> TemplateValue {
        guard var value = arguments.first else { throw countError("at least 1", 0) }
        for key in arguments.dropFirst() {
            switch (value, key) {
            case (.map(let values), .text(let key)): value = values[key] ?? .text("")
            case (.list(let values), _): value = values[try position(key, upTo: values.count - 1)]
            case (.text(let text), _):
                let bytes = Array(text.utf8)
                value = .unsigned(UInt64(bytes[try position(key, upTo: bytes.count - 1)]))
            default: throw error("can't index item of type \(value.typeName) by \(key.typeName)")
            }
        }
        return value
    }

    private func slice(_ arguments: [TemplateValue]) throws(TemplateError) -> TemplateValue {
        guard let value = arguments.first, arguments.count <= 3 else { throw countError("1 to 3", arguments.count) }
        let count = try length(value)
        let start = arguments.count > 1 ? try position(arguments[1], upTo: count) : 0
        let end = arguments.count > 2 ? try position(arguments[2], upTo: count) : count
        guard start <= end else { throw error("invalid slice index: \(start) > \(end)") }
        switch value {
        case .text(let text): return .text(String(decoding: Array(text.utf8)[start..<end], as: UTF8.self))
        case .list(let values): return .list(Array(values[start..<end]))
        default: throw error("can't slice item of type \(value.typeName)")
        }
    }

    private func position(_ value: TemplateValue, upTo last: Int) throws(TemplateError) -> Int {
        guard let number = value.number else { throw error("cannot index with type \(value.typeName)") }
        guard number >= 0, number <= last else { throw error("index out of range: \(number)") }
        return Int(number)
    }

    // MARK: Comparing

    private func isEqual(_ arguments: [TemplateValue]) throws(TemplateError) -> Bool {
        guard arguments.count == 2 else { throw countError("2", arguments.count) }
        return try isEqualToAny(arguments)
    }

    private func isEqualToAny(_ arguments: [TemplateValue]) throws(TemplateError) -> Bool {
        guard let first = arguments.first, arguments.count > 1 else { throw error("missing argument for comparison") }
        for other in arguments.dropFirst() where try isEqual(first, other) { return true }
        return false
    }

    private func isEqual(_ a: TemplateValue, _ b: TemplateValue) throws(TemplateError) -> Bool {
        if let a = a.number, let b = b.number { return a == b }
        switch (a, b) {
        case (.text(let a), .text(let b)): return a.utf8.elementsEqual(b.utf8)
        case (.boolean(let a), .boolean(let b)): return a == b
        case (.nothing, .nothing): return true
        case (.nothing, _), (_, .nothing): return false
        default: throw error("incompatible types for comparison")
        }
    }

    /// Below 0, 0 or above as the first comes before the second.
    private func compare(_ arguments: [TemplateValue]) throws(TemplateError) -> Int {
        guard arguments.count == 2 else { throw countError("2", arguments.count) }
        if let a = arguments[0].number, let b = arguments[1].number { return a < b ? -1 : a > b ? 1 : 0 }
        guard case (.text(let a), .text(let b)) = (arguments[0], arguments[1]) else {
            throw error("incompatible types for comparison")
        }
        return a.utf8.lexicographicallyPrecedes(b.utf8) ? -1 : a.utf8.elementsEqual(b.utf8) ? 0 : 1
    }

    // MARK: Texts

    /// Values one after another, with blanks between them always, or where none of two neighbours is a text.
    private static func joined(_ values: [TemplateValue], always: Bool) -> String {
        var result = ""
        for (index, value) in values.enumerated() {
            if index > 0, always || !(value.isText || values[index - 1].isText) { result += " " }
            result += value.written
        }
        return result
    }

    /// A number without sign in a base, that fits so many bits.
    private func parsed(_ arguments: [TemplateValue]) throws(TemplateError) -> UInt64 {
        guard arguments.count == 3 else { throw countError("3", arguments.count) }
        guard case .text(let text) = arguments[0], let base = arguments[1].number, let bits = arguments[2].number
        else { throw error("wrong type of argument; it takes a text, a base and a number of bits") }
        guard base == 0 || 2...36 ~= base, 0...64 ~= bits else { throw error("invalid base \(base) or bits \(bits)") }
        let (digits, radix) = Self.digits(text, base: Int(base))
        guard digits.first?.isASCII == true, digits.first != "+", digits.first != "-", Int(radix) > 1,
            digits.allSatisfy({ $0.isHexDigit || $0.isLetter })
        else { throw error("parsing \"\(text)\": invalid syntax") }
        guard let number = UInt64(digits, radix: radix) else {
            let isNumber = digits.allSatisfy { Int(String($0), radix: radix) != nil }
            throw error("parsing \"\(text)\": \(isNumber ? "value out of range" : "invalid syntax")")
        }
        guard bits == 0 || bits == 64 || number >> UInt64(bits) == 0 else {
            throw error("parsing \"\(text)\": value out of range")
        }
        return number
    }

    /// The digits behind a prefix such as `0x`, which counts where the base is 0.
    private static func digits(_ text: String, base: Int) -> (Substring, radix: Int) {
        guard base == 0 else { return (text[...], base) }
        switch text.prefix(2).lowercased() {
        case "0x": return (text.dropFirst(2), 16)
        case "0b": return (text.dropFirst(2), 2)
        case "0o": return (text.dropFirst(2), 8)
        default: return text.count > 1 && text.first == "0" ? (text.dropFirst(), 8) : (text[...], 10)
        }
    }
}

extension TemplateValue {
    /// The value of a number of either kind.
    var number: Int128? {
        switch self {
        case .integer(let number): Int128(number)
        case .unsigned(let number): Int128(number)
        default: nil
        }
    }

    fileprivate var isText: Bool {
        if case .text = self { return true }
        return false
    }
}
