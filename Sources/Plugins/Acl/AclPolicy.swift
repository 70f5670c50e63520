package import Corefile
import DNSMessage

/// A line of the block: what is done with which queries.
package struct AclPolicy: Sendable {
    package enum Action: String, CaseIterable, Sendable { case allow, block, filter, drop }
    private enum Part: String, CaseIterable { case type, net }

    package let action: Action
    /// Nil for all types.
    private(set) var types: Set<RecordType>? = []
    private(set) var clients = AddressRanges()

    /// Reads a line and reports everything that is wrong with it.
    package init?(_ line: Directive, _ diagnostics: inout Diagnostics) {
        guard line.hasNoBlock(&diagnostics) else { return nil }
        guard let action = Action(rawValue: line.name.text.lowercased()) else {
            diagnostics.error(
                at: line.name,
                "unexpected token \"\(line.name.text)\"; expect 'allow', 'block', 'filter' or 'drop'",
                didYouMean: line.name.text, among: Action.allCases.map(\.rawValue))
            return nil
        }
        self.action = action
        var seen: Set<Part> = []
        var rest = line.arguments[...]
        while let word = rest.popFirst() {
            guard let part = Part(rawValue: word.text.lowercased()) else {
                diagnostics.error(
                    at: word, "unexpected token \"\(word.text)\"; expect 'type | net'", didYouMean: word.text,
                    among: Part.allCases.map(\.rawValue))
                return nil
            }
            seen.insert(part)
            let words = rest.prefix { Part(rawValue: $0.text.lowercased()) == nil }
            rest = rest.dropFirst(words.count)
            if words.isEmpty { diagnostics.error(at: word, "no token specified in \"\(part.rawValue)\" section") }
            for word in words { read(word, as: part, &diagnostics) }
        }
        if !seen.contains(.type) { types = nil }
        if !seen.contains(.net) { clients = .all }
    }

    private mutating func read(_ word: Word, as part: Part, _ diagnostics: inout Diagnostics) {
        switch part {
        case .type where word.text == "*": types = nil
        case .net where word.text == "*": clients = .all
        case .type:
            if let type = RecordType(word.text) {
                types?.insert(type)
            } else {
                diagnostics.error(at: word, "unexpected token \"\(word.text)\"; expect legal QTYPE")
            }
        case .net:
            if let prefix = Self.prefix(word.text) {
                clients.insert(prefix)
            } else {
                diagnostics.error(
                    at: word, "illegal CIDR notation \"\(word.text)\"", hint: "such as '10.0.0.0/8' or '2001:db8::1'")
            }
        }
    }

    /// A prefix, or an address as the longest one. Clients have no IPv4-mapped addresses, so prefixes have none either.
    private static func prefix(_ text: String) -> AddressPrefix? {
        if let address = IPAddress(text)?.unmapped {
            return AddressPrefix(address, length: address.family == .v4 ? 32 : 128)
        }
        guard let prefix = AddressPrefix(text) else { return nil }
        guard prefix.address.isMapped, prefix.length >= 96 else { return prefix }
        return AddressPrefix(prefix.address.unmapped, length: prefix.length - 96)
    }

    /// Whether it decides about every query.
    package var decidesAll: Bool { types == nil && clients == .all }

    /// Whether it decides about every query that `other` is about.
    package func covers(_ other: AclPolicy) -> Bool {
        if let types {
            guard let narrower = other.types, narrower.isSubset(of: types) else { return false }
        }
        return clients.covers(other.clients)
    }
}
