/// Reads a JSON value that is whole in memory, from front to back. Values that nobody asks for are skipped; what is
/// asked for and is something else is the fault of the object, what is no JSON that of the response.
struct JSONReader {
    private let bytes: UnsafeRawBufferPointer
    private(set) var position = 0
    /// Whether the object or array that was entered last has had no member yet.
    private var isFirst = false

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Enters an object; false if there is null in its place.
    mutating func beginObject(_ path: StaticString) throws(ObjectFault) -> Bool {
        try begin(.openBrace, path, "an object")
    }

    /// Enters an array; false if there is null in its place.
    mutating func beginArray(
        _ path: StaticString, _ needed: StaticString = "an array"
    ) throws(ObjectFault) -> Bool {
        try begin(.openBracket, path, needed)
    }

    private mutating func begin(
        _ bracket: UInt8, _ path: StaticString, _ needed: StaticString
    ) throws(ObjectFault) -> Bool {
        guard try valueStart() == bracket else {
            guard skipWord("null") else { throw .wrongType(path, needed) }
            return false
        }
        position &+= 1
        isFirst = true
        return true
    }

    /// The key of the next member, whose value must be read or skipped; nil at the end of the object.
    @inline(__always)
    mutating func nextMember() throws(ObjectFault) -> JSONText? {
        guard try goOn(.closeBrace) else { return nil }
        let key = try key()
        guard try next() == .colon else { throw malformed("a colon") }
        position &+= 1
        return key
    }

    /// A string that is a key by itself, without what it belongs to.
    mutating func key() throws(ObjectFault) -> JSONText {
        guard try next() == .quote else { throw malformed("a key") }
        return try string()
    }

    /// Whether there is an element, which must be read or skipped, and not the end of the array.
    mutating func nextElement() throws(ObjectFault) -> Bool { try goOn(.closeBracket) }

    /// Goes behind a comma, or behind the end.
    @inline(__always)
    private mutating func goOn(_ end: UInt8) throws(ObjectFault) -> Bool {
        let byte = try next()
        if byte == end {
            position &+= 1
            isFirst = false
            return false
        }
        if isFirst {
            isFirst = false
            return true
        }
        guard byte == .comma else { throw malformed("a comma") }
        position &+= 1
        return true
    }

    /// The next byte that is no space; it is not used up.
    @inline(__always)
    private mutating func next() throws(ObjectFault) -> UInt8 {
        while position < bytes.count {
            let byte = bytes[position]
            guard byte.isSpace else { return byte }
            position &+= 1
        }
        throw malformed("something more")
    }

    @inline(__always)
    private mutating func valueStart() throws(ObjectFault) -> UInt8 {
        let byte = try next()
        guard !byte.endsScalar || byte == .quote || byte == .openBrace || byte == .openBracket else {
            throw malformed("a value")
        }
        return byte
    }

    private func malformed(_ needed: StaticString) -> ObjectFault {
        .broken(.malformed("JSON", "byte \(position) of an object should be \(needed)"))
    }

    /// A string; its opening quote is next.
    @inline(__always)
    private mutating func string() throws(ObjectFault) -> JSONText {
        let start = position &+ 1
        var end = start
        var hasEscapes = false
        while true {
            while end &+ ByteLanes.count <= bytes.count {
                let word = ByteLanes.load(bytes, at: end)
                let marks =
                    ByteLanes.firstMark(word, equalTo: .quote) | ByteLanes.firstMark(word, equalTo: .backslash)
                guard marks == 0 else {
                    end &+= ByteLanes.first(marks)
                    break
                }
                end &+= ByteLanes.count
            }
            while end < bytes.count, bytes[end] != .quote, bytes[end] != .backslash { end &+= 1 }
            guard end < bytes.count else { throw malformed("the end of a string") }
            if bytes[end] == .quote { break }
            hasEscapes = true
            // What is escaped does not end the string.
            end &+= 2
        }
        position = end &+ 1
        return JSONText(bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<end]), hasEscapes: hasEscapes)
    }

    /// A string.
    @inline(__always)
    mutating func text(
        _ path: StaticString, _ needed: StaticString = "a string"
    ) throws(ObjectFault) -> String {
        guard try valueStart() == .quote else { throw .wrongType(path, needed) }
        return try string().string(path)
    }

    /// A string; empty where there is null in its place.
    @inline(__always)
    mutating func optionalText(_ path: StaticString) throws(ObjectFault) -> String {
        if try valueStart() != .quote, skipWord("null") { return "" }
        return try text(path)
    }

    /// A whole number; nil where there is null in its place.
    mutating func number(_ path: StaticString) throws(ObjectFault) -> Int? {
        let first = try valueStart()
        if skipWord("null") { return nil }
        let start = position
        try skip()
        let token = bytes[start..<position]
        let digits = first == UInt8(ascii: "-") ? token.dropFirst() : token
        // JSON has no leading zeros, and 18 digits always fit.
        guard 1...18 ~= digits.count, digits.count == 1 || digits.first != 0x30,
            digits.allSatisfy({ 0x30...0x39 ~= $0 })
        else { throw .wrongType(path, "a whole number") }
        let value = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        return digits.count < token.count ? -value : value
    }

    /// `true` or `false`; nil where there is null in its place.
    mutating func bool(_ path: StaticString) throws(ObjectFault) -> Bool? {
        _ = try valueStart()
        if skipWord("true") { return true }
        if skipWord("false") { return false }
        if skipWord("null") { return nil }
        throw .wrongType(path, "true or false")
    }

    /// Whether the value is null. It is used up either way.
    mutating func isNull() throws(ObjectFault) -> Bool {
        _ = try valueStart()
        if skipWord("null") { return true }
        try skip()
        return false
    }

    /// Goes behind a word, if it stands here as a whole.
    private mutating func skipWord(_ word: StaticString) -> Bool {
        let end = position + word.utf8CodeUnitCount
        guard end <= bytes.count, UnsafeRawBufferPointer(rebasing: bytes[position..<end]).isEqual(to: word),
            end == bytes.count || bytes[end].endsScalar
        else { return false }
        position = end
        return true
    }

    /// Goes behind a value that nobody needs.
    mutating func skip() throws(ObjectFault) {
        switch try valueStart() {
        case .quote: _ = try string()
        case .openBrace, .openBracket: try skipContainer()
        default: while position < bytes.count, !bytes[position].endsScalar { position &+= 1 }
        }
    }

    private mutating func skipContainer() throws(ObjectFault) {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[position...])
        var scanner = ValueScanner()
        do throws(DecodingFault) {
            guard let count = try scanner.scan(rest) else { throw malformed("the end of a value").fault }
            position += count
        } catch {
            throw .broken(error)
        }
    }
}
