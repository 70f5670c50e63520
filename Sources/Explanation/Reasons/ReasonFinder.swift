import ClusterIndex
import Corefile
import DNSMessage

/// Why a cluster answers a question as it does.
struct ReasonFinder {
    let facts: any ClusterFacts
    let step: ClusterStep
    let zone: ClusterZone
    let name: Name
    let type: RecordType

    /// What is worth telling of the name.
    func findings(_ form: NameForm, _ found: ClusterAnswer) -> [Finding] {
        if let reason = found.reason {
            return found.answer.isEmpty ? findings(form, reason) : aliasFindings(found, reason)
        }
        guard found.answer.isEmpty else { return dataFindings(form, found) }
        return noDataFindings(form)
    }

    /// Why there are no records, in a clause.
    func reason(_ form: NameForm, _ found: ClusterAnswer) -> String {
        if let reason = found.reason { return "\(reason.text)" }
        guard found.answer.isEmpty else { return "" }
        if let family = missingFamily(form) { return "has \(family.has) addresses only" }
        return ""
    }

    // MARK: Names that do not exist

    private func findings(_ form: NameForm, _ reason: NameErrorReason) -> [Finding] {
        switch reason {
        case .badName: [malformed(form)]
        case .noSuchNamespace: [namespaceMissing(form)]
        case .noSuchService: form.service.map { [serviceMissing($0, form)] } ?? []
        case .noReadyEndpoint:
            form.service.map { unready($0, form) } ?? []
        case .noSuchEndpoint: [endpointMissing(form)]
        case .noSuchPort: [portMissing(form)]
        case .badExternalName: form.service.map { [externalNameUnusable($0)] } ?? []
        case .podsDisabled:
            [
                Finding(
                    .podsDisabled, "Names of Pods' addresses are switched off in the Corefile ('pods disabled').",
                    advice: "Set 'pods insecure' or 'pods verified' in the kubernetes block, or use a Service.")
            ]
        case .notAPodAddress: [podLabel(form)]
        case .noSuchPod: [podUnknown(form)]
        case .noSuchAddress: [reverseUnknown(form)]
        case .noExternalAddress: []
        }
    }

    private func unready(_ key: ObjectKey, _ form: NameForm) -> [Finding] {
        guard !step.options.ignoresEndpoints else {
            return [
                Finding(
                    .noEndpoints,
                    "The Corefile has 'noendpoints', so nothing is known of what is behind \(Words.service(key)).",
                    advice: "Take 'noendpoints' out of the kubernetes block, or use a Service with a cluster IP.")
            ]
        }
        guard zone.isClusterSet else {
            let isHeadless = facts.service(key)?.isHeadless ?? true
            var outcome: EndpointReasons.Outcome = isHeadless ? .headlessIsMissing : .emptyIsHidden
            if !isHeadless, !step.options.ignoresEmptyServices { outcome = .endpointIsMissing }
            return EndpointReasons(facts: facts, service: key).findings(outcome)
        }
        return [
            Finding(
                .noReadyEndpoint,
                "The ServiceImport \(key.name) in the namespace \(key.namespace) has no ready endpoint in any cluster.",
                advice: "Look at the EndpointSlices with the label multicluster.kubernetes.io/service-name=\(key.name)."
            )
        ]
    }

    private func namespaceMissing(_ form: NameForm) -> Finding {
        let namespace: String
        switch form {
        case .namespace(let name, _), .pod(_, let name): namespace = name
        default: namespace = form.service?.namespace ?? ""
        }
        if facts.namespaces.contains(namespace) {
            return Finding(
                .namespaceHidden,
                "The namespace \(namespace) exists, but the Corefile keeps it from being answered "
                    + "('namespaces' or 'namespace_labels').",
                advice: "Add the namespace to that option of the kubernetes block.")
        }
        var advice = ""
        if let service = form.service, facts.hasService(ObjectKey(namespace: service.name, name: service.namespace)) {
            advice = "The order is SERVICE.NAMESPACE: did you mean \(service.namespace).\(service.name)?"
        } else if let service = form.service, let like = similarNamespace(namespace) {
            advice = "Did you mean \(service.name).\(like)?"
        } else if let like = similarNamespace(namespace) {
            advice = "Did you mean the namespace \(like)?"
        }
        return Finding(.namespaceMissing, "There is no namespace \(namespace) in the cluster.", advice: advice)
    }

