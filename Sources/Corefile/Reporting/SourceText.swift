/// The text of one file that was read, kept to show its lines under diagnostics.
struct SourceText: Sendable {
    let file: String
    let text: String

    /// The line with this number, counted from 1, without its line ending; nil beyond the end.
    func line(_ number: Int) -> String? {
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.indices.contains(number - 1) else { return nil }
        let scalars = lines[number - 1].filter { $0 != "\r" && $0 != "\u{FEFF}" }
        return String(String.UnicodeScalarView(scalars))
    }
}
