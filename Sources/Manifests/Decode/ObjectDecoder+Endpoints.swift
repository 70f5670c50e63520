import ClusterIndex
import DNSMessage
import YAML

extension ObjectDecoder {
    func endpointSlice(_ object: Field) throws(YAMLFault) -> EndpointSlice {
        let metadata = try metadata(object, .endpointSlice)
        guard let type = try object.choice(of: "addressType", Self.addressTypes) else {
            throw object.plainFault("has no addressType (IPv4, IPv6 or FQDN)")
        }
        var slice = EndpointSlice(key: metadata.key, labels: metadata.labels, addressType: type)
        let naming = { (label: String) throws(YAMLFault) -> String in
            let value = metadata.labels[label] ?? ""
            // The bound of a label's value and of a label of DNS, which this becomes.
            guard value.utf8.count <= Name.maximumLabelLength else {
                throw object.plainFault("has a label \(label) of more than \(Name.maximumLabelLength) characters")
            }
            return value
        }
        slice.serviceName = try naming("kubernetes.io/service-name")
        slice.importedServiceName = try naming("multicluster.kubernetes.io/service-name")
        slice.sourceCluster = try naming("multicluster.kubernetes.io/source-cluster")
        let annotations = try metadata.field.member("annotations")
        slice.lastChangeTriggerTime =
            try annotations?.string(of: "endpoints.kubernetes.io/last-change-trigger-time") ?? ""
        let endpoints = try object.elements(of: "endpoints")
        slice.endpoints.reserveCapacity(endpoints.count)
        for field in endpoints { slice.endpoints.append(try endpoint(field, type)) }
        // An endpoint port without a number stands for all ports; the API server takes 0 too.
        slice.ports = try ports(object, leastNumber: 0, needsNumber: false)
        return slice
    }

    private static let addressTypes: [(String, EndpointSlice.AddressType)] = [
        ("IPv4", .ipv4), ("IPv6", .ipv6), ("FQDN", .fqdn),
    ]

    private func endpoint(_ field: Field, _ type: EndpointSlice.AddressType) throws(YAMLFault) -> Endpoint {
        var endpoint = Endpoint(addresses: [])
        for address in try field.elements(of: "addresses") {
            endpoint.addresses.append(type == .fqdn ? try address.name(.domain) : try address.address(of: type))
        }
        if let conditions = try field.member("conditions") {
            endpoint.ready = try conditions.bool(of: "ready")
            endpoint.serving = try conditions.bool(of: "serving")
            endpoint.terminating = try conditions.bool(of: "terminating")
        }
        endpoint.hostname = try field.optionalName(of: "hostname", .label)
        endpoint.targetName = try field.member("targetRef")?.string(of: "name") ?? ""
        endpoint.zone = try field.string(of: "zone")
        if endpoint.zone.isEmpty, let topology = try field.member("topology") {
            // Where discovery.k8s.io/v1beta1 has it.
            endpoint.zone = try topology.string(of: "topology.kubernetes.io/zone")
        }
        return endpoint
    }

    func endpoints(_ object: Field) throws(YAMLFault) -> Endpoints {
        let metadata = try metadata(object, .endpoints)
        var endpoints = Endpoints(key: metadata.key, labels: metadata.labels)
        for subset in try object.elements(of: "subsets") {
            endpoints.subsets.append(
                Endpoints.Subset(
                    ready: try addresses(subset, "addresses"), notReady: try addresses(subset, "notReadyAddresses"),
                    ports: try ports(subset, leastNumber: 1, needsNumber: true)))
        }
        return endpoints
    }

    private func addresses(_ subset: Field, _ key: StaticString) throws(YAMLFault) -> [Endpoint] {
        var endpoints: [Endpoint] = []
        for field in try subset.elements(of: key) {
            guard let ip = try field.member("ip") else { throw field.plainFault("has no ip") }
            endpoints.append(
                Endpoint(
                    addresses: [try ip.address()], hostname: try field.optionalName(of: "hostname", .label),
                    targetName: try field.member("targetRef")?.string(of: "name") ?? ""))
        }
        return endpoints
    }
}

extension Field {
    /// The text of an address of the family that a slice says it has.
    fileprivate func address(of type: EndpointSlice.AddressType) throws(YAMLFault) -> String {
        let text = try string()
        guard let address = IPAddress(text), address.family == (type == .ipv4 ? .v4 : .v6) else {
            throw fault("must be an \(type == .ipv4 ? "IPv4" : "IPv6") address, as addressType says")
        }
        return text
    }
}
