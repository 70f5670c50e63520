import Corefile
import Plugins

extension DeadRules {
    /// Lines of `rewrite` behind others that end with the same queries: the first that fits is the last one, unless it
    /// says `continue`.
    mutating func findDeadRewrites(_ block: CheckedBlock) {
        let lines = block.rewrites
        for (index, line) in lines.enumerated() {
            let first = lines[..<index].indices.first { earlier in
                let between = lines[(earlier + 1)..<index].lazy.map(\.rule)
                return !lines[earlier].rule.continues && lines[earlier].rule.covers(line.rule, between: between)
            }
            guard let first else { continue }
            warn(
                line.word, "no query comes to this rule: that at \(lines[first].word.position) takes them first",
                hint: "'rewrite continue ...' there lets later rules have their turn")
        }
    }
}
