import DNSMessage

/// Which object of its kind: namespace and name, as in the Kubernetes API.
public struct ObjectKey: Hashable, Sendable, CustomStringConvertible {
    /// Empty for kinds without namespaces.
    public var namespace: String
    /// `metadata.name`.
    public var name: String

    /// A key; leave the namespace out for a Namespace object.
    public init(namespace: String = "", name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// `namespace/name`, as kubectl writes it.
    public var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }
}

extension ObjectKey {
    /// In lower case, as the Kubernetes API and the index know it; manifests may spell it otherwise.
    public var folded: ObjectKey {
        isFolded ? self : ObjectKey(namespace: ObjectKey.folded(namespace), name: ObjectKey.folded(name))
    }

    var isFolded: Bool {
        namespace.utf8.allSatisfy { foldedByte($0) == $0 } && name.utf8.allSatisfy { foldedByte($0) == $0 }
    }

    private static func folded(_ text: String) -> String {
        String(decoding: text.utf8.map(foldedByte), as: UTF8.self)
    }
}

/// The kinds of objects that answers are made from.
public enum ObjectKind: String, Hashable, Sendable, CaseIterable {
    case namespace = "Namespace"
    case service = "Service"
    case endpointSlice = "EndpointSlice"
    /// The older form of an EndpointSlice; read only for services that have no slice.
    case endpoints = "Endpoints"
    case pod = "Pod"
    case serviceImport = "ServiceImport"
}

/// An object of the cluster, trimmed to what answers need.
public enum ClusterObject: Hashable, Sendable {
    case namespace(Namespace)
    case service(Service)
    case endpointSlice(EndpointSlice)
    case endpoints(Endpoints)
    case pod(Pod)
    case serviceImport(ServiceImport)

    /// The kind of the object inside.
    public var kind: ObjectKind {
        switch self {
        case .namespace: .namespace
        case .service: .service
        case .endpointSlice: .endpointSlice
        case .endpoints: .endpoints
        case .pod: .pod
        case .serviceImport: .serviceImport
        }
    }

    /// The key of the object inside.
    public var key: ObjectKey {
        switch self {
        case .namespace(let object): ObjectKey(name: object.name)
        case .service(let object): object.key
        case .endpointSlice(let object): object.key
        case .endpoints(let object): object.key
        case .pod(let object): object.key
        case .serviceImport(let object): object.key
        }
    }
}
