/// Something that was found about a name: what is so, and what to do about it.
public struct Finding: Hashable, Sendable {
    /// Which of the things that can be found; stable, for programs.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        case aliasFails = "alias-fails"
        case aliasTarget = "alias-target"
        case answeredBefore = "answered-before"
        case answeredOtherwise = "answered-otherwise"
        case dependsOnClient = "depends-on-client"
        case dependsOnFile = "depends-on-file"
        case endpointMissing = "endpoint-missing"
        case externalNameUnusable = "external-name-unusable"
        case familyAbsent = "family-absent"
        case invalidName = "invalid-name"
        case maybeAnsweredBefore = "maybe-answered-before"
        case namespaceHidden = "namespace-hidden"
        case namespaceMissing = "namespace-missing"
        case noEndpoints = "no-endpoints"
        case noPodMatches = "no-pod-matches"
        case noReadyEndpoint = "no-ready-endpoint"
        case noServerBlock = "no-server-block"
        case notAClusterName = "not-a-cluster-name"
        case notSynced = "not-synced"
        case otherResolver = "other-resolver"
        case podAddressUnknown = "pod-address-unknown"
        case podHostname = "pod-hostname"
        case podLabel = "pod-label"
        case podsDisabled = "pods-disabled"
        case portMissing = "port-missing"
        case refusedBefore = "refused-before"
        case reverseUnknown = "reverse-unknown"
        case rewritten
        case searchCost = "search-cost"
        case searchStops = "search-stops"
        case serviceElsewhere = "service-elsewhere"
        case serviceHidden = "service-hidden"
        case serviceMissing = "service-missing"
        case typeAbsent = "type-absent"
        case unreachableBackend = "unreachable-backend"
        case upstreamDenies = "upstream-denies"
        case upstreamFails = "upstream-fails"
        case upstreamNotAsked = "upstream-not-asked"
        case view
        case wrongDomain = "wrong-domain"
    }

    /// Which.
    public var code: Code
    /// What is so: sentences, without line breaks.
    public var text: String
    /// What to do about it; empty where there is nothing to do.
    public var advice: String

    init(_ code: Code, _ text: String, advice: String = "") {
        self.code = code
        self.text = text
        self.advice = advice
    }
}
