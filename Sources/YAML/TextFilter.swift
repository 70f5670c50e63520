/// What bytes go through before libyaml sees them.
///
/// libyaml refuses what JSON allows, and looks up to 16 KB ahead when it does so. It is dealt with on the way:
/// surrogate pairs become `\U` escapes, characters that YAML forbids become others of the same length (no name or
/// address can hold them), JSON values that follow each other without `---` are told apart, and the first byte
/// that is no text ends the input exactly there, so that what stands before it is still read.
struct TextFilter {
    /// The bytes that one step looks at and passes on at most: a surrogate pair.
    static let longestStep = 12

    /// Why the text ends where it does.
    private(set) var fault: YAMLFault?
    /// Whether a further JSON value is held back until `startNextValue`.
    private(set) var hasNextValue = false
    /// Whether the bytes that were left need those behind them to be understood.
    private(set) var needsMore = false
    private var form = Form.unknown
    private var place = YAMLPosition()
    private var nesting = JSONNesting()
    private var isLast = false

    private enum Form {
        case unknown
        case yaml
        case json
        /// UTF-16, known by its byte order mark: left to libyaml.
        case utf16
    }

    /// Ends the text here.
    mutating func stop(_ message: String) {
        fault = YAMLFault(position: place, message: message)
    }

    /// Goes on behind the end, where a JSON value follows another; returns where, nil where nothing follows.
    mutating func startNextValue() -> YAMLPosition? {
        guard hasNextValue else { return nil }
        (nesting, hasNextValue) = (JSONNesting(), false)
        return place
    }

    /// Passes on what fits, and tells how much was read and written; may change what was read.
    mutating func pass(
        _ source: UnsafeMutableBufferPointer<UInt8>, isLast: Bool, into target: UnsafeMutableBufferPointer<UInt8>
    ) -> (read: Int, written: Int) {
        self.isLast = isLast
        needsMore = false
        if form == .unknown { form = Self.recognise(source) }
        if form == .utf16 {
            let count = min(source.count, target.count)
            _ = target.update(fromContentsOf: source[..<count])
            return (count, count)
        }
        return filter(source, into: target)
    }

    private static func recognise(_ start: UnsafeMutableBufferPointer<UInt8>) -> Form {
        if start.count >= 2, (start[0], start[1]) == (0xFF, 0xFE) || (start[0], start[1]) == (0xFE, 0xFF) {
            return .utf16
        }
        let afterMark = start.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        let first = start[afterMark...].first { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }
        // White space alone decides nothing.
        guard let first else { return .unknown }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[") ? .json : .yaml
    }

    private mutating func filter(
        _ source: UnsafeMutableBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>
    ) -> (read: Int, written: Int) {
        let isJSON = form == .json
        var read = 0
        var written = 0
        while read < source.count, target.count - written >= Self.longestStep, !hasNextValue {
            let byte = source[read]
            if isJSON, nesting.startsNextValue(at: byte) {
                hasNextValue = true
            } else if byte >= 0x20, byte < 0x7F, byte != UInt8(ascii: "\\") || !isJSON {
                target[written] = byte
                (read, written, place.column) = (read + 1, written + 1, place.column &+ 1)
            } else {
                guard case .keep(let length, let into) = special(UnsafeMutableBufferPointer(rebasing: source[read...]))
                else { break }
                for index in 0..<into { target[written + index] = source[read + index] }
                read += length
                written += into
            }
        }
        return (read, written)
    }

    private enum Step {
        /// `length` bytes were looked at; the first `into` of them are passed on.
        case keep(length: Int, into: Int)
        /// Nothing can be passed on: more bytes are needed to tell, or `fault` is set.
        case none
    }

    private mutating func special(_ rest: UnsafeMutableBufferPointer<UInt8>) -> Step {
        switch rest[0] {
        case 0x0A:
            place = YAMLPosition(line: place.line &+ 1, column: 1)
            return .keep(length: 1, into: 1)
        case 0x09, 0x0D:
            place.column &+= 1
            return .keep(length: 1, into: 1)
        case UInt8(ascii: "\\"):
            return escape(rest)
        case 0x7F where form == .json:
            rest[0] = UInt8(ascii: "?")
            place.column &+= 1
            return .keep(length: 1, into: 1)
        case 0x80...:
            return character(rest)
        case let byte:
            stop("holds the control character \(hexadecimal(UInt32(byte))), which YAML does not allow")
            return .none
        }
    }

    /// An escape in JSON; only surrogates need a change. A lone one becomes U+FFFD, as the API server has it.
    private mutating func escape(_ rest: UnsafeMutableBufferPointer<UInt8>) -> Step {
        // Elsewhere than between double quotes, a backslash is itself.
        guard nesting.isDoubleQuoted else { return keep(1) }
        guard rest.count >= 2 else { return unfinished() }
        guard rest[1] == UInt8(ascii: "u") else { return keep(rest[1] < 0x80 && rest[1] >= 0x20 ? 2 : 1) }
        guard rest.count >= 6 else { return unfinished() }
        // What is no escape is libyaml's to refuse.
        guard let unit = Self.hexUnit(rest, at: 2) else { return keep(2) }
        guard 0xD800..<0xE000 ~= unit else { return keep(6) }
        if unit < 0xDC00 {
            guard rest.count >= 12 || isLast else { return unfinished() }
            if rest.count >= 12, rest[6] == UInt8(ascii: "\\"), rest[7] == UInt8(ascii: "u"),
                let low = Self.hexUnit(rest, at: 8), 0xDC00..<0xE000 ~= low
            {
                let scalar = 0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00)
                rest[1] = UInt8(ascii: "U")
                for index in 0..<8 { rest[2 + index] = Self.hexDigit(scalar >> UInt32(28 - 4 * index)) }
                place.column &+= 12
                return .keep(length: 12, into: 10)
            }
        }
        for (index, byte) in "FFFD".utf8.enumerated() { rest[2 + index] = byte }
        return keep(6)
    }

