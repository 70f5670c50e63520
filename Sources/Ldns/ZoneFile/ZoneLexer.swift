/// Cuts a master file into entries: a line, or several that parentheses join, without comments (RFC 1035 §5.1).
struct ZoneLexer {
    /// The words of a record or directive.
    struct Entry {
        /// Where it starts, from 1.
        var line: Int
        /// Its owner is that of the entry above.
        var startsWithBlank: Bool
        /// The words as written, with their quotes and escapes.
        var words: [ArraySlice<UInt8>] = []
    }

    private let bytes: [UInt8]
    private var position = 0
    private var line = 1

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The next entry with a word in it; nil at the end.
    mutating func next() throws(ZoneFileError) -> Entry? {
        while position < bytes.count {
            let entry = try readEntry()
            if !entry.words.isEmpty { return entry }
        }
        return nil
    }

    private mutating func readEntry() throws(ZoneFileError) -> Entry {
        var entry = Entry(line: line, startsWithBlank: isBlank(bytes[position]))
        var depth = 0
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\n"):
                position += 1
                line += 1
                if depth == 0 { return entry }
            case UInt8(ascii: "("):
                position += 1
                depth += 1
            case UInt8(ascii: ")"):
                position += 1
                guard depth > 0 else {
                    skipLine()
                    throw ZoneFileError(line: line, .strayParenthesis)
                }
                depth -= 1
            case UInt8(ascii: ";"):
                skipLine()
            case let byte where isBlank(byte):
                position += 1
            default:
                entry.words.append(try readWord())
            }
        }
        guard depth == 0 else { throw ZoneFileError(line: entry.line, .unclosedParenthesis) }
        return entry
    }

    private mutating func skipLine() {
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
    }

    /// A word ends at a blank, parenthesis or comment outside quotes; one that opens with a quote ends with it.
    private mutating func readWord() throws(ZoneFileError) -> ArraySlice<UInt8> {
        let start = position
        var isQuoted = false
        scan: while position < bytes.count {
            switch bytes[position] {
            case 0:
                // What comes behind can still be read, and told about.
                position += 1
                throw ZoneFileError(line: line, .zeroByte)
            case UInt8(ascii: "\n"): break scan
            case UInt8(ascii: "\\"):
                position += 1
                guard position < bytes.count, bytes[position] != UInt8(ascii: "\n") else {
                    throw ZoneFileError(line: line, .badEscape)
                }
            case UInt8(ascii: "\""):
                isQuoted.toggle()
                if !isQuoted, bytes[start] == UInt8(ascii: "\"") {
                    position += 1
                    break scan
                }
            case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ";"):
                if !isQuoted { break scan }
            case let byte where isBlank(byte):
                if !isQuoted { break scan }
            default: break
            }
            position += 1
        }
        guard !isQuoted else { throw ZoneFileError(line: line, .unclosedQuote) }
        return bytes[start..<position]
    }

    private func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }
}
