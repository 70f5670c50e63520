import DNSMessage

extension ClusterIndex {
    /// Makes `objects` all there is of a kind: enters each and deletes what is not among them. What has not changed
    /// costs a comparison. Objects of other kinds are not looked at.
    @discardableResult
    public mutating func replaceAll(_ kind: ObjectKind, with objects: [ClusterObject]) -> IndexChange {
        var kept = Set<ObjectKey>(minimumCapacity: objects.count)
        for object in objects where object.kind == kind { kept.insert(object.key) }
        var change = retainOnly(kind, kept)
        for object in objects where object.kind == kind { change.formUnion(upsert(object)) }
        return change
    }

    /// Deletes all objects of a kind but those with these keys: after a new list, what is not in it is gone.
    @discardableResult
    public mutating func retainOnly(_ kind: ObjectKind, _ keys: Set<ObjectKey>) -> IndexChange {
        var gone: Set<ObjectKey> = []
        forEachKey(of: kind) { key in
            if !keys.contains(key) { gone.insert(key) }
        }
        guard !gone.isEmpty else { return .none }
        // The index knows keys in lower case, as the Kubernetes API does; manifests may spell them otherwise.
        for key in keys where !key.isFolded { gone.remove(key.folded) }
        var change = IndexChange()
        for key in gone { change.formUnion(delete(kind, key)) }
        return change
    }

    /// Calls `body` with the keys of all known objects of a kind, in lower case.
    private func forEachKey(of kind: ObjectKind, _ body: (ObjectKey) -> Void) {
        head.pointee.namespaces.forEach { block in
            let namespace = NamespaceRecord(block).head.pointee
            let name = block.keyText
            if kind == .namespace {
                if namespace.exists { body(ObjectKey(name: name)) }
                return
            }
            ClusterIndex.map(of: kind, in: namespace).forEach { record in
                let isSpecless = record.kind == .service && ServiceRecord(record).kind == .absent
                if !isSpecless { body(ObjectKey(namespace: name, name: record.keyText)) }
            }
        }
    }

    private static func map(of kind: ObjectKind, in namespace: NamespaceRecord.Head) -> Trie {
        switch kind {
        case .namespace: Trie()
        case .service: namespace.services.cluster
        case .serviceImport: namespace.services.clusterSet
        // Slices of the cluster set are known to the cluster too, if only by name.
        case .endpointSlice: namespace.slices.cluster
        case .endpoints: namespace.endpoints
        case .pod: namespace.pods
        }
    }
}

extension Block {
    /// The name in a key that is one, without its length byte.
    var keyText: String { String(decoding: keyBytes.dropFirst(), as: UTF8.self) }
}