    private func serviceMissing(_ key: ObjectKey, _ form: NameForm) -> Finding {
        if zone.isClusterSet {
            return Finding(
                .serviceMissing, "There is no ServiceImport \(key.name) in the namespace \(key.namespace).",
                advice: "A Service is imported once a cluster of the set has a ServiceExport of that name: kubectl -n "
                    + "\(key.namespace) get serviceimports")
        }
        if facts.hasService(key) {
            return Finding(
                .serviceHidden,
                "\(Words.sentence(Words.service(key))) exists, but the Corefile keeps it from being answered "
                    + "('labels').",
                advice: "Give the Service the labels that the option 'labels' of the kubernetes block asks for.")
        }
        let text = "There is no Service \(key.name) in the namespace \(key.namespace)."
        let elsewhere = facts.namespaces.filter { facts.hasService(ObjectKey(namespace: $0, name: key.name)) }.sorted()
        if let first = elsewhere.first {
            return Finding(
                .serviceElsewhere,
                text + " There is one of that name in the namespace\(elsewhere.count == 1 ? "" : "s") "
                    + "\(Words.list(elsewhere)).",
                advice: "From another namespace a Service is called SERVICE.NAMESPACE: \(key.name).\(first)")
        }
        if facts.hasService(ObjectKey(namespace: key.name, name: key.namespace)) {
            return Finding(
                .serviceMissing, text,
                advice: "The order is SERVICE.NAMESPACE: did you mean \(key.namespace).\(key.name)?")
        }
        let services = facts.services(in: key.namespace)
        if let like = Similar.name(to: key.name, among: services) {
            return Finding(.serviceMissing, text, advice: "Did you mean \(like)?")
        }
        if let pod = facts.pods(in: key.namespace)?.first(where: { $0.key.name == key.name }) {
            return podWithoutName(pod)
        }
        if facts.namespaces.contains(key.name) {
            return Finding(
                .serviceMissing, text + " There is a namespace \(key.name).",
                advice: "A Service of that namespace is called SERVICE.\(key.name)")
        }
        guard key.name.utf8.allSatisfy(Self.isInServiceNames) else {
            return Finding(
                .serviceMissing, text + " No Service can be called so: its name has only letters, digits and dashes.",
                advice: "Check the name: kubectl -n \(key.namespace) get services")
        }
        let others = services.isEmpty ? "It has no Service at all." : "It has \(Words.list(services.sorted()))."
        return Finding(
            .serviceMissing, text + " " + others,
            advice: "Check the name, and that the Service was created: kubectl -n \(key.namespace) get services")
    }

