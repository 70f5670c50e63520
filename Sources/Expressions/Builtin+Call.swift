extension Builtin {
    /// Calls the function. What an argument may be was checked as far as it was known; the rest is a fault.
    func call(_ arguments: [ExpressionValue]) throws(ExpressionFault) -> ExpressionValue {
        switch self {
        case .abs, .ceil, .floor, .round, .max, .min, .int, .float: return try number(arguments)
        case .bitand, .bitor, .bitxor, .bitshl, .bitshr: return try bits(arguments)
        case .sum, .mean, .median, .first, .last, .take, .get, .sort, .reverse, .uniq, .concat, .join:
            return try list(arguments)
        case .len:
            switch arguments[0] {
            case .text(let text): return .integer(text.unicodeScalars.count)
            case .list(let items): return .integer(items.count)
            default: throw fault(arguments[0])
            }
        case .string: return .text(arguments[0].written)
        case .type:
            return .text(arguments[0].type.isList && arguments[0].type != .any ? "array" : "\(arguments[0].type)")
        default: return try text(arguments)
        }
    }

    private func fault(_ value: ExpressionValue) -> ExpressionFault {
        ExpressionFault("\(rawValue)() does not take a \(value.type)")
    }

    private func textArgument(_ value: ExpressionValue) throws(ExpressionFault) -> String {
        guard case .text(let text) = value else { throw fault(value) }
        return text
    }

    private func integerArgument(_ value: ExpressionValue) throws(ExpressionFault) -> Int {
        guard case .integer(let number) = value else { throw fault(value) }
        return number
    }

    // MARK: Texts

    private func text(_ arguments: [ExpressionValue]) throws(ExpressionFault) -> ExpressionValue {
        let text = try textArgument(arguments[0])
        switch self {
        case .lower: return .text(text.lowercased())
        case .upper: return .text(text.uppercased())
        case .trim: return .text(Self.trimmed(text, arguments.count > 1 ? try textArgument(arguments[1]) : nil))
        case .trimPrefix:
            let prefix = try textArgument(arguments[1])
            return .text(text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text)
        case .trimSuffix:
            let suffix = try textArgument(arguments[1])
            return .text(text.hasSuffix(suffix) ? String(text.dropLast(suffix.count)) : text)
        case .hasPrefix: return .boolean(text.hasPrefix(try textArgument(arguments[1])))
        case .hasSuffix: return .boolean(text.hasSuffix(try textArgument(arguments[1])))
        case .indexOf: return .integer(Self.offset(of: try textArgument(arguments[1]), in: text, fromEnd: false))
        case .lastIndexOf: return .integer(Self.offset(of: try textArgument(arguments[1]), in: text, fromEnd: true))
        case .split, .splitAfter: return try parts(of: text, arguments)
        case .replace: return try replaced(text, arguments)
        case .repeat:
            let count = try integerArgument(arguments[1])
            guard count >= 0,
                text.utf8.count.multipliedReportingOverflow(by: count).partialValue
                    <= ExpressionLimits.textMax, count <= ExpressionLimits.textMax
            else { throw ExpressionFault("the string would be too long") }
            return .text(String(repeating: text, count: count))
        default: throw fault(arguments[0])
        }
    }

    private static func trimmed(_ text: String, _ characters: String?) -> String {
        func isTrimmed(_ character: Character) -> Bool { characters?.contains(character) ?? character.isWhitespace }
        var rest = text[...]
        while let first = rest.first, isTrimmed(first) { rest.removeFirst() }
        while let last = rest.last, isTrimmed(last) { rest.removeLast() }
        return String(rest)
    }

    /// In bytes; -1 if it is not there.
    private static func offset(of part: String, in text: String, fromEnd: Bool) -> Int {
        let (bytes, wanted) = (Array(text.utf8), Array(part.utf8))
        guard wanted.count <= bytes.count else { return -1 }
        let places = Array(0...bytes.count - wanted.count)
        let found = { (place: Int) in bytes[place..<place + wanted.count].elementsEqual(wanted) }
        return (fromEnd ? places.last(where: found) : places.first(where: found)) ?? -1
    }

    private func parts(of text: String, _ arguments: [ExpressionValue]) throws(ExpressionFault) -> ExpressionValue {
        let separator = try textArgument(arguments[1])
        let limit = arguments.count > 2 ? try integerArgument(arguments[2]) : -1
        guard limit != 0 else { return .list([]) }
        guard !separator.isEmpty else { return .list(text.map { .text(String($0)) }) }
        var parts: [ExpressionValue] = []
        var rest = text[...]
        while limit < 0 || parts.count < limit - 1, let range = rest.firstRange(of: separator) {
            parts.append(.text(String(rest[..<(self == .splitAfter ? range.upperBound : range.lowerBound)])))
            rest = rest[range.upperBound...]
            guard parts.count < ExpressionLimits.itemsMax else { throw ExpressionRun.tooManyItems }
        }
        return .list(parts + [.text(String(rest))])
    }

    private func replaced(_ text: String, _ arguments: [ExpressionValue]) throws(ExpressionFault) -> ExpressionValue {
        let (old, new) = (try textArgument(arguments[1]), try textArgument(arguments[2]))
        guard !old.isEmpty else { return .text(text) }
        let result = text.replacing(old, with: new)
        guard result.utf8.count <= ExpressionLimits.textMax else { throw ExpressionRun.tooLong }
        return .text(result)
    }

    // MARK: Numbers

    private func number(_ arguments: [ExpressionValue]) throws(ExpressionFault) -> ExpressionValue {
        switch (self, arguments[0]) {
        case (.int, .text(let text)):
            guard let value = Int(text) else { throw ExpressionFault("int() cannot read '\(text)'") }
            return .integer(value)
        case (.float, .text(let text)):
            guard let value = Double(text) else { throw ExpressionFault("float() cannot read '\(text)'") }
            return .float(value)
        case (.abs, .integer(let value)): return .integer(value == .min ? .max : Swift.abs(value))
        case (.max, _), (.min, _):
            var best = arguments[0]
            for value in arguments.dropFirst() {
                guard let a = value.number, let b = best.number else { throw fault(value) }
                if self == .max ? a > b : a < b { best = value }
            }
            return best
        default: break
        }
        guard let value = arguments[0].number else { throw fault(arguments[0]) }
        switch self {
        case .int:
            guard let whole = Int(exactly: value.rounded(.towardZero)) else {
                throw ExpressionFault("\(value) is too large for an int")
            }
            return .integer(whole)
        case .abs: return .float(Swift.abs(value))
        case .ceil: return .float(value.rounded(.up))
        case .floor: return .float(value.rounded(.down))
        case .round: return .float(value.rounded(.toNearestOrAwayFromZero))
        default: return .float(value)
        }
    }

    private func bits(_ arguments: [ExpressionValue]) throws(ExpressionFault) -> ExpressionValue {
        let (a, b) = (try integerArgument(arguments[0]), try integerArgument(arguments[1]))
        switch self {
        case .bitand: return .integer(a & b)
        case .bitor: return .integer(a | b)
        case .bitxor: return .integer(a ^ b)
        default:
            guard b >= 0 else { throw ExpressionFault("\(rawValue)() does not take a negative number of bits") }
            return .integer(self == .bitshl ? a << b : a >> b)
        }
    }

    // MARK: Lists

    private func list(_ arguments: [ExpressionValue]) throws(ExpressionFault) -> ExpressionValue {
        guard case .list(let items) = arguments[0] else { throw fault(arguments[0]) }
        switch self {
        case .first: return items.first ?? .nothing
        case .last: return items.last ?? .nothing
        case .get:
            let index = try integerArgument(arguments[1])
            return items.indices.contains(index) ? items[index] : .nothing
        case .take: return .list(Array(items.prefix(Swift.max(0, try integerArgument(arguments[1])))))
        case .reverse: return .list(items.reversed())
        case .uniq: return .list(try unique(items))
        case .sort: return try sorted(items, arguments)
        case .join: return try joined(items, arguments)
        case .concat:
            var all = items
            for argument in arguments.dropFirst() {
                guard case .list(let more) = argument else { throw fault(argument) }
                all += more
                guard all.count <= ExpressionLimits.itemsMax else { throw ExpressionRun.tooManyItems }
            }
            return .list(all)
        default: return try statistic(items)
        }
    }

    private func unique(_ items: [ExpressionValue]) throws(ExpressionFault) -> [ExpressionValue] {
        var found: [ExpressionValue] = []
        for item in items where !found.contains(item) {
            guard found.count < ExpressionLimits.depthMax * 16 else { throw ExpressionRun.tooManyItems }
            found.append(item)
        }
        return found
    }

    private func sorted(
        _ items: [ExpressionValue], _ arguments: [ExpressionValue]
    ) throws(ExpressionFault) -> ExpressionValue {
        let isDescending = arguments.count > 1 ? try textArgument(arguments[1]) == "desc" : false
        let areNumbers = items.allSatisfy { $0.number != nil }
        guard areNumbers || items.allSatisfy({ $0.type == .text }) else {
            throw ExpressionFault("sort() takes numbers or strings")
        }
        let sorted = items.sorted { left, right in
            if let a = left.number, let b = right.number { return a < b }
            return left.written.utf8.lexicographicallyPrecedes(right.written.utf8)
        }
        return .list(isDescending ? sorted.reversed() : sorted)
    }

    private func joined(
        _ items: [ExpressionValue], _ arguments: [ExpressionValue]
    ) throws(ExpressionFault) -> ExpressionValue {
        let separator = arguments.count > 1 ? try textArgument(arguments[1]) : ""
        var text = ""
        for (index, item) in items.enumerated() {
            if index > 0 { text += separator }
            text += try textArgument(item)
            guard text.utf8.count <= ExpressionLimits.textMax else { throw ExpressionRun.tooLong }
        }
        return .text(text)
    }

    private func statistic(_ items: [ExpressionValue]) throws(ExpressionFault) -> ExpressionValue {
        var numbers: [Double] = []
        for item in items {
            guard let number = item.number else { throw fault(item) }
            numbers.append(number)
        }
        let sum = numbers.reduce(0, +)
        switch self {
        case .sum:
            let areIntegers = items.allSatisfy { $0.type == .integer }
            if areIntegers, let whole = Int(exactly: sum) { return .integer(whole) }
            return .float(sum)
        case .mean: return .float(numbers.isEmpty ? 0 : sum / Double(numbers.count))
        default:
            guard !numbers.isEmpty else { return .float(0) }
            numbers.sort()
            let middle = numbers.count / 2
            return .float(numbers.count % 2 == 1 ? numbers[middle] : (numbers[middle - 1] + numbers[middle]) / 2)
        }
    }
}
