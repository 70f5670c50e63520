import Corefile
import DNSMessage

/// Which queries a line of `rewrite` is about.
struct RewriteShape {
    /// How a name is compared; texts are in lower case with their final dot.
    enum Pattern: Equatable {
        case any
        case exact(String)
        case prefix(String)
        case suffix(String)
        case substring(String)
        case regex(String)
    }

    let word: Word
    private(set) var continues = false
    private(set) var field = ""
    private(set) var pattern = Pattern.any
    /// Type or class, where the rule is about one.
    private(set) var from: String?

    private static let everything: Set<String> = [".*", "(.*)", "^.*$", "^(.*)$", ".+", "(.+)", "^.+$", "^(.+)$"]

    /// Reads a line that has no mistakes.
    init(_ line: Directive) {
        word = line.name
        var words = line.arguments[...]
        for option in line.block ?? [] { words += [option.name] + option.arguments }
        if let mode = words.first?.text.lowercased(), mode == "continue" || mode == "stop" {
            continues = mode == "continue"
            words = words.dropFirst()
        }
        field = words.popFirst()?.text.lowercased() ?? ""
        switch field {
        case "type", "class": from = words.first.map { "\(field) \($0.text.uppercased())" }
        case "name", "ttl", "rcode": pattern = Self.pattern(words)
        default: break
        }
    }

    private static func pattern(_ words: ArraySlice<Word>) -> Pattern {
        let kinds = ["exact", "prefix", "suffix", "substring", "regex"]
        let first = words.first?.text.lowercased() ?? ""
        let isNamed = kinds.contains(first)
        guard let text = words.dropFirst(isNamed ? 1 : 0).first?.text else { return .any }
        if first == "regex" { return everything.contains(text) ? .any : .regex(text) }
        let name = text.lowercased() + (text.hasSuffix(".") ? "" : ".")
        return switch isNamed ? first : "exact" {
        case "prefix": .prefix(name)
        case "suffix": .suffix(name)
        case "substring": .substring(name)
        default: .exact(name)
        }
    }

    /// Whether the rule changes what later ones look at.
    private var changesQuestion: Bool { ["name", "type", "class"].contains(field) }

    /// Whether every query that `other` is about is one that this is about, `between` having been tried meanwhile.
    func covers(_ other: RewriteShape, between: some Collection<RewriteShape>) -> Bool {
        if pattern == .any, from == nil { return true }
        guard from == nil || from == other.from, Self.covers(pattern, other.pattern) else { return false }
        return !between.contains(where: \.changesQuestion)
    }

    private static func covers(_ wide: Pattern, _ narrow: Pattern) -> Bool {
        if wide == narrow { return true }
        switch (wide, narrow) {
        case (.any, _): return true
        case (.suffix(let end), .exact(let name)), (.suffix(let end), .suffix(let name)): return name.hasSuffix(end)
        case (.prefix(let start), .exact(let name)): return name.hasPrefix(start) && name != start
        case (.prefix(let start), .prefix(let name)): return name.hasPrefix(start)
        case (.substring(let part), .exact(let name)), (.substring(let part), .suffix(let name)),
            (.substring(let part), .prefix(let name)), (.substring(let part), .substring(let name)):
            return name.contains(part)
        default: return false
        }
    }
}

extension DeadRules {
    /// Lines of `rewrite` behind others that end with the same queries: the first that fits is the last one, unless it
    /// says `continue`.
    mutating func findDeadRewrites(_ block: CheckedBlock) {
        let shapes = block.directives("rewrite").map(RewriteShape.init)
        for (index, shape) in shapes.enumerated() {
            let first = shapes[..<index].indices.first { earlier in
                !shapes[earlier].continues && shapes[earlier].covers(shape, between: shapes[(earlier + 1)..<index])
            }
            guard let first else { continue }
            warn(
                shape.word, "no query comes to this rule: that at \(shapes[first].word.position) takes them first",
                hint: "'rewrite continue ...' there lets later rules have their turn")
        }
    }
}
