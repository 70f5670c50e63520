import DNSMessage

// The way back: from the records of the index to objects.

extension ClusterIndex {
    /// Calls `body` with objects from which any index with the same options gives the same answers as this one, but for
    /// serials. They are not what was entered: names are in lower case, and what no answer needs is lost. Each is made
    /// when it is its turn.
    public func forEachObject(_ body: (ClusterObject) -> Void) {
        head.pointee.namespaces.forEach { forEachObject(of: NamespaceRecord($0), body) }
    }

    /// The namespaces that are answered, in no order.
    public var namespaceNames: [String] {
        var names: [String] = []
        head.pointee.namespaces.forEach { block in
            if NamespaceRecord(block).head.pointee.isVisible { names.append(block.keyText) }
        }
        return names
    }

    /// The names of the Services of a namespace, in no order.
    public func serviceNames(in namespace: String) -> [String] {
        var names: [String] = []
        ClusterIndex.withLabels(ObjectKey(namespace: namespace, name: namespace), seed: seed) { key, _ in
            findNamespace(key)?.head.pointee.services.cluster.forEach { record in
                if ServiceRecord(record).kind != .absent { names.append(record.keyText) }
            }
        }
        return names
    }

    /// A Service, as `forEachObject` has it; nil where there is none.
    public func service(_ key: ObjectKey) -> Service? {
        guard let record = record(of: key), record.kind != .absent else { return nil }
        return record.service(key, [:])
    }

    /// Whether there is such a Service; at no more cost than a question has.
    public func hasService(_ key: ObjectKey) -> Bool { record(of: key).map { $0.kind != .absent } ?? false }

    /// What the slices of a Service are to answers, in the order of their names. Endpoints that are not ready are one
    /// with as many empty addresses.
    public func slices(of service: ObjectKey) -> [EndpointSlice] {
        (record(of: service)?.slices ?? []).map { record in
            var slice = EndpointSlice(key: ObjectKey(namespace: service.namespace, name: record.block.keyText))
            slice.serviceName = service.name
            record.fill(&slice)
            return slice
        }
    }

    private func record(of service: ObjectKey) -> ServiceRecord? {
        ClusterIndex.withLabels(service, seed: seed) { namespace, name in findService(namespace, name, .cluster) }
            ?? nil
    }

    private func forEachObject(of namespace: NamespaceRecord, _ body: (ClusterObject) -> Void) {
        // Only what matches was entered: there are labels that do.
        let labels = options.labels.example ?? [:]
        let block = namespace.block
        if namespace.head.pointee.exists, namespace.head.pointee.isExposed {
            body(.namespace(Namespace(name: block.keyText, labels: namespaceLabels)))
        }
        forEachService(of: namespace, labels, body)
        namespace.head.pointee.slices.cluster.forEach { body(.endpointSlice(slice($0, of: namespace, labels))) }
        namespace.head.pointee.endpoints.forEach { record in
            let subsets = EndpointsRecord(record).slices.map(\.subset)
            body(.endpoints(Endpoints(key: namespace.key(of: record), labels: labels, subsets: subsets)))
        }
        namespace.head.pointee.pods.forEach { record in
            let address = PodRecord(record).address.description
            body(.pod(Pod(key: namespace.key(of: record), labels: labels, ip: address)))
        }
    }

    /// What namespaces that the options pass may be labelled with.
    private var namespaceLabels: [String: String] {
        guard case .labelled(let selector) = options.namespaces else { return [:] }
        return selector.example ?? [:]
    }

    private func forEachService(
        of namespace: NamespaceRecord, _ labels: [String: String], _ body: (ClusterObject) -> Void
    ) {
        namespace.head.pointee.services.cluster.forEach { record in
            guard ServiceRecord(record).kind != .absent else { return }
            body(.service(ServiceRecord(record).service(namespace.key(of: record), labels)))
        }
        namespace.head.pointee.services.clusterSet.forEach { record in
            guard ServiceRecord(record).kind != .absent else { return }
            body(.serviceImport(ServiceRecord(record).serviceImport(namespace.key(of: record))))
        }
    }

    /// A slice by its identity in the cluster; the cluster set may know it too, and a service of either has its rows.
    private func slice(_ record: Block, of namespace: NamespaceRecord, _ labels: [String: String]) -> EndpointSlice {
        let identity = SliceIdentity(record)
        let imported = namespace.head.pointee.slices.clusterSet.find(Key(of: record, seed: seed)).map(
            SliceIdentity.init)
        var slice = EndpointSlice(key: namespace.key(of: record), labels: labels)
        slice.serviceName = identity.service.nameText
        slice.importedServiceName = imported?.service.nameText ?? ""
        let rows = version(of: identity, .cluster) ?? imported.flatMap { version(of: $0, .clusterSet) }
        rows?.fill(&slice)
        return slice
    }

    /// What the service of a slice knows of it.
    private func version(of slice: SliceIdentity, _ scope: Scope) -> SliceRecord? {
        let (namespace, name) = (slice.service.namespace, slice.service.name)
        guard name.count > 1, let namespaceStart = namespace.baseAddress, let nameStart = name.baseAddress else {
            return nil
        }
        return findService(
            Key(namespaceStart, length: namespace.count, seed: seed), Key(nameStart, length: name.count, seed: seed),
            scope)?.slice(of: slice)
    }
}

extension NamespaceRecord {
    /// The key of an object whose record is in the namespace.
    fileprivate func key(of record: Block) -> ObjectKey { ObjectKey(namespace: block.keyText, name: record.keyText) }
}

extension ServiceIdentity {
    /// The name of the service; empty where there is none.
    var nameText: String { String(decoding: name.dropFirst(), as: UTF8.self) }
}
