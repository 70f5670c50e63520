import Patterns

/// One evaluation of an expression.
struct ExpressionRun {
    private let host: any ExpressionHost
    private var slots: [ExpressionValue]
    private var steps = 0

    static let tooLong = ExpressionFault("the string would be too long")
    static let tooManyItems = ExpressionFault("the list would be too long")

    init(_ host: any ExpressionHost, _ variables: [ExpressionValue], slotCount: Int) {
        self.host = host
        slots = variables
        while slots.count < slotCount { slots.append(.nothing) }
    }

    mutating func value(_ node: ExpressionNode) throws(ExpressionFault) -> ExpressionValue {
        steps += 1
        guard steps <= ExpressionLimits.stepsMax else { throw ExpressionFault("the expression takes too many steps") }
        switch node {
        case .constant(let value): return value
        case .slot(let slot): return slots[slot]
        case .list(let nodes): return .list(try values(nodes))
        case .not(let node): return .boolean(!(try truth(node)))
        case .negated(let node): return try negated(try value(node))
        case .binary(let sign, let left, let right): return try binary(sign, left, right)
        case .matches(let node, let pattern): return .boolean(pattern.matches(try text(node)))
        case .conditional(let condition, let then, let otherwise):
            return try value(try truth(condition) ? then : otherwise)
        case .index(let list, let position): return try item(try value(position), of: try value(list))
        case .slice(let list, let from, let to): return try slice(list, from, to)
        case .call(let function, let arguments):
            return try host.call(function, arguments.isEmpty ? [] : try values(arguments))
        case .builtin(let builtin, let arguments): return try builtin.call(try values(arguments))
        case .iteration(let iteration, let list, let predicate, let start, let slot):
            return try iterate(iteration, list, predicate, start, slot)
        case .binding(let slot, let value, let body):
            slots[slot] = try self.value(value)
            return try self.value(body)
        }
    }

    private mutating func values(_ nodes: [ExpressionNode]) throws(ExpressionFault) -> [ExpressionValue] {
        var values: [ExpressionValue] = []
        values.reserveCapacity(nodes.count)
        for node in nodes { values.append(try value(node)) }
        return values
    }

    private mutating func truth(_ node: ExpressionNode) throws(ExpressionFault) -> Bool {
        let value = try value(node)
        guard case .boolean(let truth) = value else {
            throw ExpressionFault("a \(value.type) is neither true nor false")
        }
        return truth
    }

    private mutating func text(_ node: ExpressionNode) throws(ExpressionFault) -> String {
        let value = try value(node)
        guard case .text(let text) = value else { throw ExpressionFault("a \(value.type) is no string") }
        return text
    }

    // MARK: Operators

    private mutating func binary(
        _ sign: BinaryOperator, _ left: ExpressionNode, _ right: ExpressionNode
    ) throws(ExpressionFault) -> ExpressionValue {
        switch sign {
        case .or:
            if try truth(left) { return .boolean(true) }
            return .boolean(try truth(right))
        case .and:
            if !(try truth(left)) { return .boolean(false) }
            return .boolean(try truth(right))
        case .coalesce:
            let first = try value(left)
            return first == .nothing ? try value(right) : first
        case .matches: return .boolean(try pattern(right).matches(try text(left)))
        case .contains: return .boolean(Self.contains(try text(left), try text(right)))
        case .startsWith: return .boolean(try text(left).utf8.starts(with: try text(right).utf8))
        case .endsWith: return .boolean(try text(left).utf8.reversed().starts(with: try text(right).utf8.reversed()))
        default: return try Self.computed(sign, try value(left), try value(right))
        }
    }

    private mutating func pattern(_ node: ExpressionNode) throws(ExpressionFault) -> GoPattern {
        let text = try text(node)
        guard text.utf8.count <= ExpressionLimits.patternMax, let pattern = try? GoPattern(text) else {
            throw ExpressionFault("'\(text.prefix(100))' is no regular expression")
        }
        return pattern
    }

    private static func contains(_ text: String, _ part: String) -> Bool {
        part.isEmpty || text.firstRange(of: part) != nil
    }

