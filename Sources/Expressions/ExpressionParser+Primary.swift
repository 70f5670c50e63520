// Literals, names, calls, and what stands behind them.

extension ExpressionParser {
    mutating func primary() throws(ExpressionError) -> Part {
        let start = advance()
        switch start.kind {
        case .integer(let value): return constant(.integer(value), start.range)
        case .float(let value): return constant(.float(value), start.range)
        case .text(let value): return constant(.text(value), start.range)
        case .word(let word): return try name(word, start.range)
        case .sign("("):
            var part = try expression()
            part.range = start.range.lowerBound..<token.range.upperBound
            try expect(")", "behind the expression")
            return part
        case .sign("["): return try list(start.range.lowerBound)
        case .sign("#"), .sign("#acc"), .sign("#index"): return try pound(start)
        case .sign("{"):
            throw ExpressionError(
                "maps are not built into clusterdns", at: start.range, hint: "a list is written in brackets")
        default: throw ExpressionError("unexpected \(described(start))", at: start.range)
        }
    }

    private func constant(_ value: ExpressionValue, _ range: Range<Int>) -> Part {
        Part(node: .constant(value), type: value.type, range: range)
    }

    private mutating func name(_ word: String, _ range: Range<Int>) throws(ExpressionError) -> Part {
        switch word {
        case "true", "false": return constant(.boolean(word == "true"), range)
        case "nil": return constant(.nothing, range)
        default: break
        }
        if token.kind == .sign("(") { return try call(word, range, first: nil) }
        if let binding = bindings.last(where: { $0.name == word }) {
            return Part(node: .slot(binding.slot), type: binding.type, range: range)
        }
        if library.functions.contains(where: { $0.name == word }) {
            throw ExpressionError("'\(word)' is a function", at: range, hint: "write \(word)()")
        }
        throw ExpressionError("unknown name '\(word)'", at: range, hint: suggestion(for: word))
    }

    private mutating func list(_ start: Int) throws(ExpressionError) -> Part {
        var items: [Part] = []
        while token.kind != .sign("]") {
            items.append(try expression())
            guard take(",") else { break }
        }
        let end = token.range.upperBound
        try expect("]", "behind the list")
        let type = items.dropFirst().reduce(items.first?.type ?? .any) { $0.joined($1.type) }
        var constants: [ExpressionValue] = []
        for item in items { if case .constant(let value) = item.node { constants.append(value) } }
        return Part(
            node: constants.count == items.count ? .constant(.list(constants)) : .list(items.map(\.node)),
            type: .list(type), range: start..<end)
    }

    /// The item that a predicate is about.
    private func pound(_ sign: ExpressionToken) throws(ExpressionError) -> Part {
        guard case .sign(let name) = sign.kind, let binding = bindings.last(where: { $0.name == name }) else {
            throw ExpressionError(
                "\(described(sign)) has a meaning only in a predicate", at: sign.range,
                hint: "such as any([1, 2], # > 1)")
        }
        return Part(node: .slot(binding.slot), type: binding.type, range: sign.range)
    }

    /// `[1]`, `[1:3]`.
    mutating func suffixes(of first: Part) throws(ExpressionError) -> Part {
        var part = first
        while true {
            if token.kind == .sign(".") || token.kind == .sign("?.") {
                throw ExpressionError("a \(part.type) has no fields", at: token.range)
            }
            guard take("[") else { return part }
            guard part.type.isList || part.type == .text else {
                throw ExpressionError("a \(part.type) has no items", at: part.range)
            }
            let from = token.kind == .sign(":") ? nil : try position()
            if take(":") {
                let to = token.kind == .sign("]") ? nil : try position()
                part.node = .slice(part.node, from: from?.node, to: to?.node)
            } else if let from {
                part.node = .index(part.node, from.node)
                part.type = part.type == .text ? .text : part.type.item
            }
            part.range = part.range.lowerBound..<token.range.upperBound
            try expect("]", "behind the number of the item")
        }
    }

    private mutating func position() throws(ExpressionError) -> Part {
        let part = try expression()
        try check(part, .integer, "the number of an item")
        return part
    }

    // MARK: Calls

    /// A call whose name was read; `first` is an argument in front of those in parentheses.
    mutating func call(_ name: String, _ place: Range<Int>, first: Part?) throws(ExpressionError) -> Part {
        let isOfLibrary = library.functions.contains { $0.name == name }
        if !isOfLibrary, let iteration = Iteration(rawValue: name) {
            return try iterated(iteration, place, first: first)
        }
        guard isOfLibrary || Builtin(rawValue: name) != nil else {
            throw ExpressionError("unknown function '\(name)'", at: place, hint: suggestion(for: name))
        }
        let (arguments, end) = try arguments(first)
        let range = (first?.range.lowerBound ?? place.lowerBound)..<end
        if isOfLibrary { return try libraryCall(name, place, arguments, range) }
        guard let builtin = Builtin(rawValue: name) else {
            throw ExpressionError("unknown function '\(name)'", at: place)
        }
        let type = try builtin.check(arguments, at: place)
        return Part(node: .builtin(builtin, arguments.map(\.node)), type: type, range: range)
    }

