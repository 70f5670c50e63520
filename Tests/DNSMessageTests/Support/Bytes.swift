import DNSMessage

/// Bytes from hexadecimal text with blanks, in which `'abc'` stands for a label with its length byte.
func bytes(_ text: String) -> [UInt8] {
    var found: [UInt8] = []
    for word in text.split(whereSeparator: \.isWhitespace) {
        if word.hasPrefix("'") {
            let label = word.dropFirst().dropLast().utf8
            found.append(UInt8(label.count))
            found += label
        } else {
            var digits = word[...]
            while !digits.isEmpty {
                guard let byte = UInt8(digits.prefix(2), radix: 16) else { preconditionFailure("\(word) is no hex") }
                found.append(byte)
                digits = digits.dropFirst(2)
            }
        }
    }
    return found
}

extension Message {
    /// Decodes an array.
    init(_ bytes: [UInt8]) throws {
        self = try bytes.withUnsafeBytes { try Message(decoding: $0) }
    }
}

/// A name of exactly so many bytes on the wire: labels of 63 bytes and a shorter rest.
func name(ofLength length: Int) -> Name {
    var labels: [String] = []
    var left = length - 1
    while left > 0 {
        // A rest of one byte would be a label without content.
        let size = left - 64 == 1 ? 63 : min(left, 64)
        labels.append(String(repeating: "x", count: size - 1))
        left -= size
    }
    return Name(stringLiteral: labels.joined(separator: ".") + ".")
}
