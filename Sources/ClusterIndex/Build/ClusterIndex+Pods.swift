import DNSMessage

// Pods, for `pods verified` alone.

extension ClusterIndex {
    mutating func upsert(_ pod: Pod) -> IndexChange {
        guard options.pods == .verified else { return .none }
        guard options.labels.matches(pod.labels), !["Succeeded", "Failed", "Unknown"].contains(pod.phase) else {
            return deletePod(pod.key)
        }
        // A pod on its way out keeps the address it is known by until it is gone, but is not entered any more.
        guard !pod.isTerminating else { return .none }
        guard let address = IPAddress(pod.ip)?.unmapped else { return deletePod(pod.key) }
        return setPod(pod.key, address)
    }

    mutating func deletePod(_ key: ObjectKey) -> IndexChange { setPod(key, nil) }

    private mutating func setPod(_ key: ObjectKey, _ address: IPAddress?) -> IndexChange {
        let seed = seed
        return ClusterIndex.withKeys(key, seed: seed) { namespace, name in
            let old = findNamespace(namespace)?.head.pointee.pods.find(name).map { PodRecord($0).address }
            guard old != address else { return .none }
            let head = writableNamespace(namespace)
            if let old { ClusterIndex.countPods(of: old, by: -1, head, seed: seed) }
            if let address {
                ClusterIndex.countPods(of: address, by: 1, head, seed: seed)
                head.pointee.pods.insert(PodRecord(key: name, address: address).block, seed: seed)
            } else {
                head.pointee.pods.remove(name)
                dropNamespaceIfEmpty(namespace)
            }
            return .moving(.cluster)
        } ?? .none
    }

    private static func countPods(
        of address: IPAddress, by step: Int, _ head: UnsafeMutablePointer<NamespaceRecord.Head>, seed: UInt64
    ) {
        Key.with(address: address, seed: seed) { key in
            let pods = (head.pointee.podAddresses.find(key).map { PodAddressRecord($0).pods } ?? 0) + step
            if pods == 0 {
                head.pointee.podAddresses.remove(key)
            } else {
                head.pointee.podAddresses.insert(PodAddressRecord(key: key, pods: pods).block, seed: seed)
            }
        }
    }
}