    private static func computed(
        _ sign: BinaryOperator, _ left: ExpressionValue, _ right: ExpressionValue
    ) throws(ExpressionFault) -> ExpressionValue {
        switch sign {
        case .equal: return .boolean(left == right)
        case .notEqual: return .boolean(left != right)
        case .less: return .boolean(try order(left, right) < 0)
        case .lessOrEqual: return .boolean(try order(left, right) <= 0)
        case .greater: return .boolean(try order(left, right) > 0)
        case .greaterOrEqual: return .boolean(try order(left, right) >= 0)
        case .in: return .boolean(try isIn(left, right))
        case .range:
            guard case (.integer(let first), .integer(let last)) = (left, right) else { throw fault(sign, left, right) }
            return .list(try range(first, last))
        default: return try arithmetic(sign, left, right)
        }
    }

    private static func fault(
        _ sign: BinaryOperator, _ left: ExpressionValue, _ right: ExpressionValue
    ) -> ExpressionFault {
        ExpressionFault("'\(sign.rawValue)' does not go with a \(left.type) and a \(right.type)")
    }

    /// Below 0, 0 or above as the first comes before the second.
    private static func order(_ left: ExpressionValue, _ right: ExpressionValue) throws(ExpressionFault) -> Int {
        if case (.integer(let a), .integer(let b)) = (left, right) { return a < b ? -1 : a == b ? 0 : 1 }
        if let a = left.number, let b = right.number { return a < b ? -1 : a == b ? 0 : 1 }
        guard case (.text(let a), .text(let b)) = (left, right) else { throw fault(.less, left, right) }
        return a.utf8.lexicographicallyPrecedes(b.utf8) ? -1 : a.utf8.elementsEqual(b.utf8) ? 0 : 1
    }

    private static func isIn(_ left: ExpressionValue, _ right: ExpressionValue) throws(ExpressionFault) -> Bool {
        switch (left, right) {
        case (_, .list(let items)): return items.contains(left)
        case (.text(let part), .text(let text)): return contains(text, part)
        case (_, .nothing): return false
        default: throw fault(.in, left, right)
        }
    }

    /// The numbers from one to another, both included.
    static func range(_ first: Int, _ last: Int) throws(ExpressionFault) -> [ExpressionValue] {
        guard first <= last else { return [] }
        guard last.subtractingReportingOverflow(first).partialValue < ExpressionLimits.itemsMax,
            !last.subtractingReportingOverflow(first).overflow
        else { throw tooManyItems }
        return (first...last).map { .integer($0) }
    }

    private static func arithmetic(
        _ sign: BinaryOperator, _ left: ExpressionValue, _ right: ExpressionValue
    ) throws(ExpressionFault) -> ExpressionValue {
        switch (sign, left, right) {
        case (.add, .text(let a), .text(let b)):
            guard a.utf8.count + b.utf8.count <= ExpressionLimits.textMax else { throw tooLong }
            return .text(a + b)
        case (.add, .integer(let a), .integer(let b)): return .integer(a &+ b)
        case (.subtract, .integer(let a), .integer(let b)): return .integer(a &- b)
        case (.multiply, .integer(let a), .integer(let b)): return .integer(a &* b)
        case (.remainder, .integer(let a), .integer(let b)):
            guard b != 0 else { throw ExpressionFault("division by zero") }
            return .integer(b == -1 ? 0 : a % b)
        default: break
        }
        guard let a = left.number, let b = right.number else { throw fault(sign, left, right) }
        switch sign {
        case .add: return .float(a + b)
        case .subtract: return .float(a - b)
        case .multiply: return .float(a * b)
        case .divide: return .float(a / b)
        case .power: return .float(try power(a, b))
        default: throw fault(sign, left, right)
        }
    }

    /// Powers with whole exponents; roots have no use in DNS.
    private static func power(_ base: Double, _ exponent: Double) throws(ExpressionFault) -> Double {
        guard let count = Int(exactly: exponent), abs(count) <= 1_024 else {
            throw ExpressionFault("'**' takes a whole exponent up to 1024")
        }
        let product = (0..<abs(count)).reduce(1.0) { value, _ in value * base }
        return count < 0 ? 1 / product : product
    }

    private func negated(_ value: ExpressionValue) throws(ExpressionFault) -> ExpressionValue {
        switch value {
        case .integer(let number): return .integer(0 &- number)
        case .float(let number): return .float(-number)
        default: throw ExpressionFault("a \(value.type) is no number")
        }
    }

    // MARK: Lists

