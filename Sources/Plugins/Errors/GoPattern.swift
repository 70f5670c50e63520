import Glibc

/// Why a text is no regular expression that we can match.
struct GoPatternError: Error, CustomStringConvertible {
    /// A clause such as `missing closing )`.
    let description: String

    init(_ description: String) { self.description = description }
}

/// A regular expression in Go's syntax, matched by the C library after translation into POSIX's.
final class GoPattern: Sendable {
    /// As the user wrote it.
    let text: String
    // Compiled in `init`, only read afterwards; regexec may be called by several threads at once (regex(3)).
    private nonisolated(unsafe) let compiled: UnsafeMutablePointer<regex_t>

    init(_ text: String) throws(GoPatternError) {
        self.text = text
        let translation = try PatternTranslator.translate(text)
        compiled = .allocate(capacity: 1)
        compiled.initialize(to: regex_t())
        let flags = REG_EXTENDED | REG_NOSUB | (translation.ignoresCase ? REG_ICASE : 0)
        let code = regcomp(compiled, translation.text, flags)
        guard code == 0 else {
            let message = Self.message(code, compiled)
            compiled.deallocate()
            throw GoPatternError(message)
        }
    }

    deinit {
        regfree(compiled)
        compiled.deallocate()
    }

    /// Whether some part of the text matches.
    func matches(_ subject: String) -> Bool { regexec(compiled, subject, 0, nil, 0) == 0 }

    private static func message(_ code: Int32, _ compiled: UnsafeMutablePointer<regex_t>) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        let length = regerror(code, compiled, &buffer, buffer.count)
        let bytes = buffer.prefix(max(0, min(length, buffer.count) - 1)).map { UInt8(bitPattern: $0) }
        let sentence = String(decoding: bytes, as: UTF8.self)
        return sentence.prefix(1).lowercased() + sentence.dropFirst()
    }
}
