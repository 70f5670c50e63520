/// A place in a configuration file. Line and column count from 1; a column is one Unicode scalar.
public struct SourcePosition: Sendable, Hashable, CustomStringConvertible {
    /// The file as it was named on the command line, or as the import names it.
    public let file: String
    /// The line, counted from 1.
    public let line: Int
    /// The column, counted from 1.
    public let column: Int
    /// The `import` lines that led here, outermost first; empty in the main file.
    public let importedFrom: [SourcePosition]

    /// Makes a position.
    public init(file: String, line: Int, column: Int, importedFrom: [SourcePosition] = []) {
        self.file = file
        self.line = line
        self.column = column
        self.importedFrom = importedFrom
    }

    /// The place without the way that led there, as in `Corefile:7:5`.
    public var description: String { "\(file):\(line):\(column)" }

    func imported(from trail: [SourcePosition]) -> SourcePosition {
        SourcePosition(file: file, line: line, column: column, importedFrom: trail)
    }

    func advanced(by columns: Int) -> SourcePosition {
        SourcePosition(file: file, line: line, column: column + columns, importedFrom: importedFrom)
    }
}
