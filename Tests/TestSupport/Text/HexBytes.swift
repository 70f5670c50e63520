/// Bytes written as hexadecimal digits; blanks and line ends between them mean nothing.
public struct HexBytes: ExpressibleByStringLiteral, Sendable {
    /// The bytes.
    public let bytes: [UInt8]

    /// Traps on anything but pairs of digits: a test that spells its bytes wrongly is no test.
    public init(_ text: String) {
        let digits = text.filter { !$0.isWhitespace }.map { digit -> UInt8 in
            guard let value = digit.hexDigitValue else { preconditionFailure("'\(digit)' is no hexadecimal digit") }
            return UInt8(value)
        }
        precondition(digits.count.isMultiple(of: 2), "half a byte in '\(text)'")
        bytes = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    /// Bytes in source code.
    public init(stringLiteral text: String) { self.init(text) }
}

extension Sequence<UInt8> {
    /// Two digits a byte.
    public var hex: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
