/// Why a text is no regular expression that we can match.
public struct GoPatternError: Error, Hashable, CustomStringConvertible {
    /// A clause such as `missing closing )`.
    public let description: String

    init(_ description: String) { self.description = description }
}

/// A regular expression in Go's syntax (RE2), with Go's choice among several matches: the leftmost, and of those the
/// one that the expression tries first. Matching takes time in proportion to the text times the expression, whatever
/// the two are. Classes are about ASCII; text is UTF-8.
public final class GoPattern: Sendable {
    /// As the user wrote it.
    public let text: String
    /// The name of each group; empty for one without a name, and for the whole match, which comes first.
    public let groupNames: [String]
    /// Runs of bytes of which a text has each, or it has no match; none if nothing can be said.
    public let requiredRuns: [[UInt8]]
    private let program: PatternProgram

    /// Compiles an expression.
    public init(_ text: String) throws(GoPatternError) {
        self.text = text
        var parser = PatternParser(text)
        let node = try parser.parse()
        groupNames = parser.groupNames
        requiredRuns = RequiredRuns(node).found
        program = try PatternProgram(node, groupCount: groupNames.count)
    }

    /// Whether some part of the text matches.
    public func matches(_ subject: String) -> Bool {
        var subject = subject
        return subject.withUTF8 { matches(UnsafeRawBufferPointer($0)) }
    }

    /// Whether some part of the bytes matches.
    public func matches(_ subject: UnsafeRawBufferPointer) -> Bool {
        PatternMatcher.run(program, on: subject, slotCount: 0) != nil
    }

    /// Where the whole match and each group are in the first match; nil for a group that took no part in it.
    public func firstMatch(in subject: UnsafeRawBufferPointer) -> [Range<Int>?]? {
        guard let ends = PatternMatcher.run(program, on: subject, slotCount: groupNames.count * 2) else { return nil }
        return groupNames.indices.map { group in
            let (start, end) = (Int(ends[group * 2]), Int(ends[group * 2 + 1]))
            return start >= 0 && end >= start ? start..<end : nil
        }
    }

    /// The texts of the whole match and of each group; empty for a group that took no part in it.
    public func submatches(of subject: String) -> [String]? {
        var subject = subject
        return subject.withUTF8 { utf8 in
            let bytes = UnsafeRawBufferPointer(utf8)
            return firstMatch(in: bytes)?.map { range in
                range.map { String(decoding: bytes[$0], as: UTF8.self) } ?? ""
            }
        }
    }
}
