import ClusterIndex
public import DNSMessage

extension Asker {
    /// A pod, by what its object says (Kubernetes: DNS for Services and Pods, "Pod's DNS Policy"). The addresses are
    /// those of the cluster's DNS server.
    public init(_ pod: PodDetails, domain: Name, clusterServers: [IPAddress]) {
        var search: [Name] = []
        var ndots = 1
        var findings: [Finding] = []
        var origin = "dnsPolicy \(pod.policy.rawValue)"
        switch pod.policy {
        case .clusterFirst where pod.usesHostNetwork:
            origin += " with hostNetwork, which means dnsPolicy Default"
            findings.append(Asker.hostNetwork(pod))
        case .node: findings.append(Asker.nodePolicy(pod))
        case .clusterFirst, .clusterFirstWithHostNet:
            search = Asker.search(namespace: pod.key.namespace, domain: domain)
            ndots = Asker.standardDots
        case .none:
            if let finding = Asker.ownServers(pod, clusterServers) { findings.append(finding) }
        }
        for text in pod.config.searches {
            if let suffix = try? Name(text), !search.contains(suffix) { search.append(suffix) }
        }
        if let text = pod.config.options["ndots"], let number = Int(text) {
            // resolv.conf(5): silently capped.
            ndots = min(max(number, 0), 15)
            origin += ", dnsConfig sets ndots"
        }
        if !pod.config.searches.isEmpty { origin += ", dnsConfig adds suffixes" }
        self.init(
            description: "the Pod \(pod.key)", search: search, ndots: ndots, origin: origin, findings: findings)
        address = pod.address
    }

    private static func hostNetwork(_ pod: PodDetails) -> Finding {
        Finding(
            .otherResolver,
            "The Pod \(pod.key) uses the network of its node with dnsPolicy ClusterFirst, so it asks the node's "
                + "resolver, which does not know the names of the cluster.",
            advice: "Set dnsPolicy: ClusterFirstWithHostNet in the pod's spec, or leave hostNetwork out.")
    }

    private static func nodePolicy(_ pod: PodDetails) -> Finding {
        Finding(
            .otherResolver,
            "The Pod \(pod.key) has dnsPolicy Default, so it asks the node's resolver, which does not know the names "
                + "of the cluster.",
            advice: "Leave dnsPolicy out of the pod's spec, or set it to ClusterFirst.")
    }

    private static func ownServers(_ pod: PodDetails, _ clusterServers: [IPAddress]) -> Finding? {
        let servers = pod.config.nameservers
        if clusterServers.contains(where: { servers.compactMap { IPAddress($0) }.contains($0) }) { return nil }
        let cluster = clusterServers.isEmpty ? "" : " (\(Words.list(clusterServers.map(\.description))))"
        return Finding(
            .otherResolver,
            "The Pod \(pod.key) has dnsPolicy None and asks \(Words.list(servers, none: "nobody")), which is not the "
                + "address of the cluster's DNS Service\(cluster).",
            advice: "Put the address of the DNS Service first in dnsConfig.nameservers, or set dnsPolicy: ClusterFirst."
        )
    }
}
