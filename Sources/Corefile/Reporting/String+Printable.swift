extension String {
    /// The text on one line without control characters, so that a configuration cannot play tricks on a terminal.
    public func printable(maxScalars: Int = .max) -> String {
        var result = ""
        for (index, scalar) in unicodeScalars.enumerated() {
            guard index < maxScalars else { return result + "…" }
            switch scalar.properties.generalCategory {
            case .control where scalar == "\n": result += "\\n"
            case .control where scalar == "\t": result += "\\t"
            case .control, .format, .lineSeparator, .paragraphSeparator: result.unicodeScalars.append("\u{FFFD}")
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
