import ClusterIndex
import DNSMessage

// Names that look like no name of the cluster, and those of endpoints, ports, pods and addresses.

extension ReasonFinder {
    /// A name of no known form.
    func malformed(_ form: NameForm) -> Finding {
        guard case .other(let labels) = form else {
            return Finding(.notAClusterName, "\(name.shown) has no \(type) record, and counts as missing.")
        }
        let domain = zone.name.shown
        if labels.count >= 2, facts.hasService(ObjectKey(namespace: labels[1], name: labels[0])), labels.count == 2 {
            return Finding(
                .notAClusterName, "The word svc is missing before \(domain).",
                advice: "Did you mean \(labels[0]).\(labels[1]).svc.\(domain)?")
        }
        if (try? Name(labels.joined(separator: ".")))?.isSubdomain(of: zone.name) == true {
            return Finding(
                .notAClusterName,
                "\(domain) was appended to a name that is complete already; that is part of the search.")
        }
        let last = labels.last ?? ""
        if last == "svc" {
            return Finding(
                .notAClusterName, "\(name.shown) has more labels before svc than any name of a Service.",
                advice: "Names are SERVICE.NAMESPACE.svc.\(domain), with HOSTNAME. or _PORT._PROTOCOL. before it.")
        }
        if last == "pod" {
            return Finding(
                .notAClusterName, "\(name.shown) is no name of a Pod.",
                advice: "Pods are called by their address: 10-0-0-1.NAMESPACE.pod.\(domain)")
        }
        if let word = Similar.name(to: last, among: ["svc", "pod"]) ?? (last == "service" ? "svc" : nil) {
            return Finding(
                .notAClusterName, "Below \(domain) there is svc and pod, but no \(last).",
                advice: "Did you mean \((labels.dropLast() + [word]).joined(separator: ".")).\(domain)?")
        }
        return Finding(
            .notAClusterName, "\(name.shown) is not a form of name that a cluster has.",
            advice: "Services are called SERVICE.NAMESPACE.svc.\(domain)")
    }

    func endpointMissing(_ form: NameForm) -> Finding {
        guard let key = form.service else { return malformed(form) }
        guard !zone.isClusterSet else {
            return Finding(
                .endpointMissing,
                "The ServiceImport \(key.name) in the namespace \(key.namespace) has no such endpoint.",
                advice: "Endpoints are called HOSTNAME.CLUSTER.\(key.name).\(key.namespace).svc.\(zone.name.shown)")
        }
        let label: String
        switch form {
        case .endpoint(let text, _), .clusterEndpoint(let text, _, _), .zonal(let text, _): label = text
        default: label = ""
        }
        if label.hasPrefix("_") {
            return Finding(
                .endpointMissing, "\(label) alone is no port: the protocol is missing.",
                advice: "Ports are called _PORT._PROTOCOL, such as \(label)._tcp.\(key.name).\(key.namespace)"
                    + ".svc.\(zone.name.shown)")
        }
        let endpoints = facts.slices(of: key).flatMap(\.endpoints)
        if let unready = endpoints.first(where: { $0.ready == false && $0.hostname == label }) {
            return Finding(
                .noReadyEndpoint, "\(label) is an endpoint of \(Words.service(key)), but it is \(unready.condition).",
                advice: "Find out why the Pod is not ready: kubectl -n \(key.namespace) describe pod "
                    + "\(unready.targetName.isEmpty ? label : unready.targetName)")
        }
        if let pod = facts.pods(in: key.namespace)?.first(where: { $0.key.name == label }) {
            return podHostname(pod, key)
        }
        let names = endpoints.filter { $0.ready != false }.map(\.hostname).filter { !$0.isEmpty }
        let known =
            names.isEmpty
            ? "Its endpoints have no host names." : "It has \(Words.list(Set(names).sorted()))."
        let advice =
            names.isEmpty
            ? "Give the Pods hostname and subdomain (a StatefulSet does), with the subdomain \(key.name)."
            : Similar.name(to: label, among: names).map { "Did you mean \($0)?" } ?? ""
        return Finding(
            .endpointMissing, "\(Words.sentence(Words.service(key))) has no endpoint \(label). \(known)", advice: advice
        )
    }

