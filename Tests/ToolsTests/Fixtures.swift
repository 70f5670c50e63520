import TestSupport
import Testing

/// Files beside the tests.
enum Fixtures {
    private static let folder = #filePath.prefix(upTo: #filePath.lastIndex(of: "/") ?? #filePath.startIndex)

    /// The root of the project.
    static var project: String {
        let parts = folder.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
        return parts.joined(separator: "/")
    }

    /// The text of a file in `Fixtures`.
    static func text(_ name: String) throws -> String { try content("\(folder)/Fixtures/\(name)") }

    /// The text of any file.
    static func content(_ path: String) throws -> String {
        try #require(Program.content(ofFile: path), "there is no file \(path)")
    }
}
