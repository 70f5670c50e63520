import Glibc

/// The bytes of one manifest on their way to libyaml, a chunk at a time.
///
/// libyaml refuses what JSON allows, and looks up to 16 KB ahead when it does so. It is dealt with on the way:
/// surrogate pairs become `\U` escapes, characters that YAML forbids become others of the same length (no name or
/// address can hold them), JSON values that follow each other without `---` are told apart, and the first byte
/// that is no text ends the input exactly there, so that what stands before it is still read.
final class ManifestInput {
    /// Where the bytes come from.
    enum Source {
        /// An open file; whoever opened it closes it.
        case descriptor(Int32)
        case bytes([UInt8])
    }

    /// Why the input ended before its end.
    private(set) var fault: ManifestFault?

    private let source: Source
    private var offset = 0
    private var form = Form.unknown
    /// What was read and not passed on: the start of a character or an escape, or the next JSON value.
    private var carried: [UInt8] = []
    private var isAtEnd = false
    private var place = Position()
    private var nesting = JSONNesting()
    /// Whether a further JSON value is held back until `startNextValue`.
    private var hasNextValue = false

    private enum Form {
        case unknown
        case yaml
        case json
        /// UTF-16, known by its byte order mark: left to libyaml.
        case utf16
    }

    init(_ source: Source) {
        self.source = source
    }

    /// Starts from the beginning again.
    func rewind() {
        if case .descriptor(let descriptor) = source { _ = lseek(descriptor, 0, SEEK_SET) }
        (offset, form, carried, isAtEnd, place, fault) = (0, .unknown, [], false, Position(), nil)
        (nesting, hasNextValue) = (JSONNesting(), false)
    }

    /// Goes on behind the end, where a JSON value follows another; returns where, nil where nothing follows.
    func startNextValue() -> Position? {
        guard hasNextValue else { return nil }
        (nesting, hasNextValue) = (JSONNesting(), false)
        return place
    }

    /// Fills `target`; 0 means the end, nil that `fault` tells why there is no more.
    func read(into target: UnsafeMutableBufferPointer<UInt8>) -> Int? {
        guard fault == nil else { return nil }
        // A lone byte at the end of a chunk decides nothing, so read on until something can be passed on.
        while !hasNextValue {
            var count = min(carried.count, target.count)
            for index in 0..<count { target[index] = carried[index] }
            carried.removeFirst(count)
            if !isAtEnd, count < target.count {
                guard let more = fill(UnsafeMutableBufferPointer(rebasing: target[count...])) else { return nil }
                isAtEnd = more == 0
                count += more
            }
            if form == .unknown { form = Self.recognise(UnsafeBufferPointer(rebasing: target[..<count])) }
            let passed = form == .utf16 ? count : check(UnsafeMutableBufferPointer(rebasing: target[..<count]))
            // Bytes before a fault are still passed on; the next call tells of it.
            if passed > 0 { return passed }
            if fault != nil { return nil }
            if isAtEnd, carried.isEmpty { return 0 }
        }
        return 0
    }

    private func fill(_ target: UnsafeMutableBufferPointer<UInt8>) -> Int? {
        let count: Int
        switch source {
        case .bytes(let bytes):
            count = min(target.count, bytes.count - offset)
            for index in 0..<count { target[index] = bytes[offset + index] }
        case .descriptor(let descriptor):
            count = readRetrying(descriptor, target)
            guard count >= 0 else {
                stop("cannot be read any further: \(String(cString: strerror(errno)))")
                return nil
            }
        }
        offset += count
        guard offset <= Limits.fileBytes else {
            stop("is larger than \(Limits.fileBytes >> 20) MiB; the rest is left out")
            return nil
        }
        return count
    }

    private func stop(_ message: String) {
        fault = ManifestFault(position: place, message: message)
    }

