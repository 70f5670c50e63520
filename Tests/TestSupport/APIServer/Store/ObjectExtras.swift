public import ClusterIndex

/// What stands around the part of an object that answers need: ballast, which clients are to skip.
public struct ObjectExtras: Hashable, Sendable {
    /// An entry of `metadata.managedFields`.
    public struct ManagedFields: Hashable, Sendable {
        /// `kubectl`.
        public var manager: String
        /// `Apply` or `Update`.
        public var operation: String
        /// Unix time in seconds.
        public var time: Int64
        /// `fieldsV1`: JSON.
        public var fields: String
        /// `status`; mostly empty.
        public var subresource: String

        /// An entry.
        public init(
            manager: String, operation: String = "Update", time: Int64, fields: String, subresource: String = ""
        ) {
            self.manager = manager
            self.operation = operation
            self.time = time
            self.fields = fields
            self.subresource = subresource
        }
    }

    /// The Service that an EndpointSlice belongs to.
    public struct Owner: Hashable, Sendable {
        /// `metadata.name` of the Service.
        public var name: String
        /// `metadata.uid` of the Service.
        public var uid: String

        /// An owner.
        public init(name: String, uid: String) {
            self.name = name
            self.uid = uid
        }
    }

    /// `metadata.uid`; the store gives one where it is empty.
    public var uid = ""
    /// `metadata.creationTimestamp`, Unix time in seconds.
    public var created: Int64 = 1_795_206_890
    /// `metadata.generateName`.
    public var generateName = ""
    /// `metadata.generation`; 0 where it is missing.
    public var generation: UInt64 = 0
    /// `metadata.annotations`, without those that the object itself has.
    public var annotations: [String: String] = [:]
    /// `metadata.ownerReferences`.
    public var owner: Owner?
    /// `metadata.managedFields`.
    public var managedFields: [ManagedFields] = []
    /// `spec.selector` of a Service.
    public var selector: [String: String] = [:]
    /// `endpoints[].nodeName`, one for each; made up where they are missing.
    public var nodes: [String] = []
    /// `endpoints[].targetRef.uid`, one for each; made up where they are missing.
    public var targetUIDs: [String] = []

    /// Nothing but the time of creation.
    public init() {}
}

extension ObjectExtras {
    /// Extras as the controllers of a cluster leave them, so that sizes are those of a real one.
    public static func ballast(for object: ClusterObject) -> ObjectExtras {
        var extras = ObjectExtras()
        switch object {
        case .namespace(let namespace): extras.fill(namespace)
        case .service(let service): extras.fill(service)
        case .endpointSlice(let slice): extras.fill(slice)
        case .pod(let pod): extras.fill(pod)
        case .serviceImport, .endpoints: extras.generation = 1
        }
        return extras
    }

    private mutating func fill(_ namespace: Namespace) {
        managedFields = [
            ManagedFields(
                manager: "kubectl-create", time: created,
                fields: #"{"f:metadata":{"f:labels":{".":{},"f:kubernetes.io/metadata.name":{}}}}"#)
        ]
        annotations["clusterdns.test/owner"] = "team of \(namespace.name)"
    }

    private mutating func fill(_ service: Service) {
        if service.kind != .externalName { selector = ["app": service.key.name] }
        annotations = [
            "meta.helm.sh/release-name": service.key.name, "meta.helm.sh/release-namespace": service.key.namespace,
        ]
        managedFields = [
            ManagedFields(
                manager: "helm-controller", time: created,
                fields: Self.serviceFields(service.ports, isHeadless: service.isHeadless))
        ]
    }

    private static func serviceFields(_ ports: [ServicePort], isHeadless: Bool) -> String {
        let named = ports.map { port in
            #","k:{\"port\":\#(port.number ?? 0),\"protocol\":\"\#(port.transport)\"}":"#
                + #"{".":{},"f:name":{},"f:port":{},"f:protocol":{},"f:targetPort":{}}"#
        }
        let portFields = ports.isEmpty ? "" : #""f:ports":{".":{}\#(named.joined())},"#
        let metadata =
            #"{"f:annotations":{".":{},"f:meta.helm.sh/release-name":{}},"f:labels":{".":{},"f:app":{}}}"#
        return #"{"f:metadata":\#(metadata),"f:spec":{\#(isHeadless ? #""f:clusterIP":{},"# : "")"#
            + #""f:internalTrafficPolicy":{},\#(portFields)"f:selector":{},"f:sessionAffinity":{},"f:type":{}}}"#
    }

    private mutating func fill(_ slice: EndpointSlice) {
        generateName = slice.serviceName.isEmpty ? "" : "\(slice.serviceName)-"
        generation = 1
        targetUIDs = slice.endpoints.map { Self.uid(9, $0.targetName) }
        let uid = Self.uid(0x51CE, slice.key.description)
        if !slice.serviceName.isEmpty { owner = Owner(name: slice.serviceName, uid: uid) }
        managedFields = [
            ManagedFields(
                manager: "kube-controller-manager", time: created,
                fields: #"{"f:addressType":{},"f:endpoints":{},"f:metadata":{"f:annotations":{".":{},"#
                    + #""f:endpoints.kubernetes.io/last-change-trigger-time":{}},"f:generateName":{},"#
                    + #""f:labels":{".":{},"f:endpointslice.kubernetes.io/managed-by":{},"#
                    + #""f:kubernetes.io/service-name":{}},"f:ownerReferences":{".":{},"#
                    + #""k:{\"uid\":\"\#(uid)\"}":{}}},"f:ports":{}}"#)
        ]
    }

    private mutating func fill(_ pod: Pod) {
        generation = 1
        managedFields = [
            ManagedFields(
                manager: "kube-controller-manager", time: created,
                fields: #"{"f:metadata":{"f:generateName":{},"f:labels":{".":{},"f:app":{}}},"f:spec":{"#
                    + #""f:containers":{"k:{\"name\":\"app\"}":{".":{},"f:image":{},"f:imagePullPolicy":{},"#
                    + #""f:name":{},"f:resources":{}}},"f:dnsPolicy":{},"f:restartPolicy":{}}}"#),
            ManagedFields(
                manager: "kubelet", time: created,
                fields: #"{"f:status":{"f:hostIP":{},"f:phase":{},"f:podIP":{},"f:podIPs":{".":{},"#
                    + #""k:{\"ip\":\"\#(pod.ip)\"}":{".":{},"f:ip":{}}},"f:startTime":{}}}"#,
                subresource: "status"),
        ]
    }

    /// A UID that is the same whenever a cluster is made again.
    static func uid(_ seed: UInt64, _ text: String) -> String {
        // FNV-1a
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ seed
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return uid(seed, hash)
    }

    static func uid(_ seed: UInt64, _ number: UInt64) -> String {
        let tail = String(number & 0xFFFF_FFFF_FFFF, radix: 16)
        let head = String(seed & 0xFFFF_FFFF, radix: 16)
        let group = String(number >> 48, radix: 16)
        return String(repeating: "0", count: 8 - head.count) + head + "-"
            + String(repeating: "0", count: 4 - group.count) + group + "-4000-8000-"
            + String(repeating: "0", count: 12 - tail.count) + tail
    }
}
