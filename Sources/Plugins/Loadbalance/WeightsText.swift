import DNSMessage

/// The text of a weight file: a name on a line, then its addresses, each on a line with a weight from 1 to 255. Lines
/// that begin with `#` are comments.
enum WeightsText {
    /// What is wrong with a file; it is not taken.
    struct Mistake: Error, Equatable, CustomStringConvertible {
        let line: Int
        let text: String
        var description: String { "line \(line): \(text)" }
    }

    /// A larger file is not read, in bytes.
    static let fileMaxBytes = 16 << 20
    /// Addresses of one name; each is compared.
    static let addressesMax = 1_000

    static func read(_ bytes: [UInt8]) throws(Mistake) -> AddressWeights {
        var entries: [(name: Name, weights: [(address: IPAddress, weight: Int)])] = []
        var places: [Name: Int] = [:]
        var place: Int?
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            let words = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            switch words.count {
            case 1:
                let name = try name(first, index + 1)
                place = places[name] ?? entries.count
                if places[name] == nil { entries.append((name, [])) }
                places[name] = place
            case 2:
                let entry = try weight(words, index + 1)
                guard let place else { throw Mistake(line: index + 1, text: "missing domain name") }
                guard entries[place].weights.count < addressesMax else {
                    throw Mistake(line: index + 1, text: "more than \(addressesMax) addresses of one name")
                }
                entries[place].weights.append(entry)
            default: throw Mistake(line: index + 1, text: "a line has a name, or an address and its weight")
            }
        }
        return AddressWeights(entries)
    }

    private static func name(_ text: Substring, _ line: Int) throws(Mistake) -> Name {
        guard IPAddress(text) == nil else {
            throw Mistake(line: line, text: "wrong domain name: \"\(text)\" (maybe a missing weight value?)")
        }
        guard let name = try? Name(String(text)) else {
            throw Mistake(line: line, text: "wrong domain name: \"\(text.prefix(100))\"")
        }
        return name
    }

    private static func weight(
        _ words: [Substring], _ line: Int
    ) throws(Mistake) -> (address: IPAddress, weight: Int) {
        guard let address = IPAddress(words[0]) else {
            throw Mistake(line: line, text: "wrong IP address: \"\(words[0].prefix(100))\"")
        }
        guard let weight = UInt8(words[1]), weight > 0, words[1].first != "+" else {
            throw Mistake(line: line, text: "wrong weight value: \"\(words[1].prefix(100))\", which is 1 to 255")
        }
        return (address, Int(weight))
    }
}
