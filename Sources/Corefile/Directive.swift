/// One line of a block: a name, its arguments and perhaps a block, whose lines are directives too.
public struct Directive: Sendable, Equatable {
    /// The first word of the line.
    public var name: Word
    /// The other words of the line, without the brace.
    public var arguments: [Word]
    /// The lines between the braces; nil when the line has no braces.
    public var block: [Directive]?

    /// Makes a directive of ready parts.
    public init(name: Word, arguments: [Word] = [], block: [Directive]? = nil) {
        self.name = name
        self.arguments = arguments
        self.block = block
    }

    /// The last word before the brace, where a missing argument is reported.
    public var lastWord: Word { arguments.last ?? name }
}
