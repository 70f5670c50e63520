// Namespaces: the first level of everything.

extension ClusterIndex {
    mutating func upsert(_ namespace: Namespace) -> IndexChange {
        setNamespace(namespace.name, exists: true, labels: namespace.labels)
        return .none
    }

    mutating func deleteNamespace(_ name: String) -> IndexChange {
        setNamespace(name, exists: false, labels: [:])
        return .none
    }

    private mutating func setNamespace(_ name: String, exists: Bool, labels: [String: String]) {
        let isExposed = isExposed(name, labels: exists ? labels : nil)
        let isVisible = exists && isExposed
        _ = Key.with(label: name, seed: seed) { key in
            let old = findNamespace(key)?.head.pointee
            guard old != nil || exists else { return }
            if let old, old.exists == exists, old.isVisible == isVisible, old.isExposed == isExposed { return }
            let head = writableNamespace(key)
            head.pointee.exists = exists
            head.pointee.isVisible = isVisible
            head.pointee.isExposed = isExposed
            dropNamespaceIfEmpty(key)
        }
    }

    /// Whether the options pass a namespace; `labels` is nil as long as its object is not known.
    private func isExposed(_ name: String, labels: [String: String]?) -> Bool {
        switch options.namespaces {
        case .all: true
        case .named(let names): names.contains(name)
        case .labelled(let selector): labels.map(selector.matches) ?? false
        }
    }

    func findNamespace(_ key: Key) -> NamespaceRecord? {
        head.pointee.namespaces.find(key).map { NamespaceRecord($0) }
    }

    /// The head of a namespace, made if need be, for the writer to change until it turns to another namespace.
    mutating func writableNamespace(_ key: Key) -> UnsafeMutablePointer<NamespaceRecord.Head> {
        let seed = seed
        let root = writable
        let existing = root.pointee.namespaces.withSlot(of: key) { block in
            if !block.isUnique {
                let copy = NamespaceRecord(copying: NamespaceRecord(block), seed: seed)
                block.release()
                block = copy.block
            }
            return NamespaceRecord(block).head
        }
        if let existing { return existing }
        let made = NamespaceRecord(key: key)
        let name = String(decoding: made.block.keyBytes.dropFirst(), as: UTF8.self)
        made.head.pointee.isExposed = isExposed(name, labels: nil)
        root.pointee.namespaces.insert(made.block, seed: seed)
        return made.head
    }

    /// Takes a namespace out when its object and everything in it are gone.
    mutating func dropNamespaceIfEmpty(_ key: Key) {
        guard let namespace = findNamespace(key), namespace.head.pointee.isEmpty else { return }
        writable.pointee.namespaces.remove(key)
    }
}
