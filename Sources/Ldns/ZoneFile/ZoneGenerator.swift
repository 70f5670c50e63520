/// The records of a `$GENERATE START-STOP[/STEP] OWNER [TTL] [CLASS] TYPE DATA`, BIND's shorthand: `$` is the number,
/// `${OFFSET[,WIDTH[,BASE]]}` the number shifted and formatted, `\$` a dollar sign.
struct ZoneGenerator {
    typealias Reason = ZoneFileError.Reason

    /// Records that one line may make.
    private static let recordsMax = 65_536
    /// Digits that a number may be padded to.
    private static let widthMax = 63

    private let template: [ArraySlice<UInt8>]
    private let stop: Int
    private let step: Int
    private var number: Int

    /// Reads the words of the line.
    init(_ words: [ArraySlice<UInt8>]) throws(Reason) {
        guard words.count >= 5 else { throw .badGenerate("needs a range, an owner, a type and data") }
        let text = String(decoding: words[1], as: UTF8.self)
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let bounds = parts[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard bounds.count == 2, let first = Int(bounds[0]), let last = Int(bounds[1]), first >= 0, first <= last,
            last <= Int(Int32.max), let step = parts.count == 2 ? Int(parts[1]) : 1, step > 0
        else { throw .badGenerate("has the range '\(text)', which is not START-STOP or START-STOP/STEP") }
        guard (last - first) / step < Self.recordsMax else {
            throw .badGenerate("makes more than \(Self.recordsMax) records")
        }
        template = Array(words[2...])
        number = first
        stop = last
        self.step = step
    }

    /// The next line, nil behind the last one.
    mutating func next(line: Int) throws(Reason) -> ZoneLexer.Entry? {
        guard number <= stop else { return nil }
        var entry = ZoneLexer.Entry(line: line, startsWithBlank: false)
        for word in template { entry.words.append(try Self.expand(word, number)[...]) }
        number += step
        return entry
    }

    private static func expand(_ word: ArraySlice<UInt8>, _ number: Int) throws(Reason) -> [UInt8] {
        var result: [UInt8] = []
        var rest = word
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.first == UInt8(ascii: "$") {
                result.append(rest.removeFirst())
            } else if byte != UInt8(ascii: "$") {
                result.append(byte)
            } else if rest.first == UInt8(ascii: "$") {
                result.append(rest.removeFirst())
            } else if rest.first == UInt8(ascii: "{") {
                guard let end = rest.firstIndex(of: UInt8(ascii: "}")) else {
                    throw .badGenerate("has a '${' without '}'")
                }
                result += try formatted(number, String(decoding: rest[(rest.startIndex + 1)..<end], as: UTF8.self))
                rest = rest[(end + 1)...]
            } else {
                result += Array(String(number).utf8)
            }
        }
        return result
    }

    private static func formatted(_ number: Int, _ format: String) throws(Reason) -> [UInt8] {
        let parts = format.split(separator: ",", omittingEmptySubsequences: false)
        let base = parts.count > 2 ? String(parts[2]) : "d"
        guard (1...3).contains(parts.count), let offset = Int(parts[0]), abs(offset) <= Int(Int32.max),
            let width = parts.count > 1 ? Int(parts[1]) : 0, (0...widthMax).contains(width),
            ["d", "o", "x", "X"].contains(base), number + offset >= 0
        else { throw .badGenerate("has '${\(format)}', which is not ${OFFSET,WIDTH,BASE} with a base d, o, x or X") }
        let radix = base == "d" ? 10 : base == "o" ? 8 : 16
        let digits = String(number + offset, radix: radix, uppercase: base == "X")
        return Array((String(repeating: "0", count: max(0, width - digits.count)) + digits).utf8)
    }
}
