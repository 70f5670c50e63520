import YAML

/// Why there is no connection: every mistake that was found.
public struct ConnectionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Each a sentence for an operator, without a final stop.
    public let mistakes: [String]

    /// All of them.
    public var description: String { mistakes.joined(separator: "; ") }
}

/// One mistake: the part of a sentence that follows the name of the thing.
struct Mistake: Error, Hashable {
    let words: String

    init(_ words: String) { self.words = words }
}

/// Collects mistakes, so that all of them can be told at once.
struct MistakeList {
    /// What each sentence starts with.
    var prefix: String
    private(set) var sentences: [String] = []

    init(prefix: String = "") { self.prefix = prefix }

    var count: Int { sentences.count }
    var isEmpty: Bool { sentences.isEmpty }
    var error: ConnectionError { ConnectionError(mistakes: sentences) }

    mutating func add(_ sentence: String) {
        // Whoever looks twice at a thing finds the same.
        if !sentences.contains(prefix + sentence) { sentences.append(prefix + sentence) }
    }

    /// What was read; nil, and a mistake more, where it was not.
    mutating func note<Value>(_ name: String, _ read: () throws(Mistake) -> Value) -> Value? {
        do throws(Mistake) {
            return try read()
        } catch {
            add("\(name) \(error.words)")
            return nil
        }
    }
}

extension String {
    /// Between quotes, for a sentence: cut where it is long, control characters made visible.
    var inQuotes: String { "'\(NodeTree.quote(self).dropFirst().dropLast())'" }
}
