import ClusterIndex

/// Why a Service has nobody behind it.
struct EndpointReasons {
    let facts: any ClusterFacts
    let service: ObjectKey

    /// What comes of it.
    enum Outcome {
        /// The name resolves all the same.
        case resolves
        /// The Service has no address of its own.
        case headlessIsMissing
        /// The Corefile says `ignore empty_service`.
        case emptyIsHidden
        /// The name of an endpoint does not exist.
        case endpointIsMissing

        fileprivate var text: String {
            switch self {
            case .resolves: " The name resolves, but connections to it fail."
            case .headlessIsMissing: " A headless Service without a ready endpoint does not exist in DNS."
            case .emptyIsHidden: " The Corefile has 'ignore empty_service', so the Service does not exist in DNS."
            case .endpointIsMissing: " Only ready endpoints have names."
            }
        }
    }

    /// Nothing, if there is a ready endpoint.
    func findings(_ outcome: Outcome) -> [Finding] {
        let endpoints = facts.slices(of: service).flatMap(\.endpoints)
        guard !endpoints.contains(where: { $0.ready != false }) else { return [] }
        let subject = Words.sentence(Words.service(service))
        let reason = endpoints.isEmpty ? without() : unready(endpoints)
        let code: Finding.Code = outcome == .resolves ? .unreachableBackend : reason.code
        return [Finding(code, "\(subject) \(reason.text).\(outcome.text)", advice: reason.advice)]
    }

    private typealias Reason = (code: Finding.Code, text: String, advice: String)

    private func unready(_ endpoints: [Endpoint]) -> Reason {
        guard facts.knowsConditions else {
            let count = endpoints.reduce(0) { $0 + $1.addresses.count }
            return (
                .noReadyEndpoint, "has \(Self.unready(count))",
                "The server keeps nothing else of endpoints that are not ready. See which Pods they are: "
                    + "\(lookAtSlices) -o yaml"
            )
        }
        let told = endpoints.map { "\($0.shownName) (\($0.condition))" }
        let first = endpoints.first.map { $0.targetName.isEmpty ? "" : " \($0.targetName)" } ?? ""
        return (
            .noReadyEndpoint, "has \(Self.unready(endpoints.count)): \(Words.list(told))",
            "Find out why the Pods are not ready: kubectl -n \(service.namespace) describe pod\(first). Names for Pods "
                + "that are not ready yet need publishNotReadyAddresses: true in the Service."
        )
    }

    /// A command that shows what the Service has behind it.
    private var lookAtSlices: String {
        "kubectl -n \(service.namespace) get endpointslices -l kubernetes.io/service-name=\(service.name)"
    }

    private static func unready(_ count: Int) -> String {
        count == 1 ? "one endpoint, which is not ready" : "\(count) endpoints, none of them ready"
    }

    private func without() -> Reason {
        guard let details = facts.details(of: service) else {
            return (
                .noEndpoints, "has no endpoints",
                "Compare the Service's selector with the labels of the Pods, and look at its slices: \(lookAtSlices)"
            )
        }
        guard !details.selector.isEmpty else {
            return (
                .noEndpoints, "has no selector, and nobody has entered endpoints for it",
                "Give the Service a selector, or create an EndpointSlice with the label kubernetes.io/service-name: "
                    + service.name
            )
        }
        guard let pods = facts.pods(in: service.namespace) else {
            return (
                .noEndpoints, "has no endpoints; its selector is \(details.selectorText)",
                "See which Pods it selects: kubectl -n \(service.namespace) get pods -l \(details.selectorText)"
            )
        }
        return without(details, pods)
    }

    private func without(_ details: ServiceDetails, _ pods: [PodDetails]) -> Reason {
        let matching = pods.filter { pod in details.selector.allSatisfy { pod.labels[$0.key] == $0.value } }
        guard matching.isEmpty else {
            let told = matching.map { "\($0.key.name) (\($0.phase.isEmpty ? "phase unknown" : $0.phase))" }
            return (
                .noEndpoints, "has no endpoints, although its selector matches \(Words.list(told))",
                "A Pod becomes an endpoint once it has an address: kubectl -n \(service.namespace) describe pod "
                    + (matching.first?.key.name ?? "")
            )
        }
        let key = details.selector.keys.sorted().first { key in pods.contains { $0.labels[key] != nil } }
        let values = key.map { key in Set(pods.compactMap { $0.labels[key].map { "\(key)=\($0)" } }).sorted() } ?? []
        let others = values.isEmpty ? "" : "; Pods there have \(Words.list(values))"
        return (
            .noPodMatches,
            "selects Pods with \(details.selectorText), and no Pod in the namespace \(service.namespace) is "
                + "labelled so\(others)",
            "Make the selector of the Service and the labels of the Pods agree, and see that the Pods are there: "
                + "kubectl -n \(service.namespace) get pods --show-labels"
        )
    }
}

extension Endpoint {
    /// The Pod, or the address.
    var shownName: String { targetName.isEmpty ? addresses.first ?? "?" : targetName }

    /// Why it is not answered.
    var condition: String {
        switch (terminating ?? false, serving ?? false) {
        case (true, true): "terminating, still serving"
        case (true, false): "terminating"
        case (false, _): "not ready"
        }
    }
}
