extension Diagnostics {
    /// The diagnostics as lines of text: place and sentence, the source line, an underline, a hint.
    public func rendered() -> [String] {
        rendered(atMost: Limits.printedDiagnosticsMax)
    }

    /// The first diagnostics as lines of text, with a last line that counts those left out.
    public func rendered(atMost limit: Int) -> [String] {
        let all = sorted
        var lines = all.prefix(limit).flatMap(rendered)
        let more = max(0, all.count - limit) + droppedCount
        if more > 0 { lines.append("… and \(more) more") }
        return lines
    }

    /// One diagnostic as lines of text.
    public func rendered(_ diagnostic: Diagnostic) -> [String] {
        let message = diagnostic.message.printable()
        var lines = ["\(diagnostic.position): \(diagnostic.severity.rawValue): \(message)"]
        if let line = sourceLine(at: diagnostic.position) {
            lines += Excerpt(line: line, column: diagnostic.position.column, length: diagnostic.length).lines
        }
        if let hint = diagnostic.hint { lines.append(hint.printable()) }
        let trail = diagnostic.position.importedFrom
        lines += trail.reversed().prefix(Limits.shownImportsMax).map { "imported at \($0)" }
        return lines
    }

    private func sourceLine(at position: SourcePosition) -> String? {
        sources.first { $0.file == position.file }?.line(position.line)
    }
}

/// A source line with its underline; a long line is cut around the place.
private struct Excerpt {
    let lines: [String]

    init(line: String, column: Int, length: Int) {
        let scalars = Array(line.unicodeScalars)
        let start = min(column - 1, scalars.count)
        // A place in the right half of a long line moves the window so that some context stays in front of it.
        let limit = Limits.shownLineMaxScalars
        let from = scalars.count > limit ? max(0, min(start - limit / 2, scalars.count - limit)) : 0
        let to = min(scalars.count, from + limit)
        let shown = scalars[from..<to].map(Self.printable)
        let isCutBefore = from > 0
        let isCutAfter = to < scalars.count
        let text = String(String.UnicodeScalarView(shown))
        // Tabs stay tabs in the underline, so that it lines up whatever their width is.
        let indent = scalars[from..<start].map { $0 == "\t" ? "\t" : " " }.joined()
        let underlined = max(1, min(length, to - start))
        lines = [
            (isCutBefore ? "…" : "") + text + (isCutAfter ? "…" : ""),
            (isCutBefore ? " " : "") + indent + "^" + String(repeating: "~", count: underlined - 1),
        ]
    }

    private static func printable(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.properties.generalCategory {
        case .control where scalar == "\t": scalar
        case .control, .format, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
        default: scalar
        }
    }
}
