import Corefile
import Expressions
import PluginKit
import Telemetry

// The lines `var` and `expr`.

extension TemplateKind {
    /// Reads them all, variables first, once for each worker.
    static func readConditions(_ lines: [Directive], into rule: inout TemplateRule, _ setup: inout Setup) {
        var conditions: [TemplateConditions.Line] = []
        for line in lines where line.name.text == "var" {
            guard line.hasNoBlock(&setup.diagnostics),
                line.hasArguments(2..., usage: "var NAME EXPRESSION", &setup.diagnostics),
                isVariableName(line.arguments[0], rule.variables, &setup.diagnostics)
            else { continue }
            rule.variables.append(line.arguments[0].text)
            conditions.append(.variable(line.arguments[0].text, ExpressionWords(line.arguments.dropFirst())))
        }
        for line in lines where line.name.text == "expr" {
            guard line.hasNoBlock(&setup.diagnostics),
                line.hasArguments(1..., usage: "expr EXPRESSION", &setup.diagnostics)
            else { continue }
            conditions.append(.condition(ExpressionWords(line.arguments)))
        }
        guard !conditions.isEmpty else { return }
        rule.conditions = (0..<setup.metrics.workers).map { _ in TemplateConditions(conditions, &setup.diagnostics) }
    }

    private static func isVariableName(
        _ word: Word, _ known: [String], _ diagnostics: inout Diagnostics
    ) -> Bool {
        guard word.text.wholeMatch(of: #/[A-Za-z_][A-Za-z0-9_]*/#) != nil else {
            diagnostics.error(
                at: word, "invalid variable name \(word.quoted)", hint: "a name has letters, digits and underscores")
            return false
        }
        guard !Expression.isReserved(word.text), !QueryLibrary.names.contains(word.text) else {
            diagnostics.error(at: word, "the variable name \(word.quoted) is reserved")
            return false
        }
        guard !known.contains(word.text) else {
            diagnostics.error(at: word, "there is a variable \(word.quoted) already")
            return false
        }
        return true
    }
}
