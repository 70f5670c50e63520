import DNSMessage
import Patterns

/// What becomes of a name that a pattern matches. Works on text in lower case with its final dot.
struct NameReplacement: Sendable {
    let pattern: NamePattern
    let target: ReplacementText

    /// The new text, which may be no legal name; nil if the pattern does not match.
    func apply(_ text: String) -> String? {
        switch pattern {
        case .exact(let name): text == name.description ? target.text : nil
        case .prefix(let name):
            text.hasPrefix(name.description) ? target.text + text.dropFirst(name.description.count) : nil
        case .suffix(let suffix):
            text.hasSuffix(suffix.text) ? text.dropLast(suffix.text.count) + target.text : nil
        case .substring(let part): replacing(part, in: text)
        case .regex(let pattern): pattern.submatches(of: text).map(target.filled)
        }
    }

    private func replacing(_ part: String, in text: String) -> String? {
        let (part, new) = (Array(part.utf8), Array(target.text.utf8))
        var rest = Array(text.utf8)[...]
        var result: [UInt8] = []
        var hasFound = false
        while !rest.isEmpty {
            if rest.starts(with: part), !part.isEmpty {
                result += new
                rest = rest.dropFirst(part.count)
                hasFound = true
            } else {
                result.append(rest.removeFirst())
            }
        }
        return hasFound ? String(decoding: result, as: UTF8.self) : nil
    }
}

/// A text with `{1}` where the first group of a regular expression goes, and so on.
struct ReplacementText: Sendable {
    private enum Piece: Sendable {
        case literal(String)
        case group(Int)
    }

    let text: String
    private let pieces: [Piece]

    init(_ text: String) {
        self.text = text
        var pieces: [Piece] = []
        var literal = ""
        var rest = text[...]
        while let character = rest.first {
            if character == "{", let end = rest.firstIndex(of: "}"),
                let group = Int(rest[rest.index(after: rest.startIndex)..<end]), group >= 0
            {
                if !literal.isEmpty { pieces.append(.literal(literal)) }
                literal = ""
                pieces.append(.group(group))
                rest = rest[rest.index(after: end)...]
            } else {
                literal.append(rest.removeFirst())
            }
        }
        if !literal.isEmpty { pieces.append(.literal(literal)) }
        self.pieces = pieces
    }

    /// The text with what the groups took; a group that does not exist stays as it is written.
    func filled(_ groups: [String]) -> String {
        var filled = ""
        for piece in pieces {
            switch piece {
            case .literal(let text): filled += text
            case .group(let number): filled += number < groups.count ? groups[number] : "{\(number)}"
            }
        }
        return filled
    }
}
