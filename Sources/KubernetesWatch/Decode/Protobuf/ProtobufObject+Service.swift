import ClusterIndex

extension ProtobufObject {
    func service() throws(ObjectFault) -> VersionedObject {
        var metadata = ObjectMetadata(kind: kind)
        var service = Service(key: ObjectKey(name: ""))
        var hasSpec = false
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: try metadata.read(try reader.message(field, "metadata"), .key)
            case 2:
                hasSpec = true
                try service.read(spec: try reader.message(field, "spec"))
            case 3: try service.read(status: try reader.message(field, "status"))
            default: try reader.skip(field)
            }
        }
        service.key = try metadata.key(of: .service)
        return VersionedObject(object: .service(try service.checked(hasSpec: hasSpec)), version: metadata.version)
    }
}

extension Service {
    fileprivate mutating func read(spec reader: consuming ProtobufReader) throws(ObjectFault) {
        var only = UnsafeRawBufferPointer(start: nil, count: 0)
        while let field = try reader.next() {
            switch field.number {
            case 1: ports.append(try ServicePort(of: try reader.message(field, "spec.ports")))
            case 3: only = try reader.bytes(field, "spec.clusterIP")
            case 4: kind = Kind(api: try reader.text(field, "spec.type"))
            case 5: externalIPs.append(try reader.text(field, "spec.externalIPs"))
            case 10: externalName = try reader.text(field, "spec.externalName")
            case 18: clusterIPs.append(try reader.text(field, "spec.clusterIPs"))
            default: try reader.skip(field)
            }
        }
        if clusterIPs.isEmpty, !only.isEmpty { clusterIPs = [try String(utf8: only, "spec.clusterIP")] }
    }

    /// ServiceStatus with a LoadBalancerStatus.
    fileprivate mutating func read(status reader: consuming ProtobufReader) throws(ObjectFault) {
        while let field = try reader.next() {
            switch field.number {
            case 1: try read(balancer: try reader.message(field, "status.loadBalancer"))
            default: try reader.skip(field)
            }
        }
    }

    private mutating func read(balancer reader: consuming ProtobufReader) throws(ObjectFault) {
        while let field = try reader.next() {
            switch field.number {
            case 1: ingress.append(try Ingress(of: try reader.message(field, "status.loadBalancer.ingress")))
            default: try reader.skip(field)
            }
        }
    }
}

extension Service.Ingress {
    fileprivate init(of reader: consuming ProtobufReader) throws(ObjectFault) {
        self.init()
        while let field = try reader.next() {
            switch field.number {
            case 1: ip = try reader.text(field, "status.loadBalancer.ingress[].ip")
            case 2: hostname = try reader.text(field, "status.loadBalancer.ingress[].hostname")
            default: try reader.skip(field)
            }
        }
    }
}

extension ServicePort {
    fileprivate init(of reader: consuming ProtobufReader) throws(ObjectFault) {
        self = .unread
        while let field = try reader.next() {
            switch field.number {
            case 1: name = try reader.text(field, "spec.ports[].name")
            case 2: transport = try reader.text(field, "spec.ports[].protocol")
            case 3: number = try Self.number(try reader.number(field, "spec.ports[].port"), isOfSlice: false)
            default: try reader.skip(field)
            }
        }
        self = try checked(needsNumber: true)
    }
}
