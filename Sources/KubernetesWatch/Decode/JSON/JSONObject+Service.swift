import ClusterIndex

extension JSONObject {
    mutating func service() throws(ObjectFault) -> VersionedObject {
        var metadata = ObjectMetadata()
        var service = Service(key: ObjectKey(name: ""))
        var hasSpec = false
        try begin()
        while let key = try reader.nextMember() {
            switch key {
            case "spec": hasSpec = try service.read(spec: &reader)
            case "status": service.ingress = try Service.Ingress.list(ofStatus: &reader)
            default: try metadata.read(key, .key, &reader)
            }
        }
        service.key = try metadata.key(of: .service)
        return VersionedObject(object: .service(try service.checked(hasSpec: hasSpec)), version: metadata.version)
    }

    mutating func serviceImport() throws(ObjectFault) -> VersionedObject {
        var metadata = ObjectMetadata()
        var service = ServiceImport(key: ObjectKey(name: ""))
        var hasSpec = false
        try begin()
        while let key = try reader.nextMember() {
            switch key {
            case "spec": hasSpec = try service.read(spec: &reader)
            default: try metadata.read(key, .key, &reader)
            }
        }
        service.key = try metadata.key(of: .serviceImport)
        guard hasSpec else { throw .unusable(DecodingFault("the object has no spec")) }
        return VersionedObject(object: .serviceImport(service), version: metadata.version)
    }
}

extension Service {
    /// False if there is null in its place.
    fileprivate mutating func read(spec reader: inout JSONReader) throws(ObjectFault) -> Bool {
        self = Service(key: key, ingress: ingress)
        guard try reader.beginObject("spec") else { return false }
        var only = ""
        while let key = try reader.nextMember() {
            switch key {
            case "type": kind = Kind(api: try reader.optionalText("spec.type"))
            case "clusterIP": only = try reader.optionalText("spec.clusterIP")
            case "clusterIPs": clusterIPs = try reader.texts("spec.clusterIPs")
            case "externalName": externalName = try reader.optionalText("spec.externalName")
            case "externalIPs": externalIPs = try reader.texts("spec.externalIPs")
            case "ports": ports = try ServicePort.list(&reader, isOfSlice: false)
            default: try reader.skip()
            }
        }
        if clusterIPs.isEmpty, !only.isEmpty { clusterIPs = [only] }
        return true
    }
}

extension ServiceImport {
    /// False if there is null in its place.
    fileprivate mutating func read(spec reader: inout JSONReader) throws(ObjectFault) -> Bool {
        self = ServiceImport(key: key)
        guard try reader.beginObject("spec") else { return false }
        while let key = try reader.nextMember() {
            switch key {
            case "type": kind = Kind(api: try reader.optionalText("spec.type"))
            case "ips": ips = try reader.texts("spec.ips")
            case "ports": ports = try ServicePort.list(&reader, isOfSlice: false)
            default: try reader.skip()
            }
        }
        return true
    }
}

extension Service.Ingress {
    fileprivate static func list(ofStatus reader: inout JSONReader) throws(ObjectFault) -> [Service.Ingress] {
        var list: [Service.Ingress] = []
        guard try reader.beginObject("status") else { return list }
        while let key = try reader.nextMember() {
            switch key {
            case "loadBalancer": list = try self.list(ofBalancer: &reader)
            default: try reader.skip()
            }
        }
        return list
    }

    private static func list(ofBalancer reader: inout JSONReader) throws(ObjectFault) -> [Service.Ingress] {
        var list: [Service.Ingress] = []
        guard try reader.beginObject("status.loadBalancer") else { return list }
        while let key = try reader.nextMember() {
            switch key {
            case "ingress":
                list = []
                guard try reader.beginArray("status.loadBalancer.ingress") else { continue }
                while try reader.nextElement() { list.append(try Service.Ingress(&reader)) }
            default: try reader.skip()
            }
        }
        return list
    }

    private init(_ reader: inout JSONReader) throws(ObjectFault) {
        self.init()
        try reader.enterElement("status.loadBalancer.ingress[]")
        while let key = try reader.nextMember() {
            switch key {
            case "ip": ip = try reader.optionalText("status.loadBalancer.ingress[].ip")
            case "hostname": hostname = try reader.optionalText("status.loadBalancer.ingress[].hostname")
            default: try reader.skip()
            }
        }
    }
}

extension ServicePort {
    /// `ports`, of a slice or of a `spec`.
    static func list(_ reader: inout JSONReader, isOfSlice: Bool) throws(ObjectFault) -> [ServicePort] {
        var list: [ServicePort] = []
        guard try reader.beginArray(isOfSlice ? "ports" : "spec.ports") else { return list }
        while try reader.nextElement() { list.append(try ServicePort(&reader, isOfSlice: isOfSlice)) }
        return list
    }

    private init(_ reader: inout JSONReader, isOfSlice: Bool) throws(ObjectFault) {
        self = .unread
        try reader.enterElement(isOfSlice ? "ports[]" : "spec.ports[]")
        while let key = try reader.nextMember() {
            switch key {
            case "name": name = try reader.optionalText(isOfSlice ? "ports[].name" : "spec.ports[].name")
            case "protocol":
                transport = try reader.optionalText(isOfSlice ? "ports[].protocol" : "spec.ports[].protocol")
            case "port":
                let value = try reader.number(isOfSlice ? "ports[].port" : "spec.ports[].port")
                number = try value.map { value throws(ObjectFault) in try Self.number(value, isOfSlice: isOfSlice) }
            default: try reader.skip()
            }
        }
        self = try checked(needsNumber: !isOfSlice)
    }
}

extension JSONReader {
    /// An array of strings; empty where there is null in its place.
    mutating func texts(_ path: StaticString) throws(ObjectFault) -> [String] {
        let needed: StaticString = "an array of strings"
        guard try beginArray(path, needed), try nextElement() else { return [] }
        // Most have one element: room for just that.
        var texts = [try text(path, needed)]
        while try nextElement() { texts.append(try text(path, needed)) }
        return texts
    }

    /// Enters an object that is the element of an array.
    mutating func enterElement(_ path: StaticString) throws(ObjectFault) {
        guard try beginObject(path) else { throw .wrongType(path, "an object") }
    }
}
