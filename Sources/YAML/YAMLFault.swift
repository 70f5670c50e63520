/// What is wrong with a text, and where, before the name of its file is known.
public struct YAMLFault: Error, Hashable, Sendable {
    /// Where.
    public var position: YAMLPosition
    /// A sentence without the position.
    public var message: String

    /// A fault.
    public init(position: YAMLPosition, message: String) {
        self.position = position
        self.message = message
    }

    /// Nested too deeply.
    static func tooDeep(at position: YAMLPosition) -> YAMLFault {
        YAMLFault(
            position: position,
            message: "is nested more than \(YAMLLimits.depth) levels deep; the rest of the file is left out")
    }
}

/// A place in a text; lines and columns are counted from 1.
public struct YAMLPosition: Hashable, Sendable {
    /// The line.
    public var line: UInt32
    /// The column, in characters.
    public var column: UInt32

    /// A place; the start of the text where nothing is said.
    public init(line: UInt32 = 1, column: UInt32 = 1) {
        self.line = line
        self.column = column
    }
}
