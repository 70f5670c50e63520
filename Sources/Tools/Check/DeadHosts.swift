import Corefile
import DNSMessage

extension DeadRules {
    /// Names in `hosts` that nobody gets an address for.
    mutating func findDeadHosts(_ block: CheckedBlock, _ index: Int) {
        guard !block.renames else { return }
        for line in block.directives("hosts") {
            let zones = block.zones(line.arguments.dropFirst())
            for entry in line.block ?? [] where IPAddress(entry.name.text.prefix { $0 != "%" }) != nil {
                for word in entry.arguments {
                    guard let name = try? Name(word.text) else { continue }
                    if !zones.contains(where: { name.isSubdomain(of: $0) }) {
                        warn(
                            word, "\(word.quoted) is not looked up here: this 'hosts' has \(Self.list(zones))")
                    } else if let taker = taker(of: name, from: block, index) {
                        warn(
                            word,
                            "\(word.quoted) is not looked up here: its queries go to the server block at "
                                + "\(taker.word.position), whose zone is longer")
                    }
                }
            }
        }
    }
}
