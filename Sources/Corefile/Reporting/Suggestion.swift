/// Finds the word that was probably meant.
public enum Suggestion {
    /// `did you mean 'forward'?`, or the whole list if nothing is similar and the list is short.
    static func hint(for text: String, among candidates: [String]) -> String? {
        if let closest = closest(to: text, among: candidates) { return "did you mean '\(closest)'?" }
        guard (1...Limits.listedCandidatesMax).contains(candidates.count) else { return nil }
        return "expected one of: " + candidates.sorted().joined(separator: ", ")
    }

    /// The candidate with the fewest typing mistakes, if that is few enough; the first in the alphabet of equals.
    public static func closest(to text: String, among candidates: some Sequence<String>) -> String? {
        let word = Array(text.lowercased().unicodeScalars)
        guard (1...Limits.suggestionMaxScalars).contains(word.count) else { return nil }
        let allowed = min(3, max(1, word.count / 3))
        return candidates.map { (mistakes: mistakes(word, Array($0.lowercased().unicodeScalars)), text: $0) }
            .filter { $0.mistakes <= allowed }
            .min { ($0.mistakes, $0.text) < ($1.mistakes, $1.text) }?.text
    }

    /// Letters missing, extra, wrong or swapped with their neighbour (the restricted Damerau–Levenshtein distance).
    private static func mistakes(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
        var beforePrevious: [Int] = []
        var previous = Array(0...b.count)
        for i in a.indices {
            var current = [i + 1]
            for j in b.indices {
                let replaced = previous[j] + (a[i] == b[j] ? 0 : 1)
                var best = min(replaced, previous[j + 1] + 1, current[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    best = min(best, beforePrevious[j - 1] + 1)
                }
                current.append(best)
            }
            (beforePrevious, previous) = (previous, current)
        }
        return previous[b.count]
    }
}
