/// Finds the end of a JSON value without making anything of it, over as many reads as it takes. Brackets are counted,
/// not matched.
struct ValueScanner {
    private enum Shape { case unknown, container, string, scalar }

    private var shape = Shape.unknown
    private var depth = 0
    private var isInString = false
    private var isEscaped = false

    /// Whether a value has begun and not ended.
    var isInside: Bool { shape != .unknown }

    /// Returns where the value ends that begins here or before; nil if it goes on. A number or a word ends before the
    /// byte behind it.
    mutating func scan(_ bytes: UnsafeRawBufferPointer) throws(DecodingFault) -> Int? {
        if shape == .unknown, let first = bytes.first { try begin(first) }
        let end =
            switch shape {
            case .unknown: nil as Int?
            case .container: try scanContainer(bytes)
            case .string: scanString(bytes)
            case .scalar: bytes.firstIndex { $0.endsScalar }
            }
        if end != nil { self = ValueScanner() }
        return end
    }

    private mutating func begin(_ first: UInt8) throws(DecodingFault) {
        switch first {
        case .openBrace, .openBracket: shape = .container
        case .quote: shape = .string
        default:
            guard !first.endsScalar else { throw .malformed("JSON", "a value is missing") }
            shape = .scalar
        }
    }

    private mutating func scanString(_ bytes: UnsafeRawBufferPointer) -> Int? {
        for index in bytes.indices {
            if isEscaped {
                isEscaped = false
            } else if bytes[index] == .backslash {
                isEscaped = true
            } else if bytes[index] == .quote {
                if isInString { return index + 1 }
                isInString = true
            }
        }
        return nil
    }

    private mutating func scanContainer(_ bytes: UnsafeRawBufferPointer) throws(DecodingFault) -> Int? {
        var position = 0
        while position &+ ByteLanes.count <= bytes.count {
            if !isEscaped, pass(ByteLanes.load(bytes, at: position)) {
                position &+= ByteLanes.count
                continue
            }
            if let end = try step(bytes, position..<(position + ByteLanes.count)) { return end }
            position &+= ByteLanes.count
        }
        return try step(bytes, position..<bytes.count)
    }

    /// Goes over eight bytes at once, unless something in them wants a closer look.
    @inline(__always)
    private mutating func pass(_ word: UInt64) -> Bool {
        guard ByteLanes.firstMark(word, equalTo: .backslash) == 0, ByteLanes.firstMark(word, equalTo: .lineFeed) == 0
        else { return false }
        let quotes = ByteLanes.marks(word, equalTo: .quote)
        if isInString, quotes == 0 { return true }
        let inside = ByteLanes.parity(quotes) ^ (isInString ? ByteLanes.marks : 0)
        // With this bit `[` is `{` and `]` is `}`, and nothing else becomes one of them.
        let folded = word | ByteLanes.all(0x20)
        let opening = ByteLanes.count(of: ByteLanes.marks(folded, equalTo: .openBrace) & ~inside)
        let closing = ByteLanes.count(of: ByteLanes.marks(folded, equalTo: .closeBrace) & ~inside)
        guard closing < depth, depth &+ opening <= DecodingLimits.depthMax else { return false }
        depth &+= opening &- closing
        isInString = inside >> 63 != 0
        return true
    }

    /// Goes over bytes one by one; returns where the value ends.
    private mutating func step(
        _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>
    ) throws(DecodingFault) -> Int? {
        for index in range {
            if isEscaped {
                isEscaped = false
                continue
            }
            switch bytes[index] {
            case .quote: isInString.toggle()
            case .backslash: isEscaped = isInString
            // RFC 8259 §7. A quote that got lost would else swallow one event after the other.
            case .lineFeed where isInString: throw .malformed("JSON", "a string has no end in its line")
            case .openBrace where !isInString, .openBracket where !isInString:
                depth += 1
                guard depth <= DecodingLimits.depthMax else { throw .tooDeep }
            case .closeBrace where !isInString, .closeBracket where !isInString:
                depth -= 1
                if depth == 0 { return index + 1 }
            default: break
            }
        }
        return nil
    }
}
