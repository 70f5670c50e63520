import Corefile
import DNSMessage
import Patterns

/// Reads a rule of `rewrite` from its words, in one line or in a block.
struct RewriteReader {
    private static let fields = ["name", "type", "class", "ttl", "rcode", "cname", "edns0"]
    static let matches = ["exact", "prefix", "suffix", "substring", "regex"]

    private let directive: Directive
    /// What is left to read.
    private(set) var words: ArraySlice<Word>
    private var last: Word

    init(_ directive: Directive, _ diagnostics: inout Diagnostics) {
        self.directive = directive
        var all = directive.arguments
        for line in directive.block ?? [] {
            _ = line.hasNoBlock(&diagnostics)
            all += [line.name] + line.arguments
        }
        words = all[...]
        last = directive.name
    }

    /// Nil after reporting what is wrong.
    mutating func read(_ diagnostics: inout Diagnostics) -> RewriteRule? {
        var continues = false
        if let word = words.first, ["continue", "stop"].contains(word.text.lowercased()) {
            continues = take()?.text.lowercased() == "continue"
        }
        guard let field = take() else {
            diagnostics.error(at: last, "no rule type specified for rewrite")
            return nil
        }
        var rule: RewriteRule?
        switch field.text.lowercased() {
        case "name": rule = readName(&diagnostics)
        case "type": rule = readType(&diagnostics)
        case "class": rule = readClass(&diagnostics)
        case "ttl": rule = readTTL(&diagnostics)
        case "rcode": rule = readCode(&diagnostics)
        case "cname": rule = readAlias(&diagnostics)
        case "edns0": rule = readOption(&diagnostics)
        default:
            diagnostics.error(
                at: field, "invalid rule type \(field.quoted)", didYouMean: field.text, among: Self.fields)
        }
        if rule != nil, let extra = words.first {
            diagnostics.error(at: extra, "unexpected \(extra.quoted) behind a rule of '\(field.text)'")
        }
        rule?.continues = continues
        return rule
    }

    mutating func take() -> Word? {
        guard let word = words.popFirst() else { return nil }
        last = word
        return word
    }

    /// As many words, or none after reporting that there are fewer.
    mutating func take(_ count: Int, of field: String, usage: String, _ diagnostics: inout Diagnostics) -> [Word]? {
        guard words.count >= count else {
            diagnostics.error(
                at: words.last ?? last, "too few arguments for a \(field) rule", hint: "usage: rewrite \(usage)")
            return nil
        }
        return (0..<count).compactMap { _ in take() }
    }

    /// Whether that many words are left, of which the first is a way to compare; then that word is taken.
    private mutating func takeMatch() -> String {
        guard let word = words.first, Self.matches.contains(word.text.lowercased()) else { return "exact" }
        _ = take()
        return word.text.lowercased()
    }
}

// MARK: - Fields

extension RewriteReader {
    private mutating func readName(_ diagnostics: inout Diagnostics) -> RewriteRule? {
        let usage = "name [exact|prefix|suffix|substring|regex] FROM TO [answer ...]"
        let match = takeMatch()
        guard let pair = take(2, of: "name", usage: usage, &diagnostics),
            let pattern = pattern(match, pair[0], &diagnostics)
        else { return nil }
        var answers = AnswerRules(turnsBack: match == "exact")
        guard let target = target(pair[1], match, &diagnostics), readAnswers(&answers, &diagnostics) else { return nil }
        return RewriteRule(
            pattern: pattern, action: .name(NameReplacement(pattern: pattern, target: target), answers))
    }

    private mutating func readAnswers(_ answers: inout AnswerRules, _ diagnostics: inout Diagnostics) -> Bool {
        let usage = "name ... answer auto | answer name REGEXP TO | answer value REGEXP TO"
        while let word = words.first, word.text.lowercased() == "answer" {
            _ = take()
            guard let kind = take(1, of: "name", usage: usage, &diagnostics)?.first else { return false }
            switch kind.text.lowercased() {
            case "auto": answers.turnsBack = true
            case "name", "value":
                guard let pair = take(2, of: "name", usage: usage, &diagnostics),
                    let pattern = pattern("regex", pair[0], &diagnostics),
                    let target = target(pair[1], "regex", &diagnostics)
                else { return false }
                let mapping = NameMapping.replacement(NameReplacement(pattern: pattern, target: target))
                answers.rules.append(kind.text.lowercased() == "name" ? .owner(mapping) : .value(mapping))
            default:
                diagnostics.error(
                    at: kind, "invalid answer rule \(kind.quoted)", didYouMean: kind.text,
                    among: ["auto", "name", "value"])
                return false
            }
        }
        return true
    }

    private mutating func readType(_ diagnostics: inout Diagnostics) -> RewriteRule? {
        guard let pair = take(2, of: "type", usage: "type FROM TO", &diagnostics) else { return nil }
        let types = pair.map { RecordType($0.text.uppercased()) }
        for (word, type) in zip(pair, types) where type == nil {
            diagnostics.error(at: word, "invalid type \(word.quoted)")
        }
        guard let from = types[0], let to = types[1] else { return nil }
        return RewriteRule(type: from, action: .type(to: to))
    }

