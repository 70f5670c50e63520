import DNSMessage
import TestSupport

/// A zone made by chance, of few labels, so that names meet: wildcards, empty names, aliases, delegations.
struct RandomZone {
    private var generator: SeededRandom
    private let labels = ["a", "b", "c", "d", "e"]
    private(set) var text = ""

    init(seed: UInt64) {
        generator = SeededRandom(seed)
        var lines = [
            "$ORIGIN example.org.", "$TTL 300", "@ SOA ns admin 1 7200 3600 1209600 60", "@ NS ns",
            "@ NS ns.example.net.", "ns A 192.0.2.53", "ns AAAA 2001:db8::53",
        ]
        var used: Set<String> = ["ns"]
        for _ in 0..<40 {
            let name = name(wildcards: true)
            guard used.insert(name).inserted else { continue }
            lines += records(at: name)
        }
        text = lines.joined(separator: "\n") + "\n"
    }

    private mutating func name(wildcards: Bool) -> String {
        let count = Int.random(in: 1...4, using: &generator)
        var parts = (0..<count).map { _ in labels[Int.random(in: 0..<labels.count, using: &generator)] }
        if wildcards, Int.random(in: 0..<6, using: &generator) == 0 { parts[0] = "*" }
        return parts.joined(separator: ".")
    }

    private mutating func records(at name: String) -> [String] {
        let number = Int.random(in: 1...250, using: &generator)
        switch Int.random(in: 0..<12, using: &generator) {
        // Servers do not agree what a wildcard of delegations means (RFC 4592 §4.2).
        case 0 where !name.hasPrefix("*"):
            return [
                "\(name) NS ns.\(name)", "\(name) NS ns.example.net.", "ns.\(name) A 192.0.2.\(number)",
            ]
        // Aliases lead to where no alias is, so that nothing runs in circles.
        case 1: return ["\(name) CNAME target.example.net."]
        case 2: return ["\(name) CNAME ns"]
        case 3: return ["\(name) CNAME nowhere.\(labels[number % labels.count]).t"]
        case 4: return ["\(name) MX 10 ns", "\(name) TXT \"\(number)\""]
        case 5: return ["\(name) AAAA 2001:db8::\(number)"]
        case 6: return ["\(name) SRV 1 2 3 ns", "\(name) A 192.0.2.\(number)"]
        default: return ["\(name) A 192.0.2.\(number)", "\(name) A 198.51.100.\(number)"]
        }
    }

    /// A question about a name that may be there.
    mutating func question() -> (Name, RecordType) {
        let types: [RecordType] = [.a, .a, .a, .aaaa, .mx, .txt, .srv, .cname, .ns, .ds, .soa]
        let type = types[Int.random(in: 0..<types.count, using: &generator)]
        var text = name(wildcards: Int.random(in: 0..<20, using: &generator) == 0)
        if Int.random(in: 0..<30, using: &generator) == 0 { text = "x.\(text)" }
        if Int.random(in: 0..<60, using: &generator) == 0 { return ("example.org", type) }
        return (Name(stringLiteral: "\(text).example.org"), type)
    }
}
