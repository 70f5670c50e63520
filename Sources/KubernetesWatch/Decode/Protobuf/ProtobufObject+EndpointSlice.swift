import ClusterIndex

extension ProtobufObject {
    func endpointSlice() throws(ObjectFault) -> VersionedObject {
        var metadata = ObjectMetadata(kind: kind)
        var slice = EndpointSlice(key: ObjectKey(name: ""))
        var type = ""
        var reader = ProtobufReader(bytes)
        slice.endpoints.reserveCapacity(reader.count(of: 2))
        while let field = try reader.next() {
            switch field.number {
            case 1: try metadata.read(try reader.message(field, "metadata"), .slice)
            case 2: slice.endpoints.append(try Endpoint(of: try reader.message(field, "endpoints")))
            case 3: slice.ports.append(try ServicePort(ofSlice: try reader.message(field, "ports")))
            case 4: type = try reader.text(field, "addressType")
            default: try reader.skip(field)
            }
        }
        slice.addressType = try EndpointSlice.AddressType(api: type)
        try slice.set(metadata)
        return VersionedObject(object: .endpointSlice(slice), version: metadata.version)
    }
}

extension Endpoint {
    @inline(__always)
    fileprivate init(of reader: consuming ProtobufReader) throws(ObjectFault) {
        self.init(addresses: [])
        while let field = try reader.next() {
            switch field.number {
            case 1: try add(address: try reader.text(field, "endpoints[].addresses"))
            case 2: try read(conditions: try reader.message(field, "endpoints[].conditions"))
            case 3: hostname = try reader.text(field, "endpoints[].hostname")
            case 4: try read(target: try reader.message(field, "endpoints[].targetRef"))
            case 7: zone = try reader.text(field, "endpoints[].zone")
            default: try reader.skip(field)
            }
        }
    }

    /// Most endpoints have one address: room for just that.
    private mutating func add(address: String) throws(ObjectFault) {
        if addresses.isEmpty {
            addresses = [address]
        } else {
            addresses.append(address)
        }
    }

    private mutating func read(conditions reader: consuming ProtobufReader) throws(ObjectFault) {
        while let field = try reader.next() {
            switch field.number {
            case 1: ready = try reader.bool(field, "endpoints[].conditions.ready")
            case 2: serving = try reader.bool(field, "endpoints[].conditions.serving")
            case 3: terminating = try reader.bool(field, "endpoints[].conditions.terminating")
            default: try reader.skip(field)
            }
        }
    }

    /// ObjectReference.
    private mutating func read(target reader: consuming ProtobufReader) throws(ObjectFault) {
        while let field = try reader.next() {
            switch field.number {
            case 3: targetName = try reader.text(field, "endpoints[].targetRef.name")
            default: try reader.skip(field)
            }
        }
    }
}

extension ServicePort {
    /// EndpointPort.
    fileprivate init(ofSlice reader: consuming ProtobufReader) throws(ObjectFault) {
        self = .unread
        while let field = try reader.next() {
            switch field.number {
            case 1: name = try reader.text(field, "ports[].name")
            case 2: transport = try reader.text(field, "ports[].protocol")
            case 3: number = try Self.number(try reader.number(field, "ports[].port"), isOfSlice: true)
            default: try reader.skip(field)
            }
        }
        self = try checked(needsNumber: false)
    }
}
