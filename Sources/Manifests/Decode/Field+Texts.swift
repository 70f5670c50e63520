import DNSMessage
import YAML

/// Texts with rules: addresses, names, choices.
extension Field {
    /// An IPv4 or IPv6 address, as it is written.
    func address() throws(YAMLFault) -> String {
        let text = try string()
        guard IPAddress(text) != nil else { throw fault("must be an IP address") }
        return text
    }

    /// The address of a member; empty where it is absent, null or empty.
    func optionalAddress(of key: StaticString) throws(YAMLFault) -> String {
        guard let member = try member(key), try !member.string().isEmpty else { return "" }
        return try member.address()
    }

    /// The name of a member; empty where it is absent, null or empty.
    func optionalName(of key: StaticString, _ rule: NameRule) throws(YAMLFault) -> String {
        guard let member = try member(key), try !member.string().isEmpty else { return "" }
        return try member.name(rule)
    }

    /// A name that becomes a part of a domain name.
    func name(_ rule: NameRule) throws(YAMLFault) -> String {
        let text = try string()
        guard rule.allows(text) else { throw fault("must be \(rule.words)") }
        return text
    }

    /// One of a few words of a member; nil where it is absent, null or empty.
    func choice<Value>(of key: StaticString, _ choices: [(String, Value)]) throws(YAMLFault) -> Value? {
        guard let member = try member(key) else { return nil }
        let text = try member.string()
        if text.isEmpty { return nil }
        guard let choice = choices.first(where: { $0.0 == text }) else {
            let words = choices.dropLast().map(\.0).joined(separator: ", ") + " or " + choices[choices.count - 1].0
            throw member.fault("must be \(words)")
        }
        return choice.1
    }
}

/// What Kubernetes lets a name be.
enum NameRule {
    /// One label (RFC 1123 §2.1), in lower case.
    case label
    /// Labels with dots between, in lower case.
    case subdomain
    /// What an answer can have as a target: any letters, underscores, a dot at the end.
    case domain

    /// What a text must be, for people.
    var words: String {
        switch self {
        case .label: "a DNS label (up to 63 lower-case letters, digits and inner hyphens)"
        case .subdomain: "a DNS name in lower case (letters, digits, inner hyphens and dots)"
        case .domain: "a domain name"
        }
    }

    /// Whether a text keeps the rule.
    func allows(_ text: String) -> Bool {
        var labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        if self == .domain, labels.count > 1, labels.last?.isEmpty == true { labels.removeLast() }
        guard text.utf8.count <= 254, self != .label || labels.count == 1 else { return false }
        return labels.reduce(labels.count - 1) { $0 + $1.count } <= 253 && labels.allSatisfy(allows)
    }

    private func allows(label: Substring.UTF8View) -> Bool {
        guard 1...63 ~= label.count, let first = label.first, let last = label.last else { return false }
        let hyphen = UInt8(ascii: "-")
        if self == .domain {
            return label.allSatisfy { Self.isWord($0) || Self.isUpper($0) || $0 == hyphen || $0 == 0x5F }
        }
        return first != hyphen && last != hyphen && label.allSatisfy { Self.isWord($0) || $0 == hyphen }
    }

    private static func isWord(_ byte: UInt8) -> Bool { 0x61...0x7A ~= byte || 0x30...0x39 ~= byte }
    private static func isUpper(_ byte: UInt8) -> Bool { 0x41...0x5A ~= byte }
}
