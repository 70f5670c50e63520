import DNSMessage

// Services and ServiceImports: the spec part of a ServiceRecord, and PTR of cluster IPs.

extension ClusterIndex {
    mutating func upsert(_ service: Service) -> IndexChange {
        guard options.labels.matches(service.labels) else { return deleteService(service.key, .cluster) }
        let spec = PackedSpec(service, keepsExternals: options.keepsExternals)
        return setSpec(spec, of: service.key, .cluster)
    }

    mutating func upsert(_ service: ServiceImport) -> IndexChange {
        setSpec(PackedSpec(service), of: service.key, .clusterSet)
    }

    mutating func deleteService(_ key: ObjectKey, _ scope: Scope) -> IndexChange {
        setSpec(.absent, of: key, scope)
    }

    private mutating func setSpec(_ spec: PackedSpec, of key: ObjectKey, _ scope: Scope) -> IndexChange {
        ClusterIndex.withLabels(key, seed: seed) { namespace, name in setSpec(spec, namespace, name, scope) } ?? .none
    }

    private mutating func setSpec(_ spec: PackedSpec, _ namespace: Key, _ name: Key, _ scope: Scope) -> IndexChange {
        let old = findService(namespace, name, scope)
        let isAbsent = spec.head.kind == .absent
        guard old != nil || !isAbsent else { return .none }
        let identity = old?.identity ?? ServiceIdentity(name: name, namespace: namespace, seed: seed)
        let new = ServiceRecord(
            key: name, identity: identity, spec: spec, endpoints: old?.endpoints ?? ServiceRecord.Endpoints())
        if old == nil { identity.block.release() }
        if let old, old.isEqual(to: new) {
            new.block.release()
            return .none
        }
        var change = IndexChange(spec: old, new, scope)
        let addressesBefore = old?.addresses ?? []
        let externalsBefore = old?.externals.addresses ?? []
        // What is new does not count, and a service whose slices came first is as new as any other.
        if scope == .cluster, options.keepsExternals, let old, old.kind != .absent {
            change.movesExternalSerial = !new.hasSameExternalSerial(as: old)
        }
        // The identity must outlive the record while addresses still refer to it by value.
        identity.block.retain()
        replaceService(with: new, namespace, scope)
        if scope == .cluster {
            setClusterIPs(
                of: identity, from: addressesBefore,
                to: isAbsent ? [] : findService(namespace, name, scope)?.addresses ?? [])
            setExternals(
                of: identity, from: externalsBefore,
                to: isAbsent ? [] : findService(namespace, name, scope)?.externals.addresses ?? [])
        }
        identity.block.release()
        return change
    }

    /// Enters a record of a service, or takes it out where nothing is left of it; takes over the reference.
    mutating func replaceService(with new: ServiceRecord, _ namespace: Key, _ scope: Scope) {
        let head = writableNamespace(namespace)
        if new.kind == .absent, new.sliceCount == 0 {
            head.pointee.services[scope].remove(Key(of: new.block, seed: seed))
            new.block.release()
            dropNamespaceIfEmpty(namespace)
        } else {
            head.pointee.services[scope].insert(new.block, seed: seed)
        }
    }

    private mutating func setClusterIPs(of service: ServiceIdentity, from old: [IPAddress], to new: [IPAddress]) {
        let noLabel = UnsafeRawBufferPointer(start: nil, count: 0)
        for address in old where !new.contains(address) { removeOwner(service.block, noLabel, of: address, .cluster) }
        for address in new where !old.contains(address) { addOwner(service.block, noLabel, of: address, .cluster) }
    }

    private mutating func setExternals(of service: ServiceIdentity, from old: [IPAddress], to new: [IPAddress]) {
        let noLabel = UnsafeRawBufferPointer(start: nil, count: 0)
        for address in old where !new.contains(address) {
            removeOwner(service.block, noLabel, of: address, .cluster, isExternal: true)
        }
        for address in new where !old.contains(address) {
            addOwner(service.block, noLabel, of: address, .cluster, isExternal: true)
        }
    }

    func findService(_ namespace: Key, _ name: Key, _ scope: Scope) -> ServiceRecord? {
        findNamespace(namespace)?.head.pointee.services[scope].find(name).map { ServiceRecord($0) }
    }

    /// Calls `body` with the keys of an object's namespace and name; nil if one of them cannot be a name.
    static func withKeys<Result>(
        _ key: ObjectKey, seed: UInt64, _ body: (_ namespace: Key, _ name: Key) -> Result
    ) -> Result? {
        Key.with(label: key.namespace, seed: seed) { namespace in
            Key.with(name: key.name, seed: seed) { name in body(namespace, name) }
        } ?? nil
    }

    /// The same for what is named like a service.
    static func withLabels<Result>(
        _ key: ObjectKey, seed: UInt64, _ body: (_ namespace: Key, _ name: Key) -> Result
    ) -> Result? {
        Key.with(label: key.namespace, seed: seed) { namespace in
            Key.with(label: key.name, seed: seed) { name in body(namespace, name) }
        } ?? nil
    }
}

extension IndexChange {
    /// What a new version of a service's spec means for the serial: services that come or go, other external names and
    /// other ports count, other cluster IPs do not.
    fileprivate init(spec old: ServiceRecord?, _ new: ServiceRecord, _ scope: Scope) {
        let wasThere = (old?.kind ?? .absent) != .absent
        let isThere = new.kind != .absent
        let counts = wasThere != isThere || old.map { !$0.hasSameSerial(as: new) } ?? true
        guard counts else { return }
        self = .moving(scope)
        if wasThere != isThere { movesSerial = true }
    }
}
