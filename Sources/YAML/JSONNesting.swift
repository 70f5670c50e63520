/// Tells where one JSON value ends and the next begins: `kubectl apply -f` takes `{…}{…}`, YAML does not.
///
/// What begins like JSON may be YAML in flow style, so single quotes and comments count too; where it is wrong about
/// those, the texts are taken as one.
struct JSONNesting {
    private var depth = 0
    private var mode = Mode.between
    private var isAfterValue = false
    private var isAfterSpace = true

    private enum Mode { case between, doubleQuoted, singleQuoted, comment }

    var isDoubleQuoted: Bool { mode == .doubleQuoted }

    /// Whether a byte begins another value; an escape between double quotes must be passed over as a whole.
    mutating func startsNextValue(at byte: UInt8) -> Bool {
        switch mode {
        case .doubleQuoted: if byte == UInt8(ascii: "\"") { mode = .between }
        case .singleQuoted: if byte == UInt8(ascii: "'") { mode = .between }
        case .comment: if byte == 0x0A { mode = .between }
        case .between: return isNextValue(byte)
        }
        return false
    }

    private mutating func isNextValue(_ byte: UInt8) -> Bool {
        let isSpace = byte == 0x20 || (byte >= 0x09 && byte <= 0x0D)
        defer { isAfterSpace = isSpace }
        if isSpace { return false }
        let follows = isAfterValue
        isAfterValue = false
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            if follows { return true }
            depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            depth -= 1
            isAfterValue = depth == 0
        case UInt8(ascii: "\""): mode = .doubleQuoted
        case UInt8(ascii: "'"): mode = .singleQuoted
        case UInt8(ascii: "#") where isAfterSpace: mode = .comment
        default: break
        }
        return false
    }
}
