package import DNSMessage

/// A line of a hosts file: an address and its names.
package struct HostsLine {
    package let address: IPAddress
    package let names: ArraySlice<ArraySlice<UInt8>>

    /// Why a line is passed over.
    package enum Mistake: Error, CustomStringConvertible {
        case badAddress(String)
        case noNames(String)
        case badName(String, NameError)

        package var description: String {
            switch self {
            case .badAddress(let text): "'\(text)' is no address"
            case .noNames(let text): "there are no names behind '\(text)'"
            case .badName(let text, let error): "'\(text)' is no domain name: \(error)"
            }
        }
    }

    /// Nil for a line with nothing but a comment.
    package init?(_ line: ArraySlice<UInt8>) throws(Mistake) {
        let words = line.prefix { $0 != UInt8(ascii: "#") }.split(whereSeparator: Self.isBlank)
        guard let first = words.first else { return nil }
        let text = String(decoding: first, as: UTF8.self)
        guard let address = Self.address(text) else { throw .badAddress(Self.shown(first)) }
        guard words.count > 1 else { throw .noNames(Self.shown(first)) }
        self.address = address
        names = words.dropFirst()
    }

    /// The name that a word is, or why it is none.
    package static func name(_ word: ArraySlice<UInt8>) throws(Mistake) -> Name {
        do throws(NameError) {
            return try Name(presentation: word)
        } catch {
            throw .badName(shown(word), error)
        }
    }

    /// An address, with the zone of a link-local one left out; DNS has no place for it.
    package static func address(_ text: String) -> IPAddress? {
        IPAddress(text.prefix { $0 != "%" })?.unmapped
    }

    /// What is shown of a word that is wrong, in bytes.
    private static let shownWordMax = 80

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0D ~= byte }

    private static func shown(_ word: ArraySlice<UInt8>) -> String {
        String(decoding: word.prefix(shownWordMax), as: UTF8.self)
    }
}
