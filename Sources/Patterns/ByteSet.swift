/// A set of bytes: what stands in the brackets of a regular expression. The bytes above ASCII are members all or none.
struct ByteSet: Hashable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0
    /// Whether it has the characters above ASCII.
    private(set) var hasOthers = false

    mutating func insert(_ range: ClosedRange<UInt8>) {
        for byte in range where byte < 0x80 { insert(byte) }
    }

    private mutating func insert(_ byte: UInt8) {
        if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte & 63) }
    }

    mutating func formUnion(_ other: ByteSet) {
        low |= other.low
        high |= other.high
        hasOthers = hasOthers || other.hasOthers
    }

    mutating func invert() {
        low = ~low
        high = ~high
        hasOthers.toggle()
    }

    mutating func remove(_ byte: UInt8) {
        if byte < 64 { low &= ~(1 << UInt64(byte)) } else { high &= ~(1 << UInt64(byte & 63)) }
    }

    /// Adds the other case of every letter.
    mutating func ignoreCase() {
        for byte in UInt8(ascii: "a")...UInt8(ascii: "z") {
            if contains(byte) { insert(byte & 0xDF) }
            if contains(byte & 0xDF) { insert(byte) }
        }
    }

    /// Whether an ASCII byte is a member; bytes above are none here.
    func contains(_ byte: UInt8) -> Bool {
        byte < 64 ? low >> UInt64(byte) & 1 == 1 : byte < 128 && high >> UInt64(byte & 63) & 1 == 1
    }

    /// The byte of a set that has a single one.
    var onlyMember: UInt8? {
        guard !hasOthers, low.nonzeroBitCount + high.nonzeroBitCount == 1 else { return nil }
        return UInt8(high == 0 ? low.trailingZeroBitCount : 64 + high.trailingZeroBitCount)
    }

    static let empty = ByteSet()

    static func one(_ byte: UInt8) -> ByteSet {
        var set = ByteSet()
        set.insert(byte...byte)
        return set
    }

    /// Every character.
    static let all: ByteSet = {
        var set = ByteSet()
        set.invert()
        return set
    }()

    /// Every character but the line feed.
    static let line: ByteSet = {
        var set = all
        set.remove(UInt8(ascii: "\n"))
        return set
    }()

    static let word = of("0"..."9", "A"..."Z", "a"..."z", "_"..."_")

    /// `\d`, `\w`, `\s` and their opposites.
    static func named(_ letter: Unicode.Scalar) -> ByteSet? {
        var set: ByteSet
        switch letter {
        case "d", "D": set = of("0"..."9")
        case "w", "W": set = word
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
        case "ascii": of("\0"..."\u{7F}")
        case "blank": of("\t"..."\t", " "..." ")
        case "cntrl": of("\0"..."\u{1F}", "\u{7F}"..."\u{7F}")
        case "digit": of("0"..."9")
        case "graph": of("!"..."~")
        case "lower": of("a"..."z")
        case "print": of(" "..."~")
        case "punct": of("!"..."/", ":"..."@", "["..."`", "{"..."~")
        case "space": of("\t"..."\r", " "..." ")
        case "upper": of("A"..."Z")
        case "word": word
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
}
