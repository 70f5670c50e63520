/// A Swift source without what is not code: comments and the insides of strings and regular expressions are blanked,
/// line breaks stay. Knows as much of the language as that takes.
struct SwiftCode {
    private var bytes: [UInt8]
    private var index = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
        while index < bytes.count { blankOne() }
    }

    /// The code by line.
    var lines: [String] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    // MARK: Blanking

    private func starts(_ text: StaticString, at offset: Int = 0) -> Bool {
        var position = 0
        while position < text.utf8CodeUnitCount {
            let place = index + offset + position
            guard place < bytes.count, bytes[place] == text.utf8Start[position] else { return false }
            position += 1
        }
        return true
    }

    private mutating func blank(_ count: Int = 1) {
        for _ in 0..<count where index < bytes.count {
            if bytes[index] != UInt8(ascii: "\n") { bytes[index] = UInt8(ascii: " ") }
            index += 1
        }
    }

    private mutating func blankOne() {
        let first = bytes[index]
        guard first == UInt8(ascii: "/") || first == UInt8(ascii: "#") || first == UInt8(ascii: "\"") else {
            index += 1
            return
        }
        if starts("//") {
            while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { blank() }
        } else if starts("/*") {
            blankBlockComment()
        } else {
            var hashes = 0
            while starts("#", at: hashes) { hashes += 1 }
            if starts("\"", at: hashes) {
                blankString(hashes)
            } else if hashes > 0, starts("/", at: hashes) {
                blankRegex(hashes)
            } else {
                index += max(hashes, 1)
            }
        }
    }

    private mutating func blankBlockComment() {
        var depth = 0
        repeat {
            if starts("/*") {
                depth += 1
                blank(2)
            } else if starts("*/") {
                depth -= 1
                blank(2)
            } else {
                blank()
            }
        } while depth > 0 && index < bytes.count
    }

    private mutating func blankRegex(_ hashes: Int) {
        blank(hashes + 1)
        while index < bytes.count, !(starts("/") && hasHashes(hashes, at: 1)) { blank() }
        blank(hashes + 1)
    }

    private func hasHashes(_ count: Int, at offset: Int) -> Bool {
        for position in 0..<count where !starts("#", at: offset + position) { return false }
        return true
    }

    /// Quotes stay, so that what is called with a string still looks so.
    private mutating func blankString(_ hashes: Int) {
        index += hashes
        let quotes = starts("\"\"\"") ? 3 : 1
        index += quotes
        while index < bytes.count {
            let isEnd = quotes == 3 ? starts("\"\"\"") : starts("\"")
            if isEnd, hasHashes(hashes, at: quotes) {
                index += quotes + hashes
                return
            }
            if starts("\\"), hasHashes(hashes, at: 1) {
                blank(1 + hashes)
                if starts("(") { blankInterpolation() } else { blank() }
            } else {
                blank()
            }
        }
    }

    /// Code inside a string; braces in it come in pairs, so it may as well be blank.
    private mutating func blankInterpolation() {
        var depth = 0
        repeat {
            if starts("(") { depth += 1 }
            if starts(")") { depth -= 1 }
            if starts("\"") {
                let start = index
                blankString(0)
                let end = index
                index = start
                blank(end - start)
            } else {
                blank()
            }
        } while depth > 0 && index < bytes.count
    }
}

extension SwiftCode {
    /// A function with a body: where it begins, and how many lines it has.
    struct Function: Equatable {
        let line: Int
        let lineCount: Int
    }

    /// The functions, initializers and subscripts, in the order of their beginning.
    var functions: [Function] {
        var found: [Function] = []
        var line = 1
        var position = 0
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "\n") { line += 1 }
            guard isWord(bytes[position]) else {
                position += 1
                continue
            }
            let end = endOfWord(position)
            if isFunction(position..<end), let body = body(from: end) {
                let breaks = bytes[position...closingBrace(body)].count { $0 == UInt8(ascii: "\n") }
                found.append(Function(line: line, lineCount: breaks + 1))
            }
            position = end
        }
        return found
    }

    private func isWord(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || byte >= 0x80 || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
            || (0x61...0x7A).contains(byte)
    }

    private func endOfWord(_ start: Int) -> Int {
        var end = start
        while end < bytes.count, isWord(bytes[end]) { end += 1 }
        return end
    }

    private func isFunction(_ word: Range<Int>) -> Bool {
        let isMember =
            word.lowerBound > 0 && [UInt8(ascii: "."), UInt8(ascii: "`")].contains(bytes[word.lowerBound - 1])
        guard !isMember, (4...9).contains(word.count) else { return false }
        switch String(decoding: bytes[word], as: UTF8.self) {
        case "func", "deinit": return true
        case "init", "subscript":
            return word.upperBound < bytes.count && "(<?!".utf8.contains(bytes[word.upperBound])
        default: return false
        }
    }

    /// The opening brace of the body; nil for a requirement of a protocol.
    private func body(from start: Int) -> Int? {
        var depth = 0
        for position in start..<bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "{") where depth == 0: return position
            case UInt8(ascii: "}") where depth == 0: return nil
            case UInt8(ascii: "\n") where depth == 0 && !continues(position): return nil
            default: break
            }
        }
        return nil
    }

    /// Whether a signature goes on in the next line.
    private func continues(_ lineBreak: Int) -> Bool {
        let rest = bytes[lineBreak...].drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
        return ["{", "->", "where ", "async ", "throws ", "throws(", "rethrows "].contains {
            rest.starts(with: $0.utf8)
        }
    }

    private func closingBrace(_ opening: Int) -> Int {
        var depth = 0
        for position in opening..<bytes.count {
            if bytes[position] == UInt8(ascii: "{") { depth += 1 }
            if bytes[position] == UInt8(ascii: "}") { depth -= 1 }
            if depth == 0 { return position }
        }
        return bytes.count - 1
    }
}
