import ClusterIndex

extension JSONObject {
    mutating func endpointSlice() throws(ObjectFault) -> VersionedObject {
        var metadata = ObjectMetadata()
        var slice = EndpointSlice(key: ObjectKey(name: ""))
        var type = ""
        try begin()
        while let key = try reader.nextMember() {
            switch key {
            case "addressType": type = try reader.optionalText("addressType")
            case "endpoints": slice.endpoints = try Endpoint.list(&reader)
            case "ports": slice.ports = try ServicePort.list(&reader, isOfSlice: true)
            default: try metadata.read(key, .slice, &reader)
            }
        }
        slice.addressType = try EndpointSlice.AddressType(api: type)
        try slice.set(metadata)
        return VersionedObject(object: .endpointSlice(slice), version: metadata.version)
    }
}

extension Endpoint {
    fileprivate static func list(_ reader: inout JSONReader) throws(ObjectFault) -> [Endpoint] {
        var list: [Endpoint] = []
        guard try reader.beginArray("endpoints") else { return list }
        while try reader.nextElement() { list.append(try Endpoint(&reader)) }
        return list
    }

    private init(_ reader: inout JSONReader) throws(ObjectFault) {
        self.init(addresses: [])
        try reader.enterElement("endpoints[]")
        while let key = try reader.nextMember() {
            switch key {
            case "addresses": addresses = try reader.texts("endpoints[].addresses")
            case "conditions": try read(conditions: &reader)
            case "targetRef": try read(target: &reader)
            case "hostname": hostname = try reader.optionalText("endpoints[].hostname")
            case "zone": zone = try reader.optionalText("endpoints[].zone")
            default: try reader.skip()
            }
        }
    }

    private mutating func read(conditions reader: inout JSONReader) throws(ObjectFault) {
        (ready, serving, terminating) = (nil, nil, nil)
        guard try reader.beginObject("endpoints[].conditions") else { return }
        while let key = try reader.nextMember() {
            switch key {
            case "ready": ready = try reader.bool("endpoints[].conditions.ready")
            case "serving": serving = try reader.bool("endpoints[].conditions.serving")
            case "terminating": terminating = try reader.bool("endpoints[].conditions.terminating")
            default: try reader.skip()
            }
        }
    }

    /// ObjectReference.
    private mutating func read(target reader: inout JSONReader) throws(ObjectFault) {
        targetName = ""
        guard try reader.beginObject("endpoints[].targetRef") else { return }
        while let key = try reader.nextMember() {
            switch key {
            case "name": targetName = try reader.optionalText("endpoints[].targetRef.name")
            default: try reader.skip()
            }
        }
    }
}
