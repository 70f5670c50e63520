import ClusterIndex
import KubernetesWatch

/// Objects as protobuf, fields in the order of the API server; numbers are those of `generated.proto` of `core/v1`,
/// `discovery/v1` and `meta/v1`.
struct ObjectProtobuf {
    private let stored: StoredObject

    init(_ stored: StoredObject) { self.stored = stored }

    func write(_ writer: inout ByteWriter) {
        writer.message(1, metadata)
        switch stored.object {
        case .namespace:
            writer.message(2) { $0.field(1, "kubernetes") }
            writer.message(3) { $0.field(1, "Active") }
        case .service(let service):
            writer.message(2) { spec(service, &$0) }
            writer.message(3) { status(service, &$0) }
        case .endpointSlice(let slice): write(slice, &writer)
        case .pod(let pod): write(pod, &writer)
        case .serviceImport, .endpoints: break
        }
    }

    // MARK: Metadata

    private func metadata(_ writer: inout ByteWriter) {
        let (key, extras) = (stored.object.key, stored.extras)
        writer.field(1, key.name)
        writer.field(2, extras.generateName)
        writer.field(3, key.namespace)
        writer.field(4, "")
        writer.field(5, extras.uid)
        writer.field(6, "\(stored.version)")
        writer.field(7, Int64(extras.generation))
        writer.time(8, extras.created)
        if case .pod(let pod) = stored.object, pod.isTerminating {
            writer.time(9, extras.created + 60)
            writer.field(10, 30)
        }
        writer.map(11, stored.labels)
        writer.map(12, stored.annotations)
        if let owner = extras.owner { write(owner, &writer) }
        for entry in extras.managedFields { writer.message(17) { write(entry, &$0) } }
    }

    private func write(_ owner: ObjectExtras.Owner, _ writer: inout ByteWriter) {
        writer.message(13) { writer in
            writer.field(1, "Service")
            writer.field(3, owner.name)
            writer.field(4, owner.uid)
            writer.field(5, "v1")
            writer.field(6, true)
            writer.field(7, true)
        }
    }

    private func write(_ entry: ObjectExtras.ManagedFields, _ writer: inout ByteWriter) {
        writer.field(1, entry.manager)
        writer.field(2, entry.operation)
        writer.field(3, WatchedResource.of(stored.object.kind)?.apiVersion ?? "v1")
        writer.time(4, entry.time)
        writer.field(6, "FieldsV1")
        writer.message(7) { $0.field(1, entry.fields) }
        writer.field(8, entry.subresource)
    }

    // MARK: Service

    private func spec(_ service: Service, _ writer: inout ByteWriter) {
        for index in service.ports.indices {
            writer.message(1) { port(service.ports[index], service.isExposed ? Int64(30_000 + index) : 0, &$0) }
        }
        writer.map(2, stored.extras.selector)
        writer.field(3, service.clusterIPs.first ?? "")
        writer.field(4, service.kind.text)
        for address in service.externalIPs { writer.field(5, address) }
        writer.field(7, "None")
        writer.field(8, "")
        writer.field(10, service.externalName)
        writer.field(11, service.isExposed ? "Cluster" : "")
        writer.field(12, 0)
        writer.field(13, false)
        guard service.kind != .externalName else { return }
        writer.field(17, service.families.count > 1 ? "PreferDualStack" : "SingleStack")
        for address in service.clusterIPs { writer.field(18, address) }
        for family in service.families { writer.field(19, family) }
        if service.kind == .loadBalancer { writer.field(20, true) }
        writer.field(22, "Cluster")
    }

    private func port(_ port: ServicePort, _ nodePort: Int64, _ writer: inout ByteWriter) {
        writer.field(1, port.name)
        writer.field(2, port.transport)
        writer.field(3, Int64(port.number ?? 0))
        writer.message(4) { writer in
            writer.field(1, 0)
            writer.field(2, Int64(port.number ?? 0))
            writer.field(3, "")
        }
        writer.field(5, nodePort)
    }

