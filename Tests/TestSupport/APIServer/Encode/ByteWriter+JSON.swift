// JSON as Go writes it: no white space, members in the order given.

extension ByteWriter {
    /// `{…}`.
    mutating func object(_ write: (inout ByteWriter) -> Void) {
        separate()
        append(UInt8(ascii: "{"))
        write(&self)
        append(UInt8(ascii: "}"))
    }

    /// `"name":{…}`.
    mutating func object(_ name: StaticString, _ write: (inout ByteWriter) -> Void) {
        self.name(name)
        object(write)
    }

    /// `"name":[…]`.
    mutating func array(_ name: StaticString, _ write: (inout ByteWriter) -> Void) {
        self.name(name)
        append(UInt8(ascii: "["))
        write(&self)
        append(UInt8(ascii: "]"))
    }

    /// `"name":["…","…"]`.
    mutating func array(_ name: StaticString, _ values: [String]) {
        array(name) { writer in
            for index in values.indices { writer.string(values[index]) }
        }
    }

    mutating func member(_ name: StaticString, _ value: String) {
        self.name(name)
        string(value)
    }

    mutating func member(_ name: StaticString, _ value: Bool) {
        self.name(name)
        value ? append("true") : append("false")
    }

    mutating func member(_ name: StaticString, _ value: UInt64) {
        self.name(name)
        append(decimal: value)
    }

    /// A member that Go leaves out when it is empty.
    mutating func member(_ name: StaticString, unlessEmpty value: String) {
        if !value.isEmpty { member(name, value) }
    }

    /// A member that Go leaves out when it is empty; keys in order.
    mutating func member(_ name: StaticString, unlessEmpty entries: [String: String]) {
        guard !entries.isEmpty else { return }
        object(name) { writer in
            for (key, value) in entries.sorted(by: { $0.key < $1.key }) {
                writer.string(key)
                writer.append(UInt8(ascii: ":"))
                writer.string(value)
            }
        }
    }

    /// A member whose value is JSON already.
    mutating func member(_ name: StaticString, json: String) {
        self.name(name)
        append(text: json)
    }

    mutating func name(_ name: StaticString) {
        separate()
        append(UInt8(ascii: "\""))
        append(name)
        append("\":")
    }

    mutating func string(_ value: String) {
        separate()
        append(UInt8(ascii: "\""))
        var value = value
        value.withUTF8 { text in
            if text.contains(where: Self.isEscaped) {
                for byte in text { appendEscaped(byte) }
            } else {
                append(UnsafeRawBufferPointer(text))
            }
        }
        append(UInt8(ascii: "\""))
    }

    private static func isEscaped(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20
    }

    private mutating func appendEscaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\n"): append("\\n")
        case UInt8(ascii: "\t"): append("\\t")
        case UInt8(ascii: "\r"): append("\\r")
        case 0..<0x10:
            append("\\u000")
            append(hex: Int(byte))
        case 0x10..<0x20:
            append("\\u00")
            append(hex: Int(byte))
        default:
            if Self.isEscaped(byte) { append(UInt8(ascii: "\\")) }
            append(byte)
        }
    }

    /// A comma, unless nothing stands before.
    private mutating func separate() {
        switch last {
        case 0, UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"), UInt8(ascii: "\n"): break
        default: append(UInt8(ascii: ","))
        }
    }
}
