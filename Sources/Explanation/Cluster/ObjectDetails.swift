public import ClusterIndex
public import DNSMessage
public import YAML

/// What a Service says that answers do not need, but reasons do.
public struct ServiceDetails: Hashable, Sendable {
    /// Namespace and name.
    public var key: ObjectKey
    /// `spec.selector`; empty where somebody else enters the endpoints.
    public var selector: [String: String]
    /// `spec.publishNotReadyAddresses`.
    public var publishesUnready: Bool

    /// Reads a Service (core/v1) as the API prints it; nil where it is something else.
    public init?(_ object: Field) throws(YAMLFault) {
        guard try object.string(of: "kind") == "Service", let key = try ObjectKey(metadataOf: object) else {
            return nil
        }
        self.key = key
        let spec = try object.member("spec")
        selector = try spec?.strings(of: "selector") ?? [:]
        publishesUnready = try spec?.bool(of: "publishNotReadyAddresses") ?? false
    }

    /// `app=web,tier=front`, as kubectl takes it.
    public var selectorText: String {
        selector.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }
}

/// What a Pod says about its own name, and about how it looks names up.
public struct PodDetails: Hashable, Sendable {
    /// `spec.dnsPolicy`.
    public enum Policy: String, Hashable, Sendable, CaseIterable {
        case clusterFirst = "ClusterFirst"
        case clusterFirstWithHostNet = "ClusterFirstWithHostNet"
        case node = "Default"
        case none = "None"
    }

    /// `spec.dnsConfig`.
    public struct Config: Hashable, Sendable {
        /// `nameservers`.
        public var nameservers: [String] = []
        /// `searches`.
        public var searches: [String] = []
        /// `options`: name and value, which may be empty.
        public var options: [String: String] = [:]
    }

    /// Namespace and name.
    public var key: ObjectKey
    /// `metadata.labels`.
    public var labels: [String: String]
    /// `spec.hostname`; empty where it is missing.
    public var hostname: String
    /// `spec.subdomain`; empty where it is missing.
    public var subdomain: String
    /// `spec.hostNetwork`.
    public var usesHostNetwork: Bool
    /// `spec.dnsPolicy`.
    public var policy: Policy
    /// `spec.dnsConfig`.
    public var config: Config
    /// `status.phase`.
    public var phase: String
    /// `status.podIP`; nil until it has one.
    public var address: IPAddress?
    /// Condition `Ready`.
    public var isReady: Bool

    /// Reads a Pod (core/v1) as the API prints it; nil where it is something else. `isItem` for items of a PodList,
    /// which do not tell their kind.
    public init?(_ object: Field, isItem: Bool = false) throws(YAMLFault) {
        let kind = try object.string(of: "kind")
        guard kind == "Pod" || isItem && kind.isEmpty, let key = try ObjectKey(metadataOf: object) else { return nil }
        self.key = key
        labels = try object.member("metadata")?.strings(of: "labels") ?? [:]
        let spec = try object.member("spec")
        hostname = try spec?.string(of: "hostname") ?? ""
        subdomain = try spec?.string(of: "subdomain") ?? ""
        usesHostNetwork = try spec?.bool(of: "hostNetwork") ?? false
        policy = Policy(rawValue: try spec?.string(of: "dnsPolicy") ?? "") ?? .clusterFirst
        config = try spec?.member("dnsConfig").map(Config.init) ?? Config()
        let status = try object.member("status")
        phase = try status?.string(of: "phase") ?? ""
        address = IPAddress(try status?.string(of: "podIP") ?? "")
        isReady = try PodDetails.isReady(status)
    }

    private static func isReady(_ status: Field?) throws(YAMLFault) -> Bool {
        for condition in try status?.elements(of: "conditions") ?? [] {
            if try condition.string(of: "type") == "Ready" { return try condition.string(of: "status") == "True" }
        }
        return false
    }
}

extension PodDetails.Config {
    fileprivate init(_ field: Field) throws(YAMLFault) {
        for server in try field.elements(of: "nameservers") { nameservers.append(try server.string()) }
        for suffix in try field.elements(of: "searches") { searches.append(try suffix.string()) }
        for option in try field.elements(of: "options") {
            options[try option.string(of: "name")] = try option.string(of: "value")
        }
    }
}

extension ObjectKey {
    /// As kubectl has it: without a namespace an object is in `default`.
    fileprivate init?(metadataOf object: Field) throws(YAMLFault) {
        guard let metadata = try object.member("metadata") else { return nil }
        let (namespace, name) = (try metadata.string(of: "namespace"), try metadata.string(of: "name"))
        guard !name.isEmpty else { return nil }
        self.init(namespace: namespace.isEmpty ? "default" : namespace, name: name)
    }
}
