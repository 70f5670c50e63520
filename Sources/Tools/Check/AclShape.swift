import Corefile
import DNSMessage

/// Which queries a line of `acl` is about.
struct AclShape {
    let word: Word
    let action: String
    /// Nil for all.
    private(set) var types: Set<String>? = []
    /// Nil for all.
    private(set) var clients: [AddressPrefix]? = []

    /// Reads a line that has no mistakes.
    init(_ line: Directive) {
        word = line.name
        action = line.name.text.lowercased()
        var part = ""
        var seen: Set<String> = []
        for argument in line.arguments {
            let text = argument.text.lowercased()
            if text == "type" || text == "net" {
                part = text
                seen.insert(text)
            } else if part == "type" {
                if text == "*" { types = nil } else { types?.insert(text) }
            } else if text == "*" {
                clients = nil
            } else if let prefix = Self.prefix(text) {
                clients?.append(prefix)
            }
        }
        if !seen.contains("type") { types = nil }
        if !seen.contains("net") { clients = nil }
    }

    private static func prefix(_ text: String) -> AddressPrefix? {
        if let address = IPAddress(text)?.unmapped {
            return AddressPrefix(address, length: address.family == .v4 ? 32 : 128)
        }
        return AddressPrefix(text)
    }

    /// Whether every query that `other` is about is one that this is about.
    func covers(_ other: AclShape) -> Bool {
        if let types {
            guard let narrower = other.types, narrower.isSubset(of: types) else { return false }
        }
        guard let clients else { return true }
        guard let narrower = other.clients else { return false }
        return narrower.allSatisfy { prefix in
            clients.contains { $0.length <= prefix.length && $0.contains(prefix.address) }
        }
    }
}

extension DeadRules {
    /// Lines of `acl` behind others that decide about the same queries: the first that fits does.
    mutating func findDeadPolicies(_ block: CheckedBlock) {
        var earlier: [(zones: [Name], shape: AclShape)] = []
        for line in block.directives("acl") {
            let zones = block.zones(line.arguments)
            for shape in (line.block ?? []).map(AclShape.init) {
                let first = earlier.first { other in
                    other.shape.covers(shape)
                        && zones.allSatisfy { zone in other.zones.contains { zone.isSubdomain(of: $0) } }
                }
                if let first {
                    warn(
                        shape.word,
                        "no query comes to this '\(shape.action)': the '\(first.shape.action)' at "
                            + "\(first.shape.word.position) decides about all of them first")
                }
                earlier.append((zones, shape))
            }
        }
    }
}