    /// A Pod has a name of its own only with hostname, subdomain and a headless Service (Kubernetes: "Pod's hostname
    /// and subdomain fields").
    private func podHostname(_ pod: PodDetails, _ key: ObjectKey) -> Finding {
        let start = "There is a Pod \(pod.key.name), but it has no name below \(Words.service(key)): "
        let wrong = wrongSpec(pod, key)
        guard wrong.isEmpty else {
            return Finding(
                .podHostname, start + Words.list(wrong) + ".",
                advice:
                    "Set hostname: \(pod.key.name) and subdomain: \(key.name) in the Pod's spec (a StatefulSet with "
                    + "serviceName: \(key.name) does so).")
        }
        guard pod.isReady else {
            return Finding(
                .podHostname, start + "it is not ready.",
                advice: "Find out why: kubectl -n \(key.namespace) describe pod \(pod.key.name)")
        }
        return Finding(
            .podHostname, start + "no EndpointSlice of the Service has it.",
            advice: "See whether the Service's selector matches the Pod's labels.")
    }

    private func wrongSpec(_ pod: PodDetails, _ key: ObjectKey) -> [String] {
        if pod.hostname.isEmpty, pod.subdomain.isEmpty { return ["it has neither hostname nor subdomain"] }
        var wrong: [String] = []
        if pod.hostname.isEmpty {
            wrong.append("it has no hostname")
        } else if pod.hostname != pod.key.name {
            wrong.append("its hostname is \(pod.hostname), not \(pod.key.name)")
        }
        if pod.subdomain.isEmpty {
            wrong.append("it has no subdomain")
        } else if pod.subdomain != key.name {
            wrong.append("its subdomain is \(pod.subdomain), not \(key.name)")
        }
        return wrong
    }

    func portMissing(_ form: NameForm) -> Finding {
        guard case .port(let port, let transport, let key) = form else { return malformed(form) }
        let asked = "\(port).\(transport)"
        guard !zone.isClusterSet, let service = facts.service(key) else {
            return Finding(
                .portMissing, "The ServiceImport \(key.name) in the namespace \(key.namespace) has no port \(asked).")
        }
        if service.kind == .externalName {
            return Finding(
                .portMissing,
                "\(Words.sentence(Words.service(key))) is of type ExternalName and so has no ports in DNS.")
        }
        let ports = service.isHeadless ? facts.slices(of: key).flatMap(\.ports) : service.ports
        let named = Set(ports.filter { !$0.name.isEmpty }.map { "_\($0.name)._\($0.transport.lowercased())" }).sorted()
        let bare = port.drop { $0 == "_" }
        if let same = named.first(where: { $0.hasPrefix("_\(bare).") }) {
            return Finding(
                .portMissing, "\(Words.sentence(Words.service(key))) has the port \(bare), but not as \(asked).",
                advice: "Ask for \(same).\(key.name).\(key.namespace).svc.\(zone.name.shown)")
        }
        guard !named.isEmpty else {
            return Finding(
                .portMissing,
                "The ports of \(Words.service(key)) have no names, and only named ports have SRV records.",
                advice: "Give the port a name in spec.ports of the Service.")
        }
        return Finding(
            .portMissing, "\(Words.sentence(Words.service(key))) has no port \(asked). It has \(Words.list(named)).",
            advice: Similar.name(to: asked, among: named).map { "Did you mean \($0)?" } ?? "")
    }

    func podLabel(_ form: NameForm) -> Finding {
        guard case .pod(let label, let namespace) = form else { return malformed(form) }
        return Finding(
            .podLabel, "\(label) does not spell an address, and below pod there are only addresses.",
            advice:
                "Write the Pod's address with dashes: 10-0-0-1.\(namespace).pod.\(zone.name.shown). A Pod's own name "
                + "is no name in DNS.")
    }

    func podUnknown(_ form: NameForm) -> Finding {
        guard case .pod(let label, let namespace) = form else { return malformed(form) }
        return Finding(
            .podAddressUnknown,
            "No running Pod in the namespace \(namespace) has the address \(label), and the Corefile "
                + "has 'pods verified'.",
            advice: "Look which address the Pod has now: kubectl -n \(namespace) get pods -o wide")
    }

    func reverseUnknown(_ form: NameForm) -> Finding {
        guard case .reverse(let address) = form else { return malformed(form) }
        return Finding(
            .reverseUnknown, "No Service and no ready endpoint has the address \(address).",
            advice: "Only addresses of Services and of ready endpoints have names; those of other Pods and of nodes "
                + "have none.")
    }
}
