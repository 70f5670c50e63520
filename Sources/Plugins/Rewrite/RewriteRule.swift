import DNSMessage

/// One line of `rewrite`.
package struct RewriteRule: Sendable {
    /// What is rewritten.
    enum Action: Sendable {
        case name(NameReplacement, AnswerRules)
        case type(to: RecordType)
        case `class`(to: RecordClass)
        case response(ResponseRule)
        case option(OptionRule)
    }

    /// The names it is about; nil for all.
    var pattern: NamePattern?
    /// The type it is about; nil for all.
    var type: RecordType?
    /// The class it is about; nil for all.
    var `class`: RecordClass?
    var action: Action
    /// Whether the rules behind it are looked at as well.
    package internal(set) var continues = false
}

/// What a rule about names does with those of the answer.
struct AnswerRules: Sendable {
    /// Whether the change is turned back.
    var turnsBack = false
    /// What the operator wants besides.
    var rules: [ResponseRule] = []
}

/// What is rewritten in a response.
enum ResponseRule: Sendable {
    /// Names of owners.
    case owner(NameMapping)
    /// Names in data.
    case value(NameMapping)
    /// Seconds, at least and at most.
    case ttl(ClosedRange<UInt32>)
    /// The response code.
    case code(from: ResponseCode, to: ResponseCode)
    /// The target of a CNAME, whose records are then asked for.
    case alias(NameReplacement)
}

/// How names of a response change.
enum NameMapping: Sendable {
    case replacement(NameReplacement)
    /// A name, and what it is the end of behind a dot, becomes another.
    case remap(from: String, to: String)

    /// The new text; nil if the name stays.
    func apply(_ text: String) -> String? {
        switch self {
        case .replacement(let replacement): return replacement.apply(text)
        case .remap(let from, let to):
            if text == from { return to }
            return text.hasSuffix("." + from) ? text.dropLast(from.count) + to : nil
        }
    }
}
