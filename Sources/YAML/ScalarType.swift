/// What a scalar is to kubectl, which reads YAML 1.1 without sexagesimal numbers and dates.
public enum ScalarType: Hashable, Sendable {
    case string
    case null
    case bool(Bool)
    case integer
    case float

    /// For "plain 80 is …".
    public var words: String {
        switch self {
        case .string: "a string"
        case .null: "null"
        case .bool: "a boolean"
        case .integer, .float: "a number"
        }
    }

    /// The type of a plain scalar.
    init(plain text: UnsafeBufferPointer<UInt8>) {
        guard let first = text.first else {
            self = .null
            return
        }
        // Most texts are names and addresses: decided by their first and last character.
        switch first {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            self = Self.number(text)
        case UInt8(ascii: "~"), UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "t"), UInt8(ascii: "T"),
            UInt8(ascii: "f"), UInt8(ascii: "F"), UInt8(ascii: "y"), UInt8(ascii: "Y"), UInt8(ascii: "o"),
            UInt8(ascii: "O"):
            self = text.count > 5 ? .string : Self.word(text)
        default: self = .string
        }
    }

    private static func word(_ text: UnsafeBufferPointer<UInt8>) -> ScalarType {
        switch String(decoding: text, as: UTF8.self) {
        case "~", "null", "Null", "NULL": .null
        case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": .bool(true)
        case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": .bool(false)
        default: .string
        }
    }

    private static func number(_ text: UnsafeBufferPointer<UInt8>) -> ScalarType {
        let unsigned = text.first == UInt8(ascii: "-") || text.first == UInt8(ascii: "+") ? text[1...] : text[...]
        guard let first = unsigned.first else { return .string }
        if first == UInt8(ascii: "."),
            ["inf", "Inf", "INF", "nan", "NaN", "NAN"].contains(where: {
                unsigned.dropFirst().elementsEqual($0.utf8)
            })
        {
            return .float
        }
        if unsigned.count > 2, first == 0x30, let radix = radix(unsigned[unsigned.startIndex + 1]) {
            return unsigned.dropFirst(2).allSatisfy { isDigit($0, radix) || $0 == UInt8(ascii: "_") }
                ? .integer : .string
        }
        return decimal(unsigned)
    }

    /// `12`, `1_000`, `1.5`, `.5`, `1e3`.
    private static func decimal(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> ScalarType {
        var digits = 0
        var hasPoint = false
        var index = text.startIndex
        while index < text.endIndex {
            let byte = text[index]
            if isDigit(byte, 10) {
                digits += 1
            } else if byte == UInt8(ascii: "."), !hasPoint {
                hasPoint = true
            } else if byte | 0x20 == UInt8(ascii: "e"), digits > 0 {
                return isExponent(text[(index + 1)...]) ? .float : .string
            } else if byte != UInt8(ascii: "_") || digits == 0 {
                return .string
            }
            index += 1
        }
        return digits == 0 ? .string : hasPoint ? .float : .integer
    }

    private static func isExponent(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        let unsigned = text.first == UInt8(ascii: "-") || text.first == UInt8(ascii: "+") ? text.dropFirst() : text
        return !unsigned.isEmpty && unsigned.allSatisfy { isDigit($0, 10) }
    }

    private static func radix(_ letter: UInt8) -> Int? {
        switch letter {
        case UInt8(ascii: "x"), UInt8(ascii: "X"): 16
        case UInt8(ascii: "o"): 8
        case UInt8(ascii: "b"): 2
        default: nil
        }
    }

    private static func isDigit(_ byte: UInt8, _ radix: Int) -> Bool {
        Character(Unicode.Scalar(byte)).hexDigitValue.map { $0 < radix } ?? false
    }
}

extension NodeTree {
    /// What a scalar is; a collection is no string and nothing else either.
    public func scalarType(_ index: Int) -> ScalarType {
        guard nodes[index].isPlain else { return .string }
        return withText(index) { ScalarType(plain: $0) }
    }

    /// Whether a node is null, as absent members are.
    public func isNull(_ index: Int) -> Bool {
        nodes[index].isPlain && scalarType(index) == .null
    }
}