    private static func recognise(_ start: UnsafeBufferPointer<UInt8>) -> Form {
        if start.count >= 2, (start[0], start[1]) == (0xFF, 0xFE) || (start[0], start[1]) == (0xFE, 0xFF) {
            return .utf16
        }
        let afterMark = start.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        let first = start[afterMark...].first { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }
        // White space alone decides nothing.
        guard let first else { return .unknown }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[") ? .json : .yaml
    }
}

extension ManifestInput {
    /// Checks and changes the bytes in place; returns how many are ready, and carries an unfinished rest.
    private func check(_ bytes: UnsafeMutableBufferPointer<UInt8>) -> Int {
        let isJSON = form == .json
        var source = 0
        var target = 0
        while source < bytes.count {
            let byte = bytes[source]
            if isJSON, nesting.startsNextValue(at: byte) {
                carried.insert(contentsOf: bytes[source...], at: 0)
                hasNextValue = true
                return target
            }
            if byte >= 0x20, byte < 0x7F, byte != UInt8(ascii: "\\") || !isJSON {
                bytes[target] = byte
                (source, target, place.column) = (source + 1, target + 1, place.column &+ 1)
                continue
            }
            switch special(UnsafeMutableBufferPointer(rebasing: bytes[source...])) {
            case .keep(let length, let into):
                for index in 0..<into { bytes[target + index] = bytes[source + index] }
                source += length
                target += into
            case .unfinished:
                carried.insert(contentsOf: bytes[source...], at: 0)
                return target
            case .bad:
                return target
            }
        }
        return target
    }

    private enum Step {
        /// `length` bytes were looked at; the first `into` of them are passed on.
        case keep(length: Int, into: Int)
        /// More bytes are needed to tell.
        case unfinished
        /// `fault` is set.
        case bad
    }

    private func special(_ rest: UnsafeMutableBufferPointer<UInt8>) -> Step {
        switch rest[0] {
        case 0x0A:
            place = Position(line: place.line &+ 1, column: 1)
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
            stop("holds the control character \(hexadecimal(UInt32(byte))), which no manifest may contain")
            return .bad
        }
    }

    /// An escape in JSON; only surrogates need a change. A lone one becomes U+FFFD, as the API server has it.
    private func escape(_ rest: UnsafeMutableBufferPointer<UInt8>) -> Step {
        // Elsewhere than between double quotes, a backslash is itself.
        guard nesting.isDoubleQuoted else { return keep(1) }
        guard rest.count >= 2 else { return unfinished(rest) }
        guard rest[1] == UInt8(ascii: "u") else { return keep(rest[1] < 0x80 && rest[1] >= 0x20 ? 2 : 1) }
        guard rest.count >= 6 else { return unfinished(rest) }
        guard let unit = Self.hexUnit(rest, at: 2), 0xD800..<0xE000 ~= unit else { return keep(6) }
        if unit < 0xDC00 {
            guard rest.count >= 12 || isAtEnd else { return .unfinished }
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

    private func keep(_ count: Int) -> Step {
        place.column &+= UInt32(count)
        return .keep(length: count, into: count)
    }

    private func unfinished(_ rest: UnsafeMutableBufferPointer<UInt8>) -> Step {
        isAtEnd ? keep(1) : .unfinished
    }

    /// A character outside ASCII.
    private func character(_ rest: UnsafeMutableBufferPointer<UInt8>) -> Step {
        let length = rest[0] < 0xC2 ? 0 : rest[0] < 0xE0 ? 2 : rest[0] < 0xF0 ? 3 : rest[0] < 0xF5 ? 4 : 0
        if length > rest.count, !isAtEnd { return .unfinished }
        guard length > 0, length <= rest.count, let scalar = Self.decode(rest, length: length) else {
            stop("holds the byte \(hexadecimal(UInt32(rest[0]))), which is not UTF-8 text here")
            return .bad
        }
        if !Self.isAllowedByYAML(scalar), !(scalar == 0xFEFF && place == Position()) {
            guard form == .json else {
                stop("holds the character U+\(hexadecimal(scalar).dropFirst(2)), which YAML does not allow")
                return .bad
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

/// `read(2)`, again where a signal broke it off.
private func readRetrying(_ descriptor: Int32, _ target: UnsafeMutableBufferPointer<UInt8>) -> Int {
    while true {
        let count = Glibc.read(descriptor, target.baseAddress, target.count)
        if count >= 0 || errno != EINTR { return count }
    }
}