    private mutating func arguments(_ first: Part?) throws(ExpressionError) -> ([Part], end: Int) {
        var arguments = first.map { [$0] } ?? []
        try expect("(", "behind the name of the function")
        while token.kind != .sign(")") {
            arguments.append(try expression())
            guard take(",") else { break }
        }
        let end = token.range.upperBound
        try expect(")", "behind the arguments")
        return (arguments, end)
    }

    private func libraryCall(
        _ name: String, _ place: Range<Int>, _ arguments: [Part], _ range: Range<Int>
    ) throws(ExpressionError) -> Part {
        let named = library.functions.indices.filter { library.functions[$0].name == name }
        guard let index = named.first(where: { library.functions[$0].parameters.count == arguments.count }) else {
            let counts = named.map { "\(library.functions[$0].parameters.count)" }.joined(separator: " or ")
            throw ExpressionError("\(name)() takes \(counts) arguments, not \(arguments.count)", at: place)
        }
        let function = library.functions[index]
        for (argument, type) in zip(arguments, function.parameters) { try check(argument, type, "\(name)()") }
        var node = ExpressionNode.call(index, arguments.map(\.node))
        do throws(ExpressionFault) {
            if let fused = try library.fused(index, arguments.map { Self.fusable($0.node) }) {
                node = .call(fused, [])
            }
        } catch {
            throw ExpressionError(error.description, at: arguments.last?.range ?? place)
        }
        return Part(node: node, type: function.result, range: range)
    }

    private static func fusable(_ node: ExpressionNode) -> FusedArgument {
        switch node {
        case .constant(let value): .constant(value)
        case .call(let index, let arguments) where arguments.isEmpty: .function(index)
        default: .other
        }
    }

    /// `any(list, # > 1)`: braces around the predicate may be left out.
    private mutating func iterated(
        _ iteration: Iteration, _ place: Range<Int>, first: Part?
    ) throws(ExpressionError) -> Part {
        try expect("(", "behind the name of the function")
        var list = first
        if list == nil {
            list = try expression()
            try expect(",", "in front of the predicate of \(iteration.rawValue)()")
        }
        guard let list, list.type.isList else {
            let range = list?.range ?? place
            throw ExpressionError("\(iteration.rawValue)() takes a list", at: range)
        }
        let slot = makeSlots(3)
        let names: [(String, ExpressionType)] = [("#", list.type.item), ("#index", .integer), ("#acc", .any)]
        for (offset, (name, type)) in names.enumerated() {
            bindings.append(Binding(name: name, slot: slot + offset, type: type))
        }
        let hasBraces = take("{")
        let predicate = try expression()
        if hasBraces { try expect("}", "behind the predicate") }
        bindings.removeLast(names.count)
        let start = iteration == .reduce && take(",") ? try expression() : nil
        let end = token.range.upperBound
        try expect(")", "behind the predicate")
        if iteration != .map, iteration != .reduce {
            try check(predicate, .boolean, "the predicate of \(iteration.rawValue)()")
        }
        return Part(
            node: .iteration(iteration, list.node, predicate.node, start: start?.node, slot: slot),
            type: iteration.type(list.type, predicate.type), range: place.lowerBound..<end)
    }

    private func suggestion(for word: String) -> String? {
        let names =
            library.functions.map { "\($0.name)()" } + bindings.map(\.name)
            + Builtin.allCases.map { "\($0.rawValue)()" } + Iteration.allCases.map { "\($0.rawValue)()" }
        let close = names.map { ($0, distance(word, $0.hasSuffix("()") ? String($0.dropLast(2)) : $0)) }
            .min { $0.1 < $1.1 }
        guard let close, close.1 <= max(1, word.count / 2) else { return nil }
        return "did you mean '\(close.0)'?"
    }

    /// Letters to change, add or take away to make one word of the other.
    private func distance(_ a: String, _ b: String) -> Int {
        let (a, b) = (Array(a.lowercased().utf8), Array(b.lowercased().utf8))
        var row = Array(0...b.count)
        for (i, left) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, right) in b.enumerated() {
                let next = min(row[j] + 1, row[j + 1] + 1, diagonal + (left == right ? 0 : 1))
                diagonal = row[j + 1]
                row[j + 1] = next
            }
        }
        return row[b.count]
    }
}

extension Iteration {
    func type(_ list: ExpressionType, _ predicate: ExpressionType) -> ExpressionType {
        switch self {
        case .all, .any, .one, .none: .boolean
        case .map: .list(predicate)
        case .filter: list == .any ? .list(.any) : list
        case .find, .findLast: list.item
        case .findIndex, .findLastIndex, .count: .integer
        case .reduce: .any
        }
    }
}
