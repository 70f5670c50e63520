/// One word of the configuration, with its place in the source.
public struct Word: Sendable, Equatable {
    /// The word with environment references expanded and quotes removed.
    public var text: String
    /// Where the word begins, its opening quote included.
    public var position: SourcePosition
    /// How many columns it takes in the source, for the underline.
    public var length: Int
    /// Whether it stood in double quotes.
    public var isQuoted: Bool
    /// Environment variables that it names and that are not set; they count as empty.
    public var unsetVariables: [String]

    /// Makes a word; tests and the parser do.
    public init(
        text: String, position: SourcePosition, length: Int? = nil, isQuoted: Bool = false,
        unsetVariables: [String] = []
    ) {
        self.text = text
        self.position = position
        self.length = length ?? text.unicodeScalars.count
        self.isQuoted = isQuoted
        self.unsetVariables = unsetVariables
    }

    /// The word as messages show it: in single quotes, on one line, cut when it is long.
    public var quoted: String { "'\(text.printable(maxScalars: Limits.shownWordMaxScalars))'" }

    /// The columns from `offset` on, if the source spells the word as `text` does, else the whole word.
    func part(_ text: String, offset: Int) -> Word {
        var part = self
        part.text = text
        guard !isQuoted, self.text.unicodeScalars.count == length else { return part }
        part.position = position.advanced(by: offset)
        part.length = text.unicodeScalars.count
        return part
    }
}