    private mutating func keep(_ count: Int) -> Step {
        place.column &+= UInt32(count)
        return .keep(length: count, into: count)
    }

    private mutating func unfinished() -> Step {
        guard !isLast else { return keep(1) }
        needsMore = true
        return .none
    }

    /// A character outside ASCII.
    private mutating func character(_ rest: UnsafeMutableBufferPointer<UInt8>) -> Step {
        let length = rest[0] < 0xC2 ? 0 : rest[0] < 0xE0 ? 2 : rest[0] < 0xF0 ? 3 : rest[0] < 0xF5 ? 4 : 0
        if length > rest.count, !isLast { return unfinished() }
        guard length > 0, length <= rest.count, let scalar = Self.decode(rest, length: length) else {
            stop("holds the byte \(hexadecimal(UInt32(rest[0]))), which is not UTF-8 text here")
            return .none
        }
        if !Self.isAllowedByYAML(scalar), !(scalar == 0xFEFF && place == YAMLPosition()) {
            guard form == .json else {
                stop("holds the character U+\(hexadecimal(scalar).dropFirst(2)), which YAML does not allow")
                return .none
            }
            // U+00BF or U+FFFD: of the same length.
            (rest[length - 2], rest[length - 1]) = length == 2 ? (0xC2, 0xBF) : (0xBF, 0xBD)
        }
        place.column &+= 1
        return .keep(length: length, into: length)
    }

    private static func decode(_ bytes: UnsafeMutableBufferPointer<UInt8>, length: Int) -> UInt32? {
        var scalar = UInt32(bytes[0]) & (0xFF >> UInt32(length + 1))
        for index in 1..<length {
            guard bytes[index] & 0xC0 == 0x80 else { return nil }
            scalar = scalar << 6 | UInt32(bytes[index] & 0x3F)
        }
        let least: UInt32 = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000
        return scalar >= least && scalar < 0x110000 && !(0xD800..<0xE000 ~= scalar) ? scalar : nil
    }

    /// YAML 1.1 §5.1: printable characters.
    private static func isAllowedByYAML(_ scalar: UInt32) -> Bool {
        scalar == 0x85 || (scalar >= 0xA0 && scalar < 0xFFFE && scalar != 0xFEFF) || scalar >= 0x10000
    }

    private static func hexUnit(_ bytes: UnsafeMutableBufferPointer<UInt8>, at start: Int) -> UInt16? {
        var value: UInt16 = 0
        for index in start..<start + 4 {
            guard let digit = Character(Unicode.Scalar(bytes[index])).hexDigitValue else { return nil }
            value = value << 4 | UInt16(digit)
        }
        return value
    }

    private static func hexDigit(_ value: UInt32) -> UInt8 {
        let digit = UInt8(truncatingIfNeeded: value & 15)
        return digit < 10 ? 0x30 + digit : 0x37 + digit
    }
}

private func hexadecimal(_ value: UInt32) -> String {
    "0x" + String(value, radix: 16, uppercase: true)
}
