/// Checks that every plugin makes on its lines.
extension Directive {
    /// Whether the line has as many arguments as it may; reports it with the usage if not.
    public func hasArguments(
        _ count: some RangeExpression<Int>, usage: String, _ diagnostics: inout Diagnostics
    ) -> Bool {
        if count.contains(arguments.count) { return true }
        // Too many if a shorter line would do; then the first word too much is shown, else the last before the gap.
        let allowed = (0..<arguments.count).last { count.contains($0) }
        let culprit = allowed.map { arguments[$0] } ?? lastWord
        let sentence = "Wrong argument count or unexpected line ending after \(lastWord.quoted)"
        diagnostics.error(at: culprit, sentence, hint: "usage: \(usage)")
        return false
    }

    /// Whether the line has no block; reports it if it has.
    public func hasNoBlock(_ diagnostics: inout Diagnostics) -> Bool {
        guard block != nil else { return true }
        diagnostics.error(at: name, "\(name.quoted) takes no block in braces")
        return false
    }

    /// Reports this line of a block as an option that does not exist.
    public func reportUnknownProperty(among known: some Sequence<String>, _ diagnostics: inout Diagnostics) {
        diagnostics.error(at: name, "unknown property \(name.quoted)", didYouMean: name.text, among: known)
    }
}
