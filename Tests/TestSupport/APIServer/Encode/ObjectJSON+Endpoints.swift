import ClusterIndex

extension ObjectJSON {
    func write(_ slice: EndpointSlice, _ writer: inout ByteWriter) {
        writer.member("addressType", slice.addressType.text)
        if slice.endpoints.isEmpty {
            writer.member("endpoints", json: "null")
        } else {
            writer.array("endpoints") { writer in
                for index in slice.endpoints.indices { write(slice.endpoints[index], index, &writer) }
            }
        }
        if slice.ports.isEmpty {
            writer.member("ports", json: "null")
        } else {
            writer.array("ports") { writer in
                for index in slice.ports.indices { write(slice.ports[index], &writer) }
            }
        }
    }

    private func write(_ endpoint: Endpoint, _ index: Int, _ writer: inout ByteWriter) {
        writer.object { writer in
            writer.array("addresses", endpoint.addresses)
            writer.object("conditions") { writer in
                if let ready = endpoint.ready { writer.member("ready", ready) }
                if let serving = endpoint.serving { writer.member("serving", serving) }
                if let terminating = endpoint.terminating { writer.member("terminating", terminating) }
            }
            writer.member("hostname", unlessEmpty: endpoint.hostname)
            if !endpoint.targetName.isEmpty {
                writer.object("targetRef") { writer in
                    writer.member("kind", "Pod")
                    writer.member("namespace", stored.object.key.namespace)
                    writer.member("name", endpoint.targetName)
                    writer.member("uid", stored.extras.targetUID(index, endpoint))
                }
            }
            writer.member("nodeName", unlessEmpty: stored.extras.node(index, endpoint))
            writer.member("zone", unlessEmpty: endpoint.zone)
        }
    }

    private func write(_ port: ServicePort, _ writer: inout ByteWriter) {
        writer.object { writer in
            writer.member("name", port.name)
            writer.member("protocol", port.transport)
            if let number = port.number { writer.member("port", UInt64(number)) }
        }
    }

    // MARK: Pod

    func write(_ pod: Pod, _ writer: inout ByteWriter) {
        writer.object("spec") { writer in
            writer.array("containers") { writer in
                writer.object { writer in
                    writer.member("name", "app")
                    writer.member("image", "registry.k8s.io/pause:3.10")
                    writer.object("resources") { _ in }
                    writer.member("terminationMessagePath", "/dev/termination-log")
                    writer.member("terminationMessagePolicy", "File")
                    writer.member("imagePullPolicy", "IfNotPresent")
                }
            }
            writer.member("restartPolicy", "Always")
            writer.member("dnsPolicy", "ClusterFirst")
            writer.member("serviceAccountName", "default")
            writer.member("nodeName", "node-a")
            writer.object("securityContext") { _ in }
        }
        writer.object("status") { writer in
            writer.member("phase", pod.phase)
            writer.array("conditions") { writer in
                writer.object { writer in
                    writer.member("type", "Ready")
                    writer.member("status", pod.phase == "Running" ? "True" : "False")
                    writer.member("lastProbeTime", json: "null")
                    writer.member("lastTransitionTime", Timestamp.text(stored.extras.created))
                }
            }
            guard !pod.ip.isEmpty else { return }
            writer.member("hostIP", "192.0.2.10")
            writer.member("podIP", pod.ip)
            writer.array("podIPs") { writer in
                writer.object { $0.member("ip", pod.ip) }
            }
            writer.member("startTime", Timestamp.text(stored.extras.created))
            writer.member("qosClass", "BestEffort")
        }
    }

    // MARK: ServiceImport

    /// As the server writes any custom resource: members sorted by name.
    func write(_ object: ServiceImport, _ writer: inout ByteWriter) {
        writer.object { writer in
            writer.member("apiVersion", "multicluster.x-k8s.io/v1alpha1")
            writer.member("kind", "ServiceImport")
            sortedMetadata(&writer)
            spec(object, &writer)
        }
    }

    func writeReversed(_ object: ServiceImport, _ writer: inout ByteWriter) {
        writer.object { writer in
            spec(object, &writer)
            sortedMetadata(&writer)
            writer.member("kind", "ServiceImport")
            writer.member("apiVersion", "multicluster.x-k8s.io/v1alpha1")
        }
    }

    private func sortedMetadata(_ writer: inout ByteWriter) {
        writer.object("metadata") { writer in
            writer.member("annotations", unlessEmpty: stored.extras.annotations)
            writer.member("creationTimestamp", Timestamp.text(stored.extras.created))
            writer.member("generation", max(stored.extras.generation, 1))
            writer.member("name", stored.object.key.name)
            writer.member("namespace", stored.object.key.namespace)
            writer.member("resourceVersion", "\(stored.version)")
            writer.member("uid", stored.extras.uid)
        }
    }

    private func spec(_ object: ServiceImport, _ writer: inout ByteWriter) {
        writer.object("spec") { writer in
            if !object.ips.isEmpty { writer.array("ips", object.ips) }
            writer.array("ports") { writer in
                for port in object.ports {
                    writer.object { writer in
                        writer.member("name", unlessEmpty: port.name)
                        if let number = port.number { writer.member("port", UInt64(number)) }
                        writer.member("protocol", port.transport)
                    }
                }
            }
            writer.member("type", object.kind == .headless ? "Headless" : "ClusterSetIP")
        }
    }
}

extension EndpointSlice.AddressType {
    /// `addressType`.
    var text: String {
        switch self {
        case .ipv4: "IPv4"
        case .ipv6: "IPv6"
        case .fqdn: "FQDN"
        }
    }
}

extension ObjectExtras {
    private static let nodeNames = (0..<200).map { "node-\($0)" }

    func node(_ index: Int, _ endpoint: Endpoint) -> String {
        if index < nodes.count { return nodes[index] }
        return endpoint.targetName.isEmpty ? "" : Self.nodeNames[index % Self.nodeNames.count]
    }

    func targetUID(_ index: Int, _ endpoint: Endpoint) -> String {
        index < targetUIDs.count ? targetUIDs[index] : Self.uid(9, endpoint.targetName)
    }
}
