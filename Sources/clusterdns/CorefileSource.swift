import Corefile
import Glibc

/// Where the Corefile comes from, as `-conf` says: a file, standard input, or nothing, which stands for the built-in.
struct CorefileSource {
    /// Longest Corefile on standard input, in bytes.
    private static let standardInputMax = 16 << 20
    private static let standardName = "Corefile"

    private let path: String?
    /// What standard input said; it speaks once.
    private var standardInput: String?

    init(_ path: String?) { self.path = path }

    /// Why there is no text, in words for an operator.
    struct Failure: Error {
        let description: String
    }

    /// Whether a later reading may say something else.
    var canChange: Bool { path != "stdin" }

    /// The text to serve now, and the name that messages give it.
    mutating func read() throws(Failure) -> (text: String, file: String) {
        guard path != "stdin" else {
            let text = standardInput ?? CorefileSource.readStandardInput()
            standardInput = text
            return (text, "stdin")
        }
        let file = path ?? Self.standardName
        do {
            return (String(decoding: try DiskFiles().read(file), as: UTF8.self), file)
        } catch {
            if path == nil, error == .notFound { return ("", file) }
            throw Failure(description: "open \(file): \(error.reason)")
        }
    }

    private static func readStandardInput() -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < standardInputMax {
            let count = buffer.withUnsafeMutableBytes { Glibc.read(STDIN_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
