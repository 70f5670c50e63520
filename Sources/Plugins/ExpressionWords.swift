import Corefile
import Expressions

/// An expression as it stands in the Corefile: words that are joined by blanks.
struct ExpressionWords: Sendable {
    /// The whole text.
    let text: String
    private let words: [Word]

    init(_ words: some Collection<Word>) {
        self.words = Array(words)
        text = words.map(\.text).joined(separator: " ")
    }

    /// Reads the text; reports what is wrong at the word, and if possible the characters, that it is about.
    func read(
        _ library: QueryLibrary, variables: [(name: String, type: ExpressionType)] = [],
        _ diagnostics: inout Diagnostics
    ) -> Expression? {
        do throws(ExpressionError) {
            return try Expression(text, library, variables: variables)
        } catch {
            diagnostics.error(at: word(of: error.range), error.message, hint: error.hint)
            return nil
        }
    }

    /// The part of the Corefile that characters of the text come from.
    func word(of range: Range<Int>) -> Word {
        var start = 0
        for word in words {
            let count = word.text.unicodeScalars.count
            if range.lowerBound <= start + count {
                return part(of: word, from: range.lowerBound - start, to: range.upperBound - start)
            }
            start += count + 1
        }
        return words[words.count - 1]
    }

    /// Characters of a word, if the Corefile spells it like the text, else the whole word.
    private func part(of word: Word, from: Int, to: Int) -> Word {
        let quotes = word.isQuoted ? 1 : 0
        let count = word.text.unicodeScalars.count
        guard word.length == count + 2 * quotes, count > 0 else { return word }
        let position = word.position
        let first = min(from, count - 1)
        return Word(
            text: word.text,
            position: SourcePosition(
                file: position.file, line: position.line, column: position.column + first + quotes,
                importedFrom: position.importedFrom),
            length: max(1, min(to, count) - first), isQuoted: word.isQuoted, unsetVariables: word.unsetVariables)
    }
}
