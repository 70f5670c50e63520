import Corefile
import DNSMessage
import Plugins

extension DeadRules {
    /// Lines of `acl` behind others that decide about the same queries: the first that fits does.
    mutating func findDeadPolicies(_ block: CheckedBlock) {
        for (index, line) in block.policies.enumerated() {
            let first = block.policies[..<index].first { earlier in
                earlier.policy.covers(line.policy)
                    && line.zones.allSatisfy { zone in earlier.zones.contains { zone.isSubdomain(of: $0) } }
            }
            guard let first else { continue }
            warn(
                line.word,
                "no query comes to this '\(line.policy.action)': the '\(first.policy.action)' at "
                    + "\(first.word.position) decides about all of them first")
        }
    }
}
