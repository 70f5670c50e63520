/// A set of bytes: what stands in the brackets of a regular expression.
struct ByteSet {
    private var members = [Bool](repeating: false, count: 256)

    mutating func insert(_ range: ClosedRange<UInt8>) {
        for byte in range { members[Int(byte)] = true }
    }

    mutating func formUnion(_ other: ByteSet) {
        for index in members.indices where other.members[index] { members[index] = true }
    }

    mutating func invert() {
        // No text contains a NUL, and no expression of the C library could.
        for index in members.indices.dropFirst() { members[index].toggle() }
    }

    func contains(_ scalar: Unicode.Scalar) -> Bool { scalar.value < 256 && members[Int(scalar.value)] }

    /// `\d`, `\w`, `\s` and their opposites.
    static func named(_ letter: Unicode.Scalar) -> ByteSet? {
        var set: ByteSet
        switch letter {
        case "d", "D": set = of("0"..."9")
        case "w", "W": set = of("0"..."9", "A"..."Z", "a"..."z", "_"..."_")
        case "s", "S": set = of("\t"..."\n", "\u{0C}"..."\r", " "..." ")
        default: return nil
        }
        if letter < "a" { set.invert() }
        return set
    }

    /// `alpha` for `[:alpha:]`, `^alpha` for `[:^alpha:]`.
    static func posix(_ name: String) -> ByteSet? {
        if name.hasPrefix("^") {
            var set = posix(String(name.dropFirst()))
            set?.invert()
            return set
        }
        return switch name {
        case "alnum": of("0"..."9", "A"..."Z", "a"..."z")
        case "alpha": of("A"..."Z", "a"..."z")
        case "ascii": of("\u{01}"..."\u{7F}")
        case "blank": of("\t"..."\t", " "..." ")
        case "cntrl": of("\u{01}"..."\u{1F}", "\u{7F}"..."\u{7F}")
        case "digit": of("0"..."9")
        case "graph": of("!"..."~")
        case "lower": of("a"..."z")
        case "print": of(" "..."~")
        case "punct": of("!"..."/", ":"..."@", "["..."`", "{"..."~")
        case "space": of("\t"..."\r", " "..." ")
        case "upper": of("A"..."Z")
        case "word": named("w")
        case "xdigit": of("0"..."9", "A"..."F", "a"..."f")
        default: nil
        }
    }

    private static func of(_ ranges: ClosedRange<Unicode.Scalar>...) -> ByteSet {
        var set = ByteSet()
        for range in ranges {
            set.insert(
                UInt8(truncatingIfNeeded: range.lowerBound.value)...UInt8(truncatingIfNeeded: range.upperBound.value))
        }
        return set
    }

    /// A POSIX bracket expression. Nothing can be escaped in one, so `]` comes first, `[` behind all that it could
    /// form a class with, and `-` last. Bytes above ASCII are members all or none.
    var bracket: String {
        let isNegated = members[0x80]
        let listed = (1...0x7F as ClosedRange<UInt8>).filter { members[Int($0)] != isNegated }
        if listed.isEmpty { return isNegated ? "." : "(x^)" }
        let plain = listed.filter { !"]^-[".utf8.contains($0) }
        let has = { (scalar: Unicode.Scalar) in listed.contains(UInt8(ascii: scalar)) ? String(scalar) : "" }
        let text = has("]") + String(decoding: plain, as: UTF8.self) + has("[")
        // A caret would negate at the start.
        if text.isEmpty, !isNegated { return has("-").isEmpty ? "\\^" : "[-\(has("^"))]" }
        return "[\(isNegated ? "^" : "")\(text)\(has("^"))\(has("-"))]"
    }

    /// A character that stands for itself outside of brackets; one of several bytes as a group, to be repeated whole.
    static func literal(_ scalar: Unicode.Scalar) -> String {
        if "\\.[](){}*+?^$|".unicodeScalars.contains(scalar) { return "\\\(scalar)" }
        return scalar.isASCII ? String(scalar) : "(\(scalar))"
    }
}
