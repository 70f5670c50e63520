/// The growing list of what is wrong with a configuration. The parser begins it, the plugins' setup goes on.
public struct Diagnostics: Sendable {
    private var found: [Diagnostic] = []
    private var identities: Set<Identity> = []
    private(set) var sources: [SourceText] = []
    /// Errors and warnings beyond the limit of what is kept.
    public private(set) var droppedCount = 0
    /// Whether at least one is an error, which means: do not serve this configuration.
    public private(set) var hasErrors = false

    private struct Identity: Hashable {
        let file: String
        let line: Int
        let column: Int
        let message: String
    }

    /// Makes an empty list.
    public init() {}

    /// Whether nothing at all was found.
    public var isEmpty: Bool { found.isEmpty }

    /// Reports that the configuration cannot be served because of this word.
    public mutating func error(at word: Word, _ message: String, hint: String? = nil) {
        add(.error, at: word, message, hint)
    }

    /// Reports an unknown word together with the candidate that it resembles, or with all of them if they are few.
    public mutating func error(
        at word: Word, _ message: String, didYouMean text: String, among candidates: some Sequence<String>
    ) {
        add(.error, at: word, message, Suggestion.hint(for: text, among: Array(candidates)))
    }

    /// Reports that this word is probably not what was meant.
    public mutating func warning(at word: Word, _ message: String, hint: String? = nil) {
        add(.warning, at: word, message, hint)
    }

    private mutating func add(_ severity: Diagnostic.Severity, at word: Word, _ message: String, _ hint: String?) {
        add(
            Diagnostic(
                severity: severity, position: word.position, message: message, length: word.length,
                hint: hint ?? Self.hint(forUnset: word.unsetVariables)))
    }

    private static func hint(forUnset variables: [String]) -> String? {
        guard let first = variables.first else { return nil }
        if variables.count == 1 { return "the environment variable '\(first.printable())' is not set" }
        let names = variables.map { "'\($0.printable())'" }.joined(separator: ", ")
        return "the environment variables \(names) are not set"
    }

    /// Adds a diagnostic unless the same sentence was already said about the same place.
    public mutating func add(_ diagnostic: Diagnostic) {
        if diagnostic.severity == .error { hasErrors = true }
        let position = diagnostic.position
        let identity = Identity(
            file: position.file, line: position.line, column: position.column, message: diagnostic.message)
        guard !identities.contains(identity) else { return }
        guard found.count < Limits.diagnosticsMax else {
            droppedCount += 1
            return
        }
        identities.insert(identity)
        found.append(diagnostic)
    }

    /// Everything found so far: the main file first, then the others as they were read; by line and column within.
    public var sorted: [Diagnostic] {
        let order = Dictionary(
            sources.enumerated().map { ($1.file, $0) }, uniquingKeysWith: { first, _ in first })
        return found.enumerated().sorted { left, right in
            let (a, b) = (left.element.position, right.element.position)
            let (fileA, fileB) = (order[a.file] ?? sources.count, order[b.file] ?? sources.count)
            return (fileA, a.line, a.column, left.offset) < (fileB, b.line, b.column, right.offset)
        }.map(\.element)
    }

    /// Keeps the text of a file, so that diagnostics about it can show the line.
    mutating func keepSource(_ text: String, file: String) {
        guard !sources.contains(where: { $0.file == file }) else { return }
        sources.append(SourceText(file: file, text: text))
    }
}
