public import DNSMessage

/// An answer in the form of the recordings, written out and in an order to compare by.
public struct GoldenAnswer: Equatable {
    /// Stands for any addresses of the answer's SRV targets.
    public static let glue = ["glue"]

    /// As in the files.
    public var responseCode: String
    /// Of `aa` and `tc`, those that are set.
    public var flags: [String]
    /// Answer, authority and additional.
    public var sections: [[String]]

    /// Expands the shorthand of the files.
    public init(_ entry: GoldenFiles.Entry, outcome: [String], ttl: UInt32, recorded: GoldenAnswer?) {
        let marks = outcome[0].split(separator: " ").map(String.init)
        var texts = Array(outcome.dropFirst())
        if texts.isEmpty, ["NODATA", "NXDOMAIN"].contains(marks[0]) {
            texts = ["", GoldenAnswer.zone(of: entry.name) + " SOA"]
        }
        responseCode = marks[0] == "NODATA" ? "NOERROR" : marks[0] == "=" ? recorded?.responseCode ?? "" : marks[0]
        flags = (marks.contains("-aa") ? [] : ["aa"]) + (marks.contains("tc") ? ["tc"] : [])
        texts += Array(repeating: "", count: 3 - texts.count)
        sections = texts.enumerated().map { index, text in
            if text == "=" { return recorded?.sections[index] ?? [] }
            if text == "glue" { return GoldenAnswer.glue }
            let parts = text.split(separator: " ; ", omittingEmptySubsequences: true)
            return GoldenAnswer.ordered(parts.map { GoldenAnswer.record(String($0), entry.name, ttl) })
        }
    }

    private static func record(_ text: String, _ name: String, _ ttl: UInt32) -> String {
        var words = text.split(separator: " ", omittingEmptySubsequences: false).map { $0 == "@" ? name : String($0) }
        if words.count == 2, words[1] == "SOA" {
            return "\(words[0]) \(ttl) SOA ns.dns.\(words[0]) hostmaster.\(words[0]) SERIAL 7200 1800 86400 \(ttl)"
        }
        if words[1] == "*" { words[1] = String(ttl) }
        return words.joined(separator: " ")
    }

    /// The zone of a name, spelled as in the name.
    private static func zone(of name: String) -> String {
        let zone = ["cluster.local.", "in-addr.arpa.", "ip6.arpa."].first { name.lowercased().hasSuffix($0) }
        return String(name.suffix(zone?.count ?? 0))
    }

    /// What the index answered.
    public init(_ message: Message) {
        responseCode = message.responseCode.description
        flags = (message.flags.isAuthoritative ? ["aa"] : []) + (message.flags.isTruncated ? ["tc"] : [])
        sections = [message.answer, message.authority, message.additional.filter { $0.type != .opt }].map {
            GoldenAnswer.ordered($0.map(GoldenAnswer.text))
        }
    }

    private static func text(_ record: Record) -> String {
        let data: String
        switch record.data {
        case .a(let address), .aaaa(let address): data = address.description
        case .cname(let name), .ns(let name), .ptr(let name), .dname(let name): data = name.description
        case .srv(let priority, let weight, let port, let target): data = "\(priority) \(weight) \(port) \(target)"
        case .soa(let soa):
            data =
                "\(soa.primaryServer) \(soa.responsibleMailbox) SERIAL \(soa.refresh) \(soa.retry) \(soa.expire) "
                + "\(soa.minimum)"
        case .txt(let strings):
            data = strings.map { "\"" + String(decoding: $0, as: UTF8.self) + "\"" }.joined(separator: " ")
        default: data = "?"
        }
        return "\(record.name) \(record.ttl) \(record.type) \(data)"
    }

    /// CNAMEs stay in order, the rest of a section is sorted.
    private static func ordered(_ lines: [String]) -> [String] {
        let isAlias = { (line: String) in line.split(separator: " ")[2] == "CNAME" }
        return lines.filter(isAlias) + lines.filter { !isAlias($0) }.sorted()
    }

    /// Whether this answer is what is wanted; of a truncated one only outcome and flags count.
    public func satisfies(_ wanted: GoldenAnswer) -> Bool {
        guard responseCode == wanted.responseCode, flags == wanted.flags else { return false }
        if flags.contains("tc") { return true }
        return zip(sections, wanted.sections).allSatisfy { $1 == GoldenAnswer.glue ? isGlue($0) : $0 == $1 }
    }

    private func isGlue(_ lines: [String]) -> Bool {
        let targets = Set(sections[0].compactMap { $0.split(separator: " ").last })
        return lines.allSatisfy { targets.contains($0.split(separator: " ")[0]) }
    }
}
