import Corefile
import Expressions
import PluginKit

/// The `var` and `expr` lines of a rule, for one worker.
final class TemplateConditions: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: used on its worker's queue only.
    /// A line of the rule.
    enum Line: Sendable {
        case variable(String, ExpressionWords)
        case condition(ExpressionWords)
    }

    /// What they come to for a query.
    enum Outcome {
        /// All are true; the variables are these.
        case holds([String: TemplateValue])
        /// One is not: as if no regular expression had matched.
        case fails
        /// One has no value.
        case fault
    }

    private enum Step {
        case variable(String, Expression)
        case condition(Expression)
    }

    private let library = QueryLibrary(hasGroups: true)
    private var steps: [Step] = []

    /// Of lines in their order, variables first; mistakes go to the diagnostics.
    init(_ lines: [Line], _ diagnostics: inout Diagnostics) {
        var variables: [(name: String, type: ExpressionType)] = []
        for case .variable(let name, let words) in lines {
            guard let expression = words.read(library, variables: variables, &diagnostics) else { continue }
            variables.append((name, expression.type))
            steps.append(.variable(name, expression))
        }
        for case .condition(let words) in lines {
            guard let expression = words.read(library, variables: variables, &diagnostics) else { continue }
            steps.append(.condition(expression))
        }
    }

    func evaluate(_ match: TemplateMatch, _ query: inout Query) -> Outcome {
        withUnsafeMutablePointer(to: &query) { query in
            let host = TemplateHost(query: query, library: library, match: match)
            var values: [ExpressionValue] = []
            var variables: [String: TemplateValue] = [:]
            for step in steps {
                switch step {
                case .variable(let name, let expression):
                    guard let value = try? expression.evaluate(host, variables: values) else { return .fault }
                    values.append(value)
                    variables[name] = TemplateValue(value)
                case .condition(let expression):
                    guard let value = try? expression.evaluate(host, variables: values) else { return .fault }
                    if value != .boolean(true) { return .fails }
                }
            }
            return .holds(variables)
        }
    }
}

/// A query that matched, as expressions see it.
private struct TemplateHost: ExpressionHost {
    let query: UnsafeMutablePointer<Query>
    let library: QueryLibrary
    let match: TemplateMatch

    func call(_ function: Int, _ arguments: [ExpressionValue]) throws(ExpressionFault) -> ExpressionValue {
        guard QueryLibrary.Function(rawValue: function) == .group else {
            return try library.call(function, arguments, &query.pointee)
        }
        switch arguments[0] {
        case .text(let name): return .text(match.group(name) ?? "")
        case .integer(let number): return .text(match.groups.indices.contains(number) ? match.groups[number] : "")
        default: return .text("")
        }
    }
}

extension TemplateMatch {
    /// What a group took, by its name or number; of several with one name, the last.
    fileprivate func group(_ name: String) -> String? {
        if let index = groupNames.lastIndex(of: name), !name.isEmpty { return groups[index] }
        return Int(name).flatMap { groups.indices.contains($0) ? groups[$0] : nil }
    }
}

extension TemplateValue {
    init(_ value: ExpressionValue) {
        switch value {
        case .nothing: self = .nothing
        case .boolean(let value): self = .boolean(value)
        case .integer(let value): self = .integer(value)
        case .float: self = .text(value.written)
        case .text(let text): self = .text(text)
        case .list(let items): self = .list(items.map(TemplateValue.init))
        }
    }
}
