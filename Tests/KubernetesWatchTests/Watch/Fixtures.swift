import Glibc
import Testing

/// The files beside these tests.
enum Fixtures {
    private static let folder = String(#filePath.dropLast("Watch/Fixtures.swift".count)) + "Fixtures"

    static func bytes(_ path: String) throws -> [UInt8] {
        let stream = try #require(fopen("\(folder)/\(path)", "r"), "there is no \(path)")
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&part, 1, part.count, stream)
            guard count > 0 else { return bytes }
            bytes += part[..<count]
        }
    }
}
