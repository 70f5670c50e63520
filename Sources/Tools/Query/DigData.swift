import DNSMessage
import Ldns

/// The data of a record as `dig` writes it: libldns's text, but for hexadecimal digits and how long words are split.
enum DigData {
    /// Characters of one word of Base64 or hexadecimal digits.
    private static let chunkLength = 56
    /// Types whose last field is Base64, which has blanks every 56 characters.
    private static let base64: Set<RecordType> = [
        .dnskey, .rrsig, RecordType(rawValue: 60), RecordType(rawValue: 61), RecordType(rawValue: 25),
        RecordType(rawValue: 24), RecordType(rawValue: 37), RecordType(rawValue: 45), RecordType(rawValue: 49),
    ]
    /// Types whose last field is hexadecimal, in capital letters, likewise.
    private static let hexadecimal: Set<RecordType> = [
        .ds, RecordType(rawValue: 44), RecordType(rawValue: 52), RecordType(rawValue: 53), RecordType(rawValue: 59),
        RecordType(rawValue: 63), RecordType(rawValue: 32769),
    ]

    private static let nsec3Parameters = RecordType(rawValue: 51)
    private static let location = RecordType(rawValue: 29)
    /// Types with an identifier of 64 bits (RFC 6742).
    private static let identifiers: Set<RecordType> = [RecordType(rawValue: 104), RecordType(rawValue: 106)]

    static func text(_ data: RecordData) -> String {
        let text = data.presentation
        if text.hasPrefix("\\# ") { return unknown(text) }
        switch data.type {
        case .cname, .ns, .ptr, .dname, .soa, .mx, .srv: return name(text)
        case .nsec3: return capitalized(text, fields: 3...4)
        case nsec3Parameters: return capitalized(text, fields: 3...3)
        case .svcb, .https: return quoted(text)
        case location: return place(text)
        case let type where identifiers.contains(type): return withoutLeadingZeros(text)
        case let type where hexadecimal.contains(type): return chunked(text, uppercased: true)
        case let type where base64.contains(type): return chunked(text, uppercased: false)
        default: return text
        }
    }

    /// A name, in which `dig` writes a blank by its number.
    static func name(_ text: String) -> String { text.replacing("\\ ", with: "\\032") }

    private static func fields(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

    /// With digits of these fields in capital letters.
    private static func capitalized(_ text: String, fields range: ClosedRange<Int>) -> String {
        fields(text).enumerated().map { range.contains($0.offset) ? $0.element.uppercased() : $0.element }
            .joined(separator: " ")
    }

    /// The protocols of `alpn` stand in quotes.
    private static func quoted(_ text: String) -> String {
        fields(text).map { field in
            guard field.hasPrefix("alpn="), !field.hasPrefix("alpn=\"") else { return field }
            return "alpn=\"\(field.dropFirst("alpn=".count))\""
        }.joined(separator: " ")
    }

    /// Degrees and minutes without zeros in front, the altitude with centimetres (RFC 1876 §3).
    private static func place(_ text: String) -> String {
        fields(text).map { field in
            if let number = Int(field) { return "\(number)" }
            return field
        }.enumerated().map { index, field in
            index == 8 && !field.contains(".") ? "\(field.dropLast()).00m" : field
        }.joined(separator: " ")
    }

    private static func withoutLeadingZeros(_ text: String) -> String {
        let words = fields(text)
        guard words.count == 2 else { return text }
        let groups = words[1].split(separator: ":").map { UInt16($0, radix: 16).map { String($0, radix: 16) } ?? "" }
        return "\(words[0]) \(groups.joined(separator: ":"))"
    }

    /// `\# 4 C0000201` (RFC 3597 §5).
    private static func unknown(_ text: String) -> String {
        let words = text.split(separator: " ")
        guard words.count > 2 else { return text }
        let digits = words.dropFirst(2).joined().uppercased()
        return "\\# \(words[1]) \(chunks(digits))"
    }

    /// The fields before the last, and that in chunks.
    private static func chunked(_ text: String, uppercased: Bool) -> String {
        guard let gap = text.lastIndex(of: " ") else { return text }
        let last = String(text[text.index(after: gap)...])
        return "\(text[..<gap]) \(chunks(uppercased ? last.uppercased() : last))"
    }

    private static func chunks(_ word: String) -> String {
        let characters = Array(word)
        return stride(from: 0, to: characters.count, by: chunkLength).map { start in
            String(characters[start..<min(start + chunkLength, characters.count)])
        }.joined(separator: " ")
    }
}
