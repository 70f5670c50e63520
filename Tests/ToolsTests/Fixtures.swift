import Glibc
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
        let file = try #require(fopen(path, "r"), "there is no file \(path)")
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
