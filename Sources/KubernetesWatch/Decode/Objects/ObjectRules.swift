import ClusterIndex

// What the texts and numbers of the API mean, in whichever encoding.

extension Service.Kind {
    /// `spec.type`; one that is unknown to us has cluster IPs.
    init(api text: String) {
        switch text {
        case "NodePort": self = .nodePort
        case "LoadBalancer": self = .loadBalancer
        case "ExternalName": self = .externalName
        default: self = .clusterIP
        }
    }
}

extension ServiceImport.Kind {
    /// `spec.type`; one that is unknown to us has addresses.
    init(api text: String) { self = text == "Headless" ? .headless : .clusterSetIP }
}

extension EndpointSlice.AddressType {
    /// `addressType`.
    init(api text: String) throws(ObjectFault) {
        switch text {
        case "IPv4": self = .ipv4
        case "IPv6": self = .ipv6
        case "FQDN": self = .fqdn
        case "": throw .unusable(DecodingFault("the object has no addressType"))
        default: throw .unusable("addressType", "must be IPv4, IPv6 or FQDN, not \(quoted(text))")
        }
    }
}

extension ServicePort {
    /// A port before its members are read.
    static let unread = ServicePort(number: nil)

    /// The port, once its members are read; those of a slice may lack a number.
    func checked(needsNumber: Bool) throws(ObjectFault) -> ServicePort {
        guard number != nil || !needsNumber else { throw .unusable("spec.ports[]", "has no port number") }
        guard transport.isEmpty else { return self }
        // The API's default.
        return ServicePort(name: name, transport: "TCP", number: number)
    }

    /// A port number; a slice may have 0.
    static func number(_ value: Int, isOfSlice: Bool) throws(ObjectFault) -> UInt16 {
        let least = isOfSlice ? 0 : 1
        guard let number = UInt16(exactly: value), number >= least else {
            let path: StaticString = isOfSlice ? "ports[].port" : "spec.ports[].port"
            throw .unusable(path, "must be a whole number from \(least) to 65535, not \(value)")
        }
        return number
    }
}

extension Service {
    /// The service, once its members are read.
    func checked(hasSpec: Bool) throws(ObjectFault) -> Service {
        guard hasSpec else { throw .unusable(DecodingFault("the object has no spec")) }
        guard kind != .externalName || !externalName.isEmpty else {
            throw .unusable("spec", "has no externalName, which type ExternalName needs")
        }
        return self
    }
}

extension EndpointSlice {
    /// What its metadata says of a slice.
    mutating func set(_ metadata: ObjectMetadata) throws(ObjectFault) {
        key = try metadata.key(of: .endpointSlice)
        serviceName = metadata.labels.serviceName
        importedServiceName = metadata.labels.importedServiceName
        sourceCluster = metadata.labels.sourceCluster
        lastChangeTriggerTime = metadata.lastChangeTriggerTime
    }
}
