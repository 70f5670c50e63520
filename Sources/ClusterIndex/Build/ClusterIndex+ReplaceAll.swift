import DNSMessage

extension ClusterIndex {
    /// Makes `objects` all there is of a kind: enters each and deletes what is not among them. What has not changed
    /// costs a comparison. Objects of other kinds are not looked at.
    @discardableResult
    public mutating func replaceAll(_ kind: ObjectKind, with objects: [ClusterObject]) -> IndexChange {
        var change = IndexChange()
        var kept = Set<ObjectKey>(minimumCapacity: objects.count)
        for object in objects where object.kind == kind { kept.insert(object.key.folded) }
        for key in keys(of: kind) where !kept.contains(key) { change.formUnion(delete(kind, key)) }
        for object in objects where object.kind == kind { change.formUnion(upsert(object)) }
        return change
    }

    /// The keys of all known objects of a kind, in lower case.
    func keys(of kind: ObjectKind) -> [ObjectKey] {
        var found: [ObjectKey] = []
        head.pointee.namespaces.forEach { block in
            let namespace = NamespaceRecord(block).head.pointee
            let name = block.keyText
            if kind == .namespace {
                if namespace.exists { found.append(ObjectKey(name: name)) }
                return
            }
            ClusterIndex.map(of: kind, in: namespace).forEach { record in
                let isSpecless = record.kind == .service && ServiceRecord(record).kind == .absent
                if !isSpecless { found.append(ObjectKey(namespace: name, name: record.keyText)) }
            }
        }
        return found
    }

    private static func map(of kind: ObjectKind, in namespace: NamespaceRecord.Head) -> Trie {
        switch kind {
        case .namespace: Trie()
        case .service: namespace.services.cluster
        case .serviceImport: namespace.services.clusterSet
        case .endpointSlice: namespace.slices.cluster
        case .endpoints: namespace.endpoints
        case .pod: namespace.pods
        }
    }
}

extension Block {
    /// The name in a key that is one, without its length byte.
    fileprivate var keyText: String { String(decoding: keyBytes.dropFirst(), as: UTF8.self) }
}

extension ObjectKey {
    /// The key as the index knows it.
    fileprivate var folded: ObjectKey {
        ObjectKey(namespace: ObjectKey.folded(namespace), name: ObjectKey.folded(name))
    }

    private static func folded(_ text: String) -> String {
        String(decoding: text.utf8.map(foldedByte), as: UTF8.self)
    }
}