    /// Negative positions count from the end.
    private func item(
        _ position: ExpressionValue, of list: ExpressionValue
    ) throws(ExpressionFault) -> ExpressionValue {
        guard case .integer(let number) = position else { throw ExpressionFault("a \(position.type) is no position") }
        switch list {
        case .list(let items):
            let index = number < 0 ? items.count &+ number : number
            guard items.indices.contains(index) else { throw ExpressionFault("there is no item \(number)") }
            return items[index]
        case .text(let text):
            let bytes = Array(text.utf8)
            let index = number < 0 ? bytes.count &+ number : number
            guard bytes.indices.contains(index) else { throw ExpressionFault("there is no item \(number)") }
            return .text(String(decoding: [bytes[index]], as: UTF8.self))
        default: throw ExpressionFault("a \(list.type) has no items")
        }
    }

    private mutating func slice(
        _ list: ExpressionNode, _ from: ExpressionNode?, _ to: ExpressionNode?
    ) throws(ExpressionFault) -> ExpressionValue {
        let list = try value(list)
        let count: Int
        switch list {
        case .list(let items): count = items.count
        case .text(let text): count = text.utf8.count
        default: throw ExpressionFault("a \(list.type) has no items")
        }
        let start = try bound(from, or: 0, count)
        let end = Swift.max(start, try bound(to, or: count, count))
        switch list {
        case .list(let items): return .list(Array(items[start..<end]))
        case .text(let text): return .text(String(decoding: Array(text.utf8)[start..<end], as: UTF8.self))
        default: return list
        }
    }

    private mutating func bound(
        _ node: ExpressionNode?, or usual: Int, _ count: Int
    ) throws(ExpressionFault) -> Int {
        guard let node else { return usual }
        let value = try value(node)
        guard case .integer(let number) = value else { throw ExpressionFault("a \(value.type) is no position") }
        return Swift.min(Swift.max(number < 0 ? count &+ number : number, 0), count)
    }

    // MARK: Predicates

    private mutating func iterate(
        _ iteration: Iteration, _ list: ExpressionNode, _ predicate: ExpressionNode, _ start: ExpressionNode?,
        _ slot: Int
    ) throws(ExpressionFault) -> ExpressionValue {
        let value = try value(list)
        guard case .list(let items) = value else { throw ExpressionFault("a \(value.type) is no list") }
        if iteration == .map { return .list(try mapped(items, predicate, slot)) }
        if iteration == .reduce { return try reduced(items, predicate, start, slot) }
        var matching: [Int] = []
        for index in items.indices {
            set(slot, items[index], index)
            guard try truth(predicate) else {
                if iteration == .all { return .boolean(false) }
                continue
            }
            matching.append(index)
            switch iteration {
            case .any: return .boolean(true)
            case .none: return .boolean(false)
            case .find: return items[index]
            case .findIndex: return .integer(index)
            default: break
            }
        }
        return Self.result(iteration, items, matching)
    }

    private static func result(
        _ iteration: Iteration, _ items: [ExpressionValue], _ matching: [Int]
    ) -> ExpressionValue {
        switch iteration {
        case .all, .none: .boolean(true)
        case .any: .boolean(false)
        case .one: .boolean(matching.count == 1)
        case .filter: .list(matching.map { items[$0] })
        case .count: .integer(matching.count)
        case .findLast: matching.last.map { items[$0] } ?? .nothing
        case .findLastIndex: .integer(matching.last ?? -1)
        case .findIndex: .integer(-1)
        case .find, .map, .reduce: .nothing
        }
    }

    private mutating func set(_ slot: Int, _ item: ExpressionValue, _ index: Int) {
        slots[slot] = item
        slots[slot + 1] = .integer(index)
    }

    private mutating func mapped(
        _ items: [ExpressionValue], _ body: ExpressionNode, _ slot: Int
    ) throws(ExpressionFault) -> [ExpressionValue] {
        var results: [ExpressionValue] = []
        for index in items.indices {
            set(slot, items[index], index)
            results.append(try value(body))
        }
        return results
    }

    private mutating func reduced(
        _ items: [ExpressionValue], _ body: ExpressionNode, _ start: ExpressionNode?, _ slot: Int
    ) throws(ExpressionFault) -> ExpressionValue {
        var rest = items.indices
        var result = try start.map { node throws(ExpressionFault) in try value(node) } ?? items.first ?? .nothing
        if start == nil { rest = rest.dropFirst() }
        for index in rest {
            set(slot, items[index], index)
            slots[slot + 2] = result
            result = try value(body)
        }
        return result
    }
}
