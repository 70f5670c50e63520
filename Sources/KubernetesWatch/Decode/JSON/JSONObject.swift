import ClusterIndex

/// An object in JSON: the value at which the reader stands.
struct JSONObject: ObjectSource {
    var reader: JSONReader

    mutating func object(_ kind: ObjectKind) throws(ObjectFault) -> VersionedObject {
        switch kind {
        case .service: try service()
        case .endpointSlice: try endpointSlice()
        case .pod: try pod()
        case .namespace: try namespace()
        case .serviceImport: try serviceImport()
        case .endpoints: throw .unusable(DecodingFault("an Endpoints object is not read from the API"))
        }
    }

    mutating func metadata(_ scope: ObjectMetadata.Scope) throws(ObjectFault) -> ObjectMetadata {
        var metadata = ObjectMetadata()
        try begin()
        while let key = try reader.nextMember() {
            try metadata.read(key, scope, &reader)
        }
        return metadata
    }

    mutating func skip() throws(ObjectFault) { try reader.skip() }

    /// Enters the object itself.
    mutating func begin() throws(ObjectFault) {
        guard try reader.beginObject("the object") else { throw .unusable(DecodingFault("the object is null")) }
    }

    private mutating func namespace() throws(ObjectFault) -> VersionedObject {
        let metadata = try metadata(.key)
        let key = try metadata.key(of: .namespace)
        return VersionedObject(object: .namespace(Namespace(name: key.name)), version: metadata.version)
    }

    private mutating func pod() throws(ObjectFault) -> VersionedObject {
        var metadata = ObjectMetadata()
        var pod = Pod(key: ObjectKey(name: ""), ip: "", phase: "")
        try begin()
        while let key = try reader.nextMember() {
            switch key {
            case "status": try pod.read(status: &reader)
            default: try metadata.read(key, .key, &reader)
            }
        }
        pod.key = try metadata.key(of: .pod)
        pod.isTerminating = metadata.isTerminating
        return VersionedObject(object: .pod(pod), version: metadata.version)
    }
}

extension Pod {
    fileprivate mutating func read(status reader: inout JSONReader) throws(ObjectFault) {
        (phase, ip) = ("", "")
        guard try reader.beginObject("status") else { return }
        while let key = try reader.nextMember() {
            switch key {
            case "phase": phase = try reader.optionalText("status.phase")
            case "podIP": ip = try reader.optionalText("status.podIP")
            default: try reader.skip()
            }
        }
    }
}

extension ObjectMetadata {
    /// A member of an object that its own reader has no other use for: perhaps `kind` or `metadata`.
    mutating func read(_ key: JSONText, _ scope: Scope, _ reader: inout JSONReader) throws(ObjectFault) {
        switch key {
        case "kind": kind = try reader.optionalText("kind")
        case "metadata":
            self = ObjectMetadata(kind: kind)
            try read(metadata: &reader, scope)
        default: try reader.skip()
        }
    }

    private mutating func read(metadata reader: inout JSONReader, _ scope: Scope) throws(ObjectFault) {
        guard try reader.beginObject("metadata") else { return }
        while let key = try reader.nextMember() {
            switch key {
            case "name": name = try reader.optionalText("metadata.name")
            case "namespace": namespace = try reader.optionalText("metadata.namespace")
            case "resourceVersion": version = ResourceVersion(try reader.optionalText("metadata.resourceVersion"))
            case "deletionTimestamp": isTerminating = try !reader.isNull()
            case "labels" where scope == .slice: try readLabels(&reader)
            case "annotations" where scope != .key: try readAnnotations(&reader, scope)
            default: try reader.skip()
            }
        }
    }

    private mutating func readLabels(_ reader: inout JSONReader) throws(ObjectFault) {
        labels = SliceLabels()
        guard try reader.beginObject("metadata.labels") else { return }
        while let key = try reader.nextMember() {
            if let word = KnownWord(label: key) {
                set(word, try reader.optionalText("metadata.labels"))
            } else {
                try reader.skip()
            }
        }
    }

    private mutating func readAnnotations(_ reader: inout JSONReader, _ scope: Scope) throws(ObjectFault) {
        (lastChangeTriggerTime, endsInitialEvents) = ("", false)
        guard try reader.beginObject("metadata.annotations") else { return }
        while let key = try reader.nextMember() {
            if let word = KnownWord(annotation: key, scope) {
                set(word, try reader.optionalText("metadata.annotations"))
            } else {
                try reader.skip()
            }
        }
    }
}
