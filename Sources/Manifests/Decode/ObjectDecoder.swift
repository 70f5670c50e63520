import ClusterIndex
import YAML

/// Turns the tree of one object into the trimmed object that answers are made from.
struct ObjectDecoder {
    let tree: NodeTree
    let root: Int
    /// What an item of a typed list is that does not say so itself.
    let inherited: TypeMeta?

    enum Outcome {
        case object(ClusterObject)
        /// Of a kind that answers are not made from.
        case skipped
        /// A list inside a list.
        case list(items: [Int], ofItems: TypeMeta?)
        /// Cannot be used; which object it is, as far as its name could be read.
        case rejected(YAMLFault, ObjectID?)
    }

    /// Throws where it cannot be told what the object is.
    func decode() throws(YAMLFault) -> Outcome {
        let object = Field(tree: tree, node: root)
        guard tree.nodes[root].kind == .mapping else {
            throw object.plainFault("must be a mapping, as every Kubernetes object is, not \(tree.describe(root))")
        }
        let meta = try typeMeta(of: object)
        if meta.isList {
            return .list(items: try object.elements(of: "items").map(\.node), ofItems: meta.ofItems)
        }
        guard let kind = ObjectKind(rawValue: meta.kind) else { return .skipped }
        guard !meta.apiVersion.isEmpty else {
            throw object.plainFault("has no apiVersion; a \(meta.kind) has \(NodeTree.quote(kind.apiVersions[0]))")
        }
        guard kind.apiVersions.contains(meta.apiVersion) else { return .skipped }
        do {
            return .object(try decode(kind, object))
        } catch {
            let id = (try? key(of: object, kind)).map { ObjectID(kind: kind, key: $0) }
            let name = id?.description ?? kind.rawValue
            return .rejected(YAMLFault(position: error.position, message: "\(name): \(error.message)"), id)
        }
    }

    private func typeMeta(of object: Field) throws(YAMLFault) -> TypeMeta {
        let kind = try object.string(of: "kind")
        let apiVersion = try object.string(of: "apiVersion")
        if !kind.isEmpty { return TypeMeta(apiVersion: apiVersion, kind: kind) }
        if let inherited { return inherited }
        throw object.plainFault("has no kind, as every Kubernetes object must")
    }

    private func decode(_ kind: ObjectKind, _ object: Field) throws(YAMLFault) -> ClusterObject {
        switch kind {
        case .namespace: .namespace(try namespace(object))
        case .service: .service(try service(object))
        case .endpointSlice: .endpointSlice(try endpointSlice(object))
        case .endpoints: .endpoints(try endpoints(object))
        case .pod: .pod(try pod(object))
        case .serviceImport: .serviceImport(try serviceImport(object))
        }
    }
}

extension ObjectKind {
    /// The API versions that are read; the same kind of another group is another thing.
    fileprivate var apiVersions: [String] {
        switch self {
        case .namespace, .service, .endpoints, .pod: ["v1"]
        case .endpointSlice: ["discovery.k8s.io/v1", "discovery.k8s.io/v1beta1"]
        case .serviceImport: ["multicluster.x-k8s.io/v1alpha1", "multicluster.x-k8s.io/v1beta1"]
        }
    }
}

/// What DNS needs of `metadata`.
struct Metadata {
    var key: ObjectKey
    var labels: [String: String]
    var field: Field
}

extension ObjectDecoder {
    func metadata(_ object: Field, _ kind: ObjectKind) throws(YAMLFault) -> Metadata {
        let key = try key(of: object, kind)
        guard let metadata = try object.member("metadata") else { throw object.plainFault("has no metadata") }
        return Metadata(key: key, labels: try metadata.strings(of: "labels"), field: metadata)
    }

    /// An object without a namespace is in `default`, as kubectl has it.
    private func key(of object: Field, _ kind: ObjectKind) throws(YAMLFault) -> ObjectKey {
        guard let metadata = try object.member("metadata") else { throw object.plainFault("has no metadata") }
        guard let name = try metadata.member("name") else { throw metadata.plainFault("has no name") }
        var key = ObjectKey(name: try name.name(kind.isNamedLikeALabel ? .label : .subdomain))
        if kind != .namespace { key.namespace = try metadata.member("namespace")?.name(.label) ?? "default" }
        return key
    }

    private func namespace(_ object: Field) throws(YAMLFault) -> Namespace {
        let metadata = try metadata(object, .namespace)
        return Namespace(name: metadata.key.name, labels: metadata.labels)
    }

    private func pod(_ object: Field) throws(YAMLFault) -> Pod {
        let metadata = try metadata(object, .pod)
        let status = try object.member("status")
        return Pod(
            key: metadata.key, labels: metadata.labels, ip: try status?.member("podIP")?.address() ?? "",
            phase: try status?.choice(of: "phase", Self.phases) ?? "",
            isTerminating: try metadata.field.member("deletionTimestamp") != nil)
    }

    private static let phases = ["Pending", "Running", "Succeeded", "Failed", "Unknown"].map { ($0, $0) }

    private func serviceImport(_ object: Field) throws(YAMLFault) -> ServiceImport {
        let metadata = try metadata(object, .serviceImport)
        guard let spec = try object.member("spec") else { throw object.plainFault("has no spec") }
        let kind = try spec.choice(
            of: "type", [("ClusterSetIP", ServiceImport.Kind.clusterSetIP), ("Headless", .headless)])
        var ips: [String] = []
        for field in try spec.elements(of: "ips") { ips.append(try field.address()) }
        return ServiceImport(
            key: metadata.key, kind: kind ?? .clusterSetIP, ips: ips,
            ports: try ports(spec, leastNumber: 1, needsNumber: true))
    }

    /// `ports` of a service, an import, a slice or a subset.
    func ports(_ owner: Field, leastNumber: UInt16, needsNumber: Bool) throws(YAMLFault) -> [ServicePort] {
        var ports: [ServicePort] = []
        for port in try owner.elements(of: "ports") {
            let number = try port.port(of: "port", least: leastNumber)
            guard number != nil || !needsNumber else { throw port.plainFault("has no port number") }
            ports.append(
                ServicePort(
                    name: try port.optionalName(of: "name", .label),
                    transport: try port.choice(of: "protocol", Self.transports) ?? "TCP", number: number))
        }
        return ports
    }

    private static let transports = ["TCP", "UDP", "SCTP"].map { ($0, $0) }
}

extension ObjectKind {
    /// The name is one DNS label, since it becomes one; others may have dots.
    fileprivate var isNamedLikeALabel: Bool {
        switch self {
        case .namespace, .service, .serviceImport: true
        case .endpointSlice, .endpoints, .pod: false
        }
    }
}
