import ClusterIndex
import Glibc
import KubernetesWatch

/// Objects as JSON, members in the order of the API server.
struct ObjectJSON {
    let stored: StoredObject

    init(_ stored: StoredObject) { self.stored = stored }

    func write(_ writer: inout ByteWriter) {
        if case .serviceImport(let object) = stored.object { return write(object, &writer) }
        writer.object { writer in
            metadata(&writer)
            content(&writer)
        }
    }

    func writeReversed(_ writer: inout ByteWriter) {
        if case .serviceImport(let object) = stored.object { return writeReversed(object, &writer) }
        writer.object { writer in
            content(&writer)
            metadata(&writer)
        }
    }

    // MARK: Metadata

    private func metadata(_ writer: inout ByteWriter) {
        let (key, extras) = (stored.object.key, stored.extras)
        writer.object("metadata") { writer in
            writer.member("name", key.name)
            writer.member("generateName", unlessEmpty: extras.generateName)
            writer.member("namespace", unlessEmpty: key.namespace)
            writer.member("uid", extras.uid)
            writer.member("resourceVersion", "\(stored.version)")
            if extras.generation > 0 { writer.member("generation", extras.generation) }
            writer.member("creationTimestamp", Timestamp.text(extras.created))
            if case .pod(let pod) = stored.object, pod.isTerminating {
                writer.member("deletionTimestamp", Timestamp.text(extras.created + 60))
                writer.member("deletionGracePeriodSeconds", 30)
            }
            writer.member("labels", unlessEmpty: stored.labels)
            writer.member("annotations", unlessEmpty: stored.annotations)
            if let owner = extras.owner { write(owner, &writer) }
            if !extras.managedFields.isEmpty { managedFields(&writer) }
        }
    }

    private func write(_ owner: ObjectExtras.Owner, _ writer: inout ByteWriter) {
        writer.array("ownerReferences") { writer in
            writer.object { writer in
                writer.member("apiVersion", "v1")
                writer.member("kind", "Service")
                writer.member("name", owner.name)
                writer.member("uid", owner.uid)
                writer.member("controller", true)
                writer.member("blockOwnerDeletion", true)
            }
        }
    }

    private func managedFields(_ writer: inout ByteWriter) {
        writer.array("managedFields") { writer in
            for entry in stored.extras.managedFields {
                writer.object { writer in
                    writer.member("manager", entry.manager)
                    writer.member("operation", entry.operation)
                    writer.member("apiVersion", WatchedResource.of(stored.object.kind)?.apiVersion ?? "v1")
                    writer.member("time", Timestamp.text(entry.time))
                    writer.member("fieldsType", "FieldsV1")
                    writer.member("fieldsV1", json: entry.fields)
                    writer.member("subresource", unlessEmpty: entry.subresource)
                }
            }
        }
    }

    // MARK: Content

    private func content(_ writer: inout ByteWriter) {
        switch stored.object {
        case .namespace:
            writer.object("spec") { $0.array("finalizers", ["kubernetes"]) }
            writer.object("status") { $0.member("phase", "Active") }
        case .service(let service): write(service, &writer)
        case .endpointSlice(let slice): write(slice, &writer)
        case .pod(let pod): write(pod, &writer)
        case .serviceImport, .endpoints: break
        }
    }

    private func write(_ service: Service, _ writer: inout ByteWriter) {
        writer.object("spec") { writer in
            if !service.ports.isEmpty { ports(service, &writer) }
            writer.member("selector", unlessEmpty: stored.extras.selector)
            if let first = service.clusterIPs.first {
                writer.member("clusterIP", first)
                writer.array("clusterIPs", service.clusterIPs)
            }
            writer.member("type", service.kind.text)
            if !service.externalIPs.isEmpty { writer.array("externalIPs", service.externalIPs) }
            writer.member("sessionAffinity", "None")
            writer.member("externalName", unlessEmpty: service.externalName)
            if service.isExposed { writer.member("externalTrafficPolicy", "Cluster") }
            guard service.kind != .externalName else { return }
            writer.array("ipFamilies", service.families)
            writer.member("ipFamilyPolicy", service.families.count > 1 ? "PreferDualStack" : "SingleStack")
            if service.kind == .loadBalancer { writer.member("allocateLoadBalancerNodePorts", true) }
            writer.member("internalTrafficPolicy", "Cluster")
        }
        writer.object("status") { writer in
            writer.object("loadBalancer") { writer in
                if !service.ingress.isEmpty { ingress(service, &writer) }
            }
        }
    }

    private func ports(_ service: Service, _ writer: inout ByteWriter) {
        writer.array("ports") { writer in
            for index in service.ports.indices {
                let port = service.ports[index]
                writer.object { writer in
                    writer.member("name", unlessEmpty: port.name)
                    writer.member("protocol", port.transport)
                    writer.member("port", UInt64(port.number ?? 0))
                    writer.member("targetPort", UInt64(port.number ?? 0))
                    if service.isExposed { writer.member("nodePort", UInt64(30_000 + index)) }
                }
            }
        }
    }

    private func ingress(_ service: Service, _ writer: inout ByteWriter) {
        writer.array("ingress") { writer in
            for entry in service.ingress {
                writer.object { writer in
                    writer.member("ip", unlessEmpty: entry.ip)
                    writer.member("hostname", unlessEmpty: entry.hostname)
                    if !entry.ip.isEmpty { writer.member("ipMode", "VIP") }
                }
            }
        }
    }
}

/// Times as the API writes them.
enum Timestamp {
    /// RFC 3339, whole seconds: `2026-11-20T20:34:50Z`.
    static func text(_ seconds: Int64) -> String {
        var clock = time_t(seconds)
        var parts = tm()
        gmtime_r(&clock, &parts)
        let date = "\(parts.tm_year + 1_900)-\(padded(parts.tm_mon + 1))-\(padded(parts.tm_mday))"
        return "\(date)T\(padded(parts.tm_hour)):\(padded(parts.tm_min)):\(padded(parts.tm_sec))Z"
    }

    private static func padded(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

extension Service {
    /// `spec.ipFamilies`.
    var families: [String] { clusterIPs.map { $0.utf8.contains(UInt8(ascii: ":")) ? "IPv6" : "IPv4" } }

    /// Whether the service has ports on the nodes.
    var isExposed: Bool { kind == .nodePort || kind == .loadBalancer }
}
