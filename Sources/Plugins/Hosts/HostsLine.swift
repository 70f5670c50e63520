import DNSMessage

/// A line of a hosts file: an address and its names.
struct HostsLine {
    let address: IPAddress
    let names: ArraySlice<ArraySlice<UInt8>>

    /// Why a line is passed over.
    enum Mistake: Error, CustomStringConvertible {
        case badAddress(String)
        case noNames(String)
        case badName(String, NameError)

        var description: String {
            switch self {
            case .badAddress(let text): "'\(text)' is no address"
            case .noNames(let text): "there are no names behind '\(text)'"
            case .badName(let text, let error): "'\(text)' is no domain name: \(error)"
            }
        }
    }

    /// Nil for a line with nothing but a comment.
    init?(_ line: ArraySlice<UInt8>) throws(Mistake) {
        let words = line.prefix { $0 != UInt8(ascii: "#") }.split(whereSeparator: Self.isBlank)
        guard let first = words.first else { return nil }
        let text = String(decoding: first, as: UTF8.self)
        guard let address = Self.address(text) else { throw .badAddress(Self.shown(first)) }
        guard words.count > 1 else { throw .noNames(Self.shown(first)) }
        self.address = address
        names = words.dropFirst()
    }

    /// The name that a word is, or why it is none.
    static func name(_ word: ArraySlice<UInt8>) throws(Mistake) -> Name {
        do throws(NameError) {
            return try Name(presentation: word)
        } catch {
            throw .badName(shown(word), error)
        }
    }

    /// An address, with the zone of a link-local one left out; DNS has no place for it.
    static func address(_ text: String) -> IPAddress? {
        IPAddress(text.prefix { $0 != "%" })?.unmapped
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0D ~= byte }

    private static func shown(_ word: ArraySlice<UInt8>) -> String {
        String(decoding: word.prefix(HostsLimits.shownWordMax), as: UTF8.self)
    }
}