    /// RFC 1035 §2.3.1, which the API server holds Services to.
    private static func isInServiceNames(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x61...0x7A, UInt8(ascii: "-"): true
        default: false
        }
    }

    private func podWithoutName(_ pod: PodDetails) -> Finding {
        Finding(
            .podHostname,
            "There is no Service \(pod.key.name) in the namespace \(pod.key.namespace). There is a Pod of that name, "
                + "but a Pod's own name is no name in DNS.",
            advice:
                "Ask for a Service that selects the Pod, or give the Pod hostname and subdomain and a headless Service "
                + "named like the subdomain.")
    }

    private func similarNamespace(_ namespace: String) -> String? {
        Similar.name(to: namespace, among: facts.namespaces)
    }

    private func externalNameUnusable(_ key: ObjectKey) -> Finding {
        let target = facts.service(key)?.externalName ?? ""
        let what = target.isEmpty ? "its externalName" : "its externalName '\(target)'"
        return Finding(
            .externalNameUnusable,
            "\(Words.sentence(Words.service(key))) is of type ExternalName, and \(what) is an address or no domain "
                + "name.",
            advice: "Put a host name into spec.externalName; for an address, use a Service without a selector and an "
                + "EndpointSlice.")
    }

    // MARK: Names that exist

    private func noDataFindings(_ form: NameForm) -> [Finding] {
        if let family = missingFamily(form) {
            let isService = form.service != nil
            return [
                Finding(
                    .familyAbsent,
                    "\(family.subject) has \(family.has) addresses only, so it has no \(type) record.",
                    advice: "Ask for the other family"
                        + (isService ? ", or give the Service both: spec.ipFamilyPolicy: PreferDualStack" : "."))
            ]
        }
        let lacks = type == .a || type == .aaaa ? "it has no address itself" : "it has no \(type) record"
        switch form {
        case .namespace(let namespace, false):
            return [
                Finding(
                    .typeAbsent, "\(name.shown) is the name of the namespace \(namespace); \(lacks).",
                    advice: "Services of the namespace are called SERVICE.\(name.shown)")
            ]
        case .apex, .category, .namespace:
            return [
                Finding(
                    .typeAbsent, "\(name.shown) exists because names lie below it; \(lacks).",
                    advice: "Services are called SERVICE.NAMESPACE.svc.\(zone.name.shown)")
            ]
        default: return [Finding(.typeAbsent, "\(name.shown) exists, but \(lacks).")]
        }
    }

    /// The other family, where only that one is there.
    private func missingFamily(_ form: NameForm) -> (subject: String, has: String)? {
        guard type == .a || type == .aaaa else { return nil }
        let other = type == .a ? "IPv6" : "IPv4"
        if case .pod = form { return ("The Pod", other) }
        guard !zone.isClusterSet, let key = form.service, let service = facts.service(key),
            service.kind != .externalName
        else {
            return nil
        }
        return (Words.sentence(Words.service(key)), other)
    }

    private func dataFindings(_ form: NameForm, _ found: ClusterAnswer) -> [Finding] {
        guard !zone.isClusterSet, let key = form.service, let service = facts.service(key) else { return [] }
        if service.kind == .externalName {
            return circle(found) + [
                Finding(
                    .aliasTarget,
                    "\(Words.sentence(Words.service(key))) is of type ExternalName: the name is an alias of "
                        + "\(service.externalName).")
            ]
        }
        guard !service.isHeadless, !step.options.ignoresEndpoints else { return [] }
        return EndpointReasons(facts: facts, service: key).findings(.resolves)
    }

    /// Aliases that come back to where they began: nothing is at their end.
    private func circle(_ found: ClusterAnswer) -> [Finding] {
        let links: [(owner: Name, target: Name)] = found.answer.compactMap { record in
            if case .cname(let target) = record.data { (record.name, target) } else { nil }
        }
        guard links.count == found.answer.count, let last = links.last, type != .cname,
            links.contains(where: { $0.owner == last.target })
        else { return [] }
        let names = (links.map(\.owner) + [last.target]).map(\.shown).joined(separator: ", ")
        return [
            Finding(
                .aliasFails, "The aliases lead in a circle: \(names).",
                advice: "Change spec.externalName of one of the Services.")
        ]
    }

    private func aliasFindings(_ found: ClusterAnswer, _ reason: NameErrorReason) -> [Finding] {
        var target = found.answer.last?.name ?? name
        if case .cname(let last)? = found.answer.last?.data { target = last }
        return [
            Finding(
                .aliasFails, "The name is an alias of \(target.shown), which does not exist: \(reason.text).",
                advice: "Check spec.externalName of the Service, or create what it names.")
        ]
    }
}

/// What somebody may have meant.
enum Similar {
    static func name(to text: String, among names: [String]) -> String? {
        let length = text.utf8.count
        let near = names.lazy.filter { abs($0.utf8.count - length) <= Limits.mistypedMax && $0 != text }
        return Suggestion.closest(to: text, among: near.prefix(Limits.comparedMax))
    }
}
