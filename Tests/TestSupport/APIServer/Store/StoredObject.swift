import ClusterIndex
import KubernetesWatch

/// An object of the store at one version. Belongs to the queue of its server.
final class StoredObject {
    let object: ClusterObject
    let extras: ObjectExtras
    let version: UInt64
    /// `namespace/name`, or the name alone: what lists are ordered by.
    let path: String
    /// Written once, when somebody asks.
    private var written: [WireForm: [UInt8]] = [:]

    init(_ object: ClusterObject, _ extras: ObjectExtras, version: UInt64) {
        self.object = object
        self.extras = extras
        self.version = version
        path = object.key.description
    }

    /// The same at another version, as a deleted object is.
    func at(_ version: UInt64) -> StoredObject { StoredObject(object, extras, version: version) }

    /// The object as an item of a list: without its kind, but for custom resources.
    func bytes(_ form: WireForm) -> [UInt8] {
        if let known = written[form] { return known }
        var writer = ByteWriter(capacity: 4_096)
        switch form {
        case .json: ObjectJSON(self).write(&writer)
        case .reversedJSON: ObjectJSON(self).writeReversed(&writer)
        case .protobuf: ObjectProtobuf(self).write(&writer)
        }
        let bytes = writer.bytes
        written[form] = bytes
        return bytes
    }

    /// `metadata.labels`.
    var labels: [String: String] {
        switch object {
        case .namespace(let namespace): return namespace.labels
        case .service(let service): return service.labels
        case .pod(let pod): return pod.labels
        case .serviceImport, .endpoints: return [:]
        case .endpointSlice(let slice):
            var labels = slice.labels
            for (name, value) in [
                ("kubernetes.io/service-name", slice.serviceName),
                ("multicluster.kubernetes.io/service-name", slice.importedServiceName),
                ("multicluster.kubernetes.io/source-cluster", slice.sourceCluster),
            ] where !value.isEmpty { labels[name] = value }
            return labels
        }
    }

    /// `metadata.annotations`.
    var annotations: [String: String] {
        guard case .endpointSlice(let slice) = object, !slice.lastChangeTriggerTime.isEmpty else {
            return extras.annotations
        }
        var annotations = extras.annotations
        annotations["endpoints.kubernetes.io/last-change-trigger-time"] = slice.lastChangeTriggerTime
        return annotations
    }

    /// The value of a field that field selectors know; nil for others.
    func field(_ name: String) -> String? {
        switch (name, object) {
        case ("metadata.name", _): object.key.name
        case ("metadata.namespace", _): object.key.namespace
        case ("status.phase", .pod(let pod)): pod.phase
        case ("status.phase", .namespace): "Active"
        case ("status.podIP", .pod(let pod)): pod.ip
        case ("spec.type", .service(let service)): service.kind.text
        default: nil
        }
    }
}

extension Service.Kind {
    /// `spec.type`.
    var text: String {
        switch self {
        case .clusterIP: "ClusterIP"
        case .nodePort: "NodePort"
        case .loadBalancer: "LoadBalancer"
        case .externalName: "ExternalName"
        }
    }
}
