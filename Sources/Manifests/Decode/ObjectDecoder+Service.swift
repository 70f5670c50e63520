import ClusterIndex
import YAML

extension ObjectDecoder {
    func service(_ object: Field) throws(YAMLFault) -> Service {
        let metadata = try metadata(object, .service)
        var service = Service(key: metadata.key, labels: metadata.labels)
        guard let spec = try object.member("spec") else { throw object.plainFault("has no spec") }
        service.kind = try spec.choice(of: "type", Self.serviceKinds) ?? .clusterIP
        service.clusterIPs = try clusterIPs(spec)
        service.externalName = try externalName(spec, isNeeded: service.kind == .externalName)
        for field in try spec.elements(of: "externalIPs") { service.externalIPs.append(try field.address()) }
        service.ports = try ports(spec, leastNumber: 1, needsNumber: true)
        service.ingress = try ingress(object)
        return service
    }

    private static let serviceKinds: [(String, Service.Kind)] = [
        ("ClusterIP", .clusterIP), ("NodePort", .nodePort), ("LoadBalancer", .loadBalancer),
        ("ExternalName", .externalName),
    ]

    /// `clusterIPs`, or `clusterIP` alone in manifests and from old servers; empty while none is assigned.
    private func clusterIPs(_ spec: Field) throws(YAMLFault) -> [String] {
        var fields = try spec.elements(of: "clusterIPs")
        if fields.isEmpty, let only = try spec.member("clusterIP") { fields = [only] }
        var addresses: [String] = []
        for field in fields {
            let text = try field.string()
            if text == "None" {
                guard fields.count == 1 else { throw field.plainFault("is \"None\" beside addresses") }
                return ["None"]
            }
            if !text.isEmpty { addresses.append(try field.address()) }
        }
        return addresses
    }

    private func externalName(_ spec: Field, isNeeded: Bool) throws(YAMLFault) -> String {
        guard let field = try spec.member("externalName") else {
            guard !isNeeded else { throw spec.plainFault("has no externalName, which type ExternalName needs") }
            return ""
        }
        return isNeeded ? try field.name(.domain) : try field.string()
    }

    private func ingress(_ object: Field) throws(YAMLFault) -> [Service.Ingress] {
        guard let balancer = try object.member("status")?.member("loadBalancer") else { return [] }
        var ingress: [Service.Ingress] = []
        for entry in try balancer.elements(of: "ingress") {
            ingress.append(
                Service.Ingress(
                    ip: try entry.optionalAddress(of: "ip"), hostname: try entry.optionalName(of: "hostname", .domain)))
        }
        return ingress
    }
}