    private func status(_ service: Service, _ writer: inout ByteWriter) {
        writer.message(1) { writer in
            for entry in service.ingress {
                writer.message(1) { writer in
                    writer.field(1, entry.ip)
                    writer.field(2, entry.hostname)
                    if !entry.ip.isEmpty { writer.field(3, "VIP") }
                }
            }
        }
    }

    // MARK: EndpointSlice

    private func write(_ slice: EndpointSlice, _ writer: inout ByteWriter) {
        for index in slice.endpoints.indices {
            writer.message(2) { write(slice.endpoints[index], index, &$0) }
        }
        for port in slice.ports {
            writer.message(3) { writer in
                writer.field(1, port.name)
                writer.field(2, port.transport)
                if let number = port.number { writer.field(3, Int64(number)) }
            }
        }
        writer.field(4, slice.addressType.text)
    }

    private func write(_ endpoint: Endpoint, _ index: Int, _ writer: inout ByteWriter) {
        for address in endpoint.addresses { writer.field(1, address) }
        writer.message(2) { writer in
            if let ready = endpoint.ready { writer.field(1, ready) }
            if let serving = endpoint.serving { writer.field(2, serving) }
            if let terminating = endpoint.terminating { writer.field(3, terminating) }
        }
        if !endpoint.hostname.isEmpty { writer.field(3, endpoint.hostname) }
        if !endpoint.targetName.isEmpty {
            writer.message(4) { writer in
                writer.field(1, "Pod")
                writer.field(2, stored.object.key.namespace)
                writer.field(3, endpoint.targetName)
                writer.field(4, stored.extras.targetUID(index, endpoint))
                for empty in UInt64(5)...7 { writer.field(empty, "") }
            }
        }
        let node = stored.extras.node(index, endpoint)
        if !node.isEmpty { writer.field(6, node) }
        if !endpoint.zone.isEmpty { writer.field(7, endpoint.zone) }
    }

    // MARK: Pod

    private func write(_ pod: Pod, _ writer: inout ByteWriter) {
        writer.message(2) { writer in
            writer.message(2) { writer in
                writer.field(1, "app")
                writer.field(2, "registry.k8s.io/pause:3.10")
                writer.field(5, "")
                writer.message(8) { _ in }
                writer.field(13, "/dev/termination-log")
                writer.field(14, "IfNotPresent")
                for flag in UInt64(16)...18 { writer.field(flag, false) }
                writer.field(20, "File")
            }
            writer.field(3, "Always")
            writer.field(6, "ClusterFirst")
            writer.field(8, "default")
            writer.field(9, "default")
            writer.field(10, "node-a")
            for flag in UInt64(11)...13 { writer.field(flag, false) }
            writer.message(14) { _ in }
            for empty: UInt64 in [16, 17, 19, 24] { writer.field(empty, "") }
        }
        writer.message(3) { status(pod, &$0) }
    }

    private func status(_ pod: Pod, _ writer: inout ByteWriter) {
        writer.field(1, pod.phase)
        writer.message(2) { writer in
            writer.field(1, "Ready")
            writer.field(2, pod.phase == "Running" ? "True" : "False")
            writer.message(3) { _ in }
            writer.time(4, stored.extras.created)
            writer.field(5, "")
            writer.field(6, "")
        }
        writer.field(3, "")
        writer.field(4, "")
        writer.field(5, pod.ip.isEmpty ? "" : "192.0.2.10")
        writer.field(6, pod.ip)
        if !pod.ip.isEmpty { writer.time(7, stored.extras.created) }
        writer.field(9, "BestEffort")
        writer.field(11, "")
        if !pod.ip.isEmpty { writer.message(12) { $0.field(1, pod.ip) } }
        writer.field(14, "")
    }
}

extension ByteWriter {
    /// A Time of `meta/v1`.
    mutating func time(_ number: UInt64, _ seconds: Int64) {
        message(number) { writer in
            writer.field(1, seconds)
            writer.field(2, 0)
        }
    }
}
