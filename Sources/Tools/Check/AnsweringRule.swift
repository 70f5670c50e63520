import Corefile
import DNSMessage
import Plugins

/// A line that answers queries, and which of them it leaves to lines behind it.
struct AnsweringRule {
    /// What it leaves to others, of the queries in its zones.
    enum Rest: Equatable {
        case nothing
        /// Those in these zones, perhaps.
        case zones([Name])
        /// Any, perhaps.
        case anything
    }

    let plugin: String
    let word: Word
    /// Where it answers.
    let zones: [Name]
    /// Nil for all.
    var type: RecordType?
    var rest: Rest
    /// Whether it also answers outside of its zones: `hosts` has the names of all its addresses.
    var answersReverse = false

    /// Whether no query for a name in `zone` passes it; of `hosts`, none but PTR queries.
    func ends(_ zone: Name, type other: RecordType?) -> Bool {
        if plugin == "hosts", other == .ptr { return false }
        guard type == nil || type == other, zones.contains(where: { zone.isSubdomain(of: $0) }) else { return false }
        switch rest {
        case .nothing: return true
        case .anything: return false
        case .zones(let passed): return !passed.contains { $0.meets(zone) }
        }
    }
}

extension CheckedBlock {
    /// Plugins that answer queries, in the order of the registry.
    static let answering: Set<String> = [
        "local", "any", "chaos", "acl", "template", "hosts", "k8s_external", "kubernetes", "file", "auto", "forward",
        "erratic", "whoami",
    ]

    /// Every line that answers, in the order in which queries meet them.
    func answeringRules(_ order: [String]) -> [AnsweringRule] {
        order.flatMap { plugin -> [AnsweringRule] in
            if plugin == "acl" { return aclEnd.map { [$0] } ?? [] }
            return directives(plugin).compactMap { rule(plugin, $0) }
        }
    }

    private func rule(_ plugin: String, _ line: Directive) -> AnsweringRule? {
        let words = line.arguments
        switch plugin {
        case "template": return template(line)
        case "hosts":
            return AnsweringRule(
                plugin: plugin, word: line.name, zones: zones(words.dropFirst()), rest: rest(line),
                answersReverse: !line.has("no_reverse"))
        case "k8s_external", "kubernetes":
            return AnsweringRule(plugin: plugin, word: line.name, zones: zones(words), rest: rest(line))
        case "file":
            return AnsweringRule(plugin: plugin, word: line.name, zones: zones(words.dropFirst()), rest: rest(line))
        case "auto":
            // Which zones there are, its directory says.
            return AnsweringRule(plugin: plugin, word: line.name, zones: zones(words), rest: .anything)
        case "forward":
            let isFinal = !line.has("next") && !line.has("next_on_nodata")
            let exceptions = line.options("except").flatMap(\.arguments).flatMap(\.names)
            return AnsweringRule(
                plugin: plugin, word: line.name, zones: zones(words.prefix(1)),
                rest: isFinal ? (exceptions.isEmpty ? .nothing : .zones(exceptions)) : .anything)
        case "erratic", "whoami":
            return AnsweringRule(plugin: plugin, word: line.name, zones: [.root], rest: .nothing)
        default: return nil
        }
    }

    private func rest(_ line: Directive) -> AnsweringRule.Rest {
        // The last line counts, as at setup.
        guard let option = line.options("fallthrough").last else { return .nothing }
        return option.arguments.isEmpty ? .anything : .zones(option.arguments.flatMap(\.names))
    }

    /// A template of another class than IN answers nobody, as a rule; one of them is not looked at.
    private func template(_ line: Directive) -> AnsweringRule? {
        let words = line.arguments
        guard words.count > 1, let `class` = RecordClass(words[0].text), let type = RecordType(words[1].text),
            `class` == .internet || `class` == .any
        else { return nil }
        let isSelective = line.has("match") || line.has("expr")
        return AnsweringRule(
            plugin: "template", word: line.name, zones: zones(words.dropFirst(2)), type: type == .any ? nil : type,
            rest: isSelective ? rest(line) : .nothing)
    }

    /// An `acl` that lets nobody through.
    private var aclEnd: AnsweringRule? {
        for line in policies {
            if line.policy.action == .allow { return nil }
            guard line.policy.decidesAll else { continue }
            return AnsweringRule(plugin: "acl", word: line.word, zones: line.zones, rest: .nothing)
        }
        return nil
    }
}
