package import Corefile
import DNSMessage
import Patterns

// What rules are about in comparison with each other, for whoever checks a Corefile.

extension RewriteRule {
    /// Reads a line of `rewrite` as at setup; nil after a mistake.
    package init?(_ line: Directive, _ diagnostics: inout Diagnostics) {
        var reader = RewriteReader(line, &diagnostics)
        guard let rule = reader.read(&diagnostics) else { return nil }
        self = rule
    }

    /// Whether names become others on their way.
    package var renames: Bool {
        switch action {
        case .name, .response(.alias): true
        case .type, .class, .response, .option: false
        }
    }

    /// Whether the rule changes what later ones look at.
    private var changesQuestion: Bool {
        switch action {
        case .name, .type, .class: true
        case .response, .option: false
        }
    }

    /// Whether every query that `other` is about is one that this is about, `between` having been tried meanwhile.
    package func covers(_ other: RewriteRule, between: some Collection<RewriteRule>) -> Bool {
        let hasAllNames = pattern?.hasAll ?? true
        if hasAllNames, type == nil, self.class == nil { return true }
        guard type == nil || type == other.type, self.class == nil || self.class == other.class else { return false }
        guard hasAllNames || other.pattern.map({ pattern?.covers($0) ?? true }) ?? false else { return false }
        return !between.contains(where: \.changesQuestion)
    }
}

extension NamePattern {
    /// Expressions that are seen to match every name.
    private static let everything: Set<String> = [
        ".*", "(.*)", "^.*$", "^(.*)$", ".+", "(.+)", "^.+$", "^(.+)$",
    ]

    /// Whether it certainly matches every name.
    fileprivate var hasAll: Bool {
        if case .regex(let pattern) = self { Self.everything.contains(pattern.text) } else { false }
    }

    /// Whether it certainly matches every name that `narrow` matches.
    fileprivate func covers(_ narrow: NamePattern) -> Bool {
        switch (self, narrow) {
        case (.exact(let name), .exact(let other)): name == other
        case (.prefix(let start), .exact(let name)): name.text.hasPrefix(start.text)
        case (.prefix(let start), .prefix(let other)): other.text.hasPrefix(start.text)
        case (.suffix(let end), .exact(let name)): name.text.hasSuffix(end.text)
        case (.suffix(let end), .suffix(let other)): other.text.hasSuffix(end.text)
        case (.substring(let part), .exact(let name)), (.substring(let part), .prefix(let name)):
            name.text.contains(part)
        case (.substring(let part), .suffix(let end)): end.text.contains(part)
        case (.substring(let part), .substring(let other)): other.contains(part)
        case (.regex(let pattern), .regex(let other)): pattern.text == other.text
        default: false
        }
    }
}

extension Name {
    /// As patterns compare it.
    fileprivate var text: String { folded.description }
}
