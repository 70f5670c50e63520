public import Foundation

/// The files of `Tests/Golden`; their README tells the format.
public enum GoldenFiles {
    /// One of the two recordings.
    public enum Recording: String, CaseIterable, Sendable { case insecure, verified }

    /// A question and what CoreDNS answered: outcome, then up to three sections.
    public struct Entry {
        /// The question's name.
        public var name: String
        /// The type, then what is special: `tcp`, `512`, `do`, `class=CH`.
        public var ways: [String]
        /// Outcome and sections.
        public var outcome: [String]

        /// The question's type.
        public var type: String { ways[0] }
        /// Tells it from others.
        public var key: String { name + " " + ways.joined(separator: " ") }
    }

    /// A line of `deviations.tsv`.
    public struct Deviation {
        /// The number of the decision.
        public var row: String
        var recordings: [String]
        var types: [String]
        // Compiled once, used by one test at a time.
        var names: Regex<AnyRegexOutput>
        /// The answer instead.
        public var outcome: [String]

        /// Whether it is about an entry.
        public func concerns(_ entry: Entry, _ recording: Recording) -> Bool {
            recordings.contains(recording.rawValue)
                && (types.contains(entry.type) || types.contains(entry.ways.joined(separator: " ")))
                && entry.name.wholeMatch(of: names) != nil
        }
    }

    /// Where they are.
    public static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Golden")
        .standardized

    /// `verified.tsv` holds only what differs from `insecure.tsv`.
    public static func entries(_ recording: Recording) throws -> [Entry] {
        var entries: [Entry] = []
        var places: [String: Int] = [:]
        for file in recording == .insecure ? ["insecure"] : ["insecure", "verified"] {
            var name = ""
            for line in try lines(of: "\(file).tsv") {
                guard line.first == "\t" else {
                    name = line
                    continue
                }
                let fields = line.dropFirst().split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
                let ways = fields[0].split(separator: " ").map(String.init)
                let entry = Entry(name: name, ways: ways, outcome: Array(fields.dropFirst()))
                if let place = places[entry.key] {
                    entries[place] = entry
                } else {
                    places[entry.key] = entries.count
                    entries.append(entry)
                }
            }
        }
        return entries
    }

    /// What is answered otherwise.
    public static func deviations() throws -> [Deviation] {
        try lines(of: "deviations.tsv").filter { !$0.hasPrefix("#") }.map { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            return Deviation(
                row: fields[0], recordings: fields[2].split(separator: ",").map(String.init),
                types: fields[3].split(separator: ",").map(String.init), names: try Regex(fields[4]).ignoresCase(),
                outcome: Array(fields[5...]))
        }
    }

    private static func lines(of file: String) throws -> [String] {
        try String(contentsOf: folder.appending(path: file), encoding: .utf8)
            .split(separator: "\n").map(String.init)
    }
}
