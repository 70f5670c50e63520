import Glibc

/// A directory of a test, which goes with all that is in it when it is let go.
public final class TemporaryDirectory: Sendable {
    private static let depthMax = 8

    /// Where it is.
    public let path: String

    /// A new and empty one.
    public init() throws {
        var template = Array("\(P_tmpdir)/clusterdns-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ClientError("mkdtemp") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { TemporaryDirectory.remove(path, depth: 0) }

    private static func remove(_ path: String, depth: Int) {
        // What is no directory cannot be opened as one.
        if depth < depthMax, let stream = opendir(path) {
            var names: [String] = []
            while let entry = readdir(stream) {
                names.append(
                    withUnsafePointer(to: &entry.pointee.d_name) {
                        String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
                    })
            }
            closedir(stream)
            for name in names where name != "." && name != ".." { remove("\(path)/\(name)", depth: depth + 1) }
        }
        Glibc.remove(path)
    }

    /// Writes a file anew and tells its path.
    @discardableResult
    public func write(_ bytes: some Collection<UInt8>, to name: String) throws -> String {
        let file = "\(path)/\(name)"
        guard let stream = fopen(file, "w") else { throw ClientError("fopen \(name)") }
        defer { fclose(stream) }
        let bytes = Array(bytes)
        guard fwrite(bytes, 1, bytes.count, stream) == bytes.count else { throw ClientError("fwrite \(name)") }
        return file
    }

    /// What a file holds; nil if there is none.
    public func content(of name: String) -> [UInt8]? {
        guard let stream = fopen("\(path)/\(name)", "r") else { return nil }
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&chunk, 1, chunk.count, stream)
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }
}