    private mutating func readClass(_ diagnostics: inout Diagnostics) -> RewriteRule? {
        guard let pair = take(2, of: "class", usage: "class FROM TO", &diagnostics) else { return nil }
        let classes = pair.map { RecordClass($0.text.uppercased()) }
        for (word, value) in zip(pair, classes) where value == nil {
            diagnostics.error(at: word, "invalid class \(word.quoted)", hint: "IN or CH, say")
        }
        guard let from = classes[0], let to = classes[1] else { return nil }
        return RewriteRule(class: from, action: .class(to: to))
    }

    private mutating func readTTL(_ diagnostics: inout Diagnostics) -> RewriteRule? {
        let match = takeMatch()
        let usage = "ttl [exact|prefix|suffix|substring|regex] NAME SECONDS|MIN-MAX|-MAX|MIN-"
        guard let pair = take(2, of: "ttl", usage: usage, &diagnostics),
            let pattern = pattern(match, pair[0], &diagnostics)
        else { return nil }
        guard let range = Self.seconds(pair[1].text) else {
            diagnostics.error(
                at: pair[1], "invalid TTL \(pair[1].quoted)", hint: "seconds, such as 30, 5-300, -300 or 5-")
            return nil
        }
        return RewriteRule(pattern: pattern, action: .response(.ttl(range)))
    }

    /// Nil if the text is neither a number of seconds nor a range. The highest bit of a TTL is zero (RFC 2181 §8).
    private static func seconds(_ text: String) -> ClosedRange<UInt32>? {
        let longest = UInt32(Int32.max)
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), text != "-" else { return nil }
        guard let low = parts[0].isEmpty ? 0 : UInt32(parts[0]), let part = parts.last,
            let high = part.isEmpty ? longest : UInt32(part), low <= high, high <= longest
        else { return nil }
        return low...high
    }

    private mutating func readCode(_ diagnostics: inout Diagnostics) -> RewriteRule? {
        let match = takeMatch()
        let usage = "rcode [exact|prefix|suffix|substring|regex] NAME FROM TO"
        guard let three = take(3, of: "rcode", usage: usage, &diagnostics),
            let pattern = pattern(match, three[0], &diagnostics)
        else { return nil }
        let codes = three[1...].map { Self.code($0.text) }
        for (word, code) in zip(three[1...], codes) where code == nil {
            diagnostics.error(at: word, "invalid response code \(word.quoted)", hint: "NXDOMAIN or 3, say")
        }
        guard let from = codes[0], let to = codes[1] else { return nil }
        return RewriteRule(pattern: pattern, action: .response(.code(from: from, to: to)))
    }

    private static func code(_ text: String) -> ResponseCode? {
        ResponseCode(text.uppercased()) ?? UInt16(text).flatMap { $0 < 4096 ? ResponseCode(rawValue: $0) : nil }
    }

    private mutating func readAlias(_ diagnostics: inout Diagnostics) -> RewriteRule? {
        let match = takeMatch()
        let usage = "cname [exact|prefix|suffix|substring|regex] FROM TO"
        guard let pair = take(2, of: "cname", usage: usage, &diagnostics),
            let pattern = pattern(match, pair[0], &diagnostics), let target = target(pair[1], match, &diagnostics)
        else { return nil }
        return RewriteRule(action: .response(.alias(NameReplacement(pattern: pattern, target: target))))
    }
}

// MARK: - Names

extension RewriteReader {
    private func pattern(_ match: String, _ word: Word, _ diagnostics: inout Diagnostics) -> NamePattern? {
        guard word.text.count <= RewriteLimits.patternLengthMax else {
            diagnostics.error(
                at: word, "the expression has more than \(RewriteLimits.patternLengthMax) characters")
            return nil
        }
        do throws(GoPatternError) {
            if match == "regex" { return .regex(try GoPattern(word.text)) }
        } catch {
            diagnostics.error(at: word, "invalid regex pattern \(word.quoted): \(error)")
            return nil
        }
        let text = Self.normalized(word.text)
        do throws(NameError) {
            switch match {
            case "prefix": return .prefix(try Name(text).folded)
            case "suffix": return .suffix(try NameSuffix(text))
            case "substring": return .substring(text)
            default: return .exact(try Name(text).folded)
            }
        } catch {
            diagnostics.error(at: word, "\(word.quoted): \(error)")
            return nil
        }
    }

    /// What names become; that of an expression, and a part of a name, may be no name by itself.
    private func target(_ word: Word, _ match: String, _ diagnostics: inout Diagnostics) -> ReplacementText? {
        let text = Self.normalized(word.text)
        guard match == "exact" else { return ReplacementText(text) }
        do throws(NameError) {
            return ReplacementText(try Name(text).description)
        } catch {
            diagnostics.error(at: word, "\(word.quoted): \(error)")
            return nil
        }
    }

    /// In lower case and with its final dot.
    private static func normalized(_ text: String) -> String {
        text.lowercased() + (text.hasSuffix(".") ? "" : ".")
    }
}
