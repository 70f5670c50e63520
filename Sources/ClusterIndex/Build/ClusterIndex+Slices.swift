import DNSMessage

// EndpointSlices, and Endpoints objects for services that have no slice.

extension ClusterIndex {
    mutating func upsert(_ slice: EndpointSlice) -> IndexChange {
        guard !options.ignoresEndpoints else { return .none }
        guard options.labels.matches(slice.labels) else { return deleteSlice(slice.key) }
        var change = set(slice, ofService: slice.serviceName, .cluster)
        change.formUnion(
            slice.importedServiceName.isEmpty
                ? removeSlice(slice.key, .clusterSet) : set(slice, ofService: slice.importedServiceName, .clusterSet))
        return change
    }

    mutating func deleteSlice(_ key: ObjectKey) -> IndexChange {
        var change = removeSlice(key, .cluster)
        change.formUnion(removeSlice(key, .clusterSet))
        return change
    }

    private mutating func set(_ slice: EndpointSlice, ofService service: String, _ scope: Scope) -> IndexChange {
        let seed = seed
        return ClusterIndex.withKeys(slice.key, seed: seed) { namespace, name in
            Key.with(label: service, seed: seed) { set(slice, namespace, name, service: $0, scope) }
                ?? set(slice, namespace, name, service: nil, scope)
        } ?? .none
    }

    private mutating func set(
        _ slice: EndpointSlice, _ namespace: Key, _ name: Key, service: Key?, _ scope: Scope
    ) -> IndexChange {
        let known = findSlice(namespace, name, scope)
        let staysWithService = known.map { isSlice($0, ofService: service) } ?? false
        guard let service else {
            // Nothing is answered from a slice without a service; it is only known to be there.
            return staysWithService ? .none : enterSlice(known, namespace, name, service: nil, scope).change
        }
        if let known, staysWithService { return update(slice, known, namespace, name, service: service, scope) }
        let (identity, change) = enterSlice(known, namespace, name, service: service, scope)
        var updated = update(slice, identity, namespace, name, service: service, scope)
        updated.formUnion(change)
        return updated
    }

    /// Gives a slice that is already known to belong to the service its new version.
    private mutating func update(
        _ slice: EndpointSlice, _ identity: SliceIdentity, _ namespace: Key, _ name: Key, service: Key, _ scope: Scope
    ) -> IndexChange {
        var builder = SliceBuilder(options: options)
        builder.add(slice)
        let made = builder.makeRecord(key: name, identity: identity)
        defer { made.block.release() }
        let owner = findService(namespace, service, scope)
        let old = owner?.slice(of: identity)
        // A relist brings slices that have been answered from for long.
        if let old, old.isEqual(to: made) { return .none }
        var change = IndexChange()
        change.programmed = owner?.programmed
        if !(old.map { $0.hasSameSerial(as: made) } ?? false) { change.formUnion(.moving(scope)) }
        // The old version must live until the service has changed over.
        old?.block.retain()
        attach(made, namespace, service, scope)
        old?.block.release()
        return change
    }

    /// Makes a slice known under its service; one of another service leaves that first.
    private mutating func enterSlice(
        _ known: SliceIdentity?, _ namespace: Key, _ name: Key, service: Key?, _ scope: Scope
    ) -> (identity: SliceIdentity, change: IndexChange) {
        if let known { detach(known, namespace, scope) }
        let identity = makeIdentity(namespace, name, service: service, scope)
        writableNamespace(namespace).pointee.slices[scope].insert(identity.block, seed: seed)
        return (identity, .moving(scope))
    }

    private func makeIdentity(_ namespace: Key, _ name: Key, service: Key?, _ scope: Scope) -> SliceIdentity {
        if let service, let known = findService(namespace, service, scope)?.identity {
            return SliceIdentity(name: name, service: known)
        }
        var nothing: UInt64 = 0
        return withUnsafeBytes(of: &nothing) { zero in
            // A slice without a service has an empty label for it, as no service can.
            let none = Key(zero.baseAddress.unsafelyUnwrapped, length: 1, seed: seed)
            let made = ServiceIdentity(name: service ?? none, namespace: namespace, seed: seed)
            defer { made.block.release() }
            return SliceIdentity(name: name, service: made)
        }
    }

    private func isSlice(_ slice: SliceIdentity, ofService service: Key?) -> Bool {
        let label = slice.service.name
        guard let service else { return label.count == 1 }
        return label.elementsEqual(UnsafeRawBufferPointer(start: service.bytes, count: service.length))
    }

    private mutating func removeSlice(_ key: ObjectKey, _ scope: Scope) -> IndexChange {
        ClusterIndex.withKeys(key, seed: seed) { namespace, name in
            guard let known = findSlice(namespace, name, scope) else { return .none }
            detach(known, namespace, scope)
            writableNamespace(namespace).pointee.slices[scope].remove(name)
            dropNamespaceIfEmpty(namespace)
            return .moving(scope)
        } ?? .none
    }

    private func findSlice(_ namespace: Key, _ name: Key, _ scope: Scope) -> SliceIdentity? {
        findNamespace(namespace)?.head.pointee.slices[scope].find(name).map { SliceIdentity($0) }
    }
}

// MARK: - Slices of a service

extension ClusterIndex {
    /// Adds a slice to its service, in place of its former version and of what an Endpoints object said.
    private mutating func attach(_ slice: SliceRecord, _ namespace: Key, _ service: Key, _ scope: Scope) {
        let old = findService(namespace, service, scope)
        var slices = old.map { $0.head.pointee.hasLegacySlices ? [] : $0.slices } ?? []
        let place = slices.firstIndex { !isOrdered($0.block.keyBytes, before: slice.block.keyBytes) } ?? slices.count
        if place < slices.count, slices[place].block.keyBytes.elementsEqual(slice.block.keyBytes) {
            slices[place] = slice
        } else {
            slices.insert(slice, at: place)
        }
        setSlices(slices, areLegacy: false, namespace, service, scope)
    }

    /// Takes a slice from its service; where it was the last, an Endpoints object takes over.
    private mutating func detach(_ slice: SliceIdentity, _ namespace: Key, _ scope: Scope) {
        let name = slice.service.name
        guard name.count > 1, let start = name.baseAddress else { return }
        slice.service.block.retain()
        defer { slice.service.block.release() }
        let service = Key(start, length: name.count, seed: seed)
        guard let old = findService(namespace, service, scope), old.slice(of: slice) != nil else { return }
        let rest = old.slices.filter { $0.identity != slice }
        guard rest.isEmpty else { return setSlices(rest, areLegacy: false, namespace, service, scope) }
        setSlices(legacySlices(namespace, service, scope), areLegacy: true, namespace, service, scope)
    }

    private func legacySlices(_ namespace: Key, _ service: Key, _ scope: Scope) -> [SliceRecord] {
        guard scope == .cluster else { return [] }
        let record = findNamespace(namespace)?.head.pointee.endpoints.find(service)
        return record.map { EndpointsRecord($0).slices } ?? []
    }

    /// Gives a service its slices, in the order of their names, and brings the table of addresses up to date.
    private mutating func setSlices(
        _ slices: [SliceRecord], areLegacy: Bool, _ namespace: Key, _ service: Key, _ scope: Scope
    ) {
        let old = findService(namespace, service, scope)
        let growth = changeRows(from: old?.slices ?? [], to: slices, scope)
        let shared = Int(old?.head.pointee.sharedAddresses ?? 0) + growth
        let endpoints = ServiceRecord.Endpoints(
            slices: slices, sharedAddresses: UInt32(shared), areLegacy: areLegacy && !slices.isEmpty)
        if let old {
            return replaceService(
                with: ServiceRecord(copying: old, key: service, endpoints: endpoints), namespace, scope)
        }
        guard let first = slices.first else { return }
        let made = ServiceRecord(
            key: service, identity: first.identity.service, spec: .absent, endpoints: endpoints)
        replaceService(with: made, namespace, scope)
    }

    private mutating func changeRows(from old: [SliceRecord], to new: [SliceRecord], _ scope: Scope) -> Int {
        var growth = 0
        var (indexOld, indexNew) = (0, 0)
        // Both lists are in order; slices of one identity are versions of each other.
        while indexOld < old.count || indexNew < new.count {
            let before = indexOld < old.count ? old[indexOld] : nil
            let after = indexNew < new.count ? new[indexNew] : nil
            if let before, let after, before.identity == after.identity {
                if before.block != after.block { growth += changeRows(from: before, to: after, scope) }
                indexOld += 1
                indexNew += 1
            } else if let before, after.map({ !isOrdered($0.block.keyBytes, before: before.block.keyBytes) }) ?? true {
                growth += changeRows(from: before, to: nil, scope)
                indexOld += 1
            } else {
                growth += changeRows(from: nil, to: after, scope)
                indexNew += 1
            }
        }
        return growth
    }
}

// MARK: - Endpoints objects

extension ClusterIndex {
    mutating func upsert(_ endpoints: Endpoints) -> IndexChange {
        guard !options.ignoresEndpoints else { return .none }
        guard options.labels.matches(endpoints.labels) else { return deleteEndpoints(endpoints.key) }
        return setEndpoints(endpoints.key, endpoints.subsets)
    }

    mutating func deleteEndpoints(_ key: ObjectKey) -> IndexChange { setEndpoints(key, nil) }

    private mutating func setEndpoints(_ key: ObjectKey, _ subsets: [Endpoints.Subset]?) -> IndexChange {
        ClusterIndex.withLabels(key, seed: seed) { namespace, name in
            let old = findNamespace(namespace)?.head.pointee.endpoints.find(name)
            guard old != nil || subsets != nil else { return .none }
            old?.retain()
            defer { old?.release() }
            let slices = makeSlices(subsets ?? [], namespace, name)
            if let old, subsets != nil, EndpointsRecord(old).isEqual(to: slices) {
                for slice in slices { slice.block.release() }
                return .none
            }
            let head = writableNamespace(namespace)
            if subsets == nil {
                head.pointee.endpoints.remove(name)
            } else {
                head.pointee.endpoints.insert(EndpointsRecord(key: name, slices: slices).block, seed: seed)
            }
            let service = findService(namespace, name, .cluster)
            if service.map({ $0.head.pointee.hasLegacySlices || $0.sliceCount == 0 }) ?? true {
                setSlices(slices, areLegacy: true, namespace, name, .cluster)
            }
            dropNamespaceIfEmpty(namespace)
            return .moving(.cluster)
        } ?? .none
    }

    /// One slice for each subset, all of one service. Their names only tell them apart.
    private func makeSlices(_ subsets: [Endpoints.Subset], _ namespace: Key, _ name: Key) -> [SliceRecord] {
        let known = findService(namespace, name, .cluster)?.identity
        let service = known ?? ServiceIdentity(name: name, namespace: namespace, seed: seed)
        defer { if known == nil { service.block.release() } }
        return subsets.enumerated().compactMap { index, subset in
            Key.with(name: "subset-\(index)", seed: seed) { key in
                var builder = SliceBuilder(options: options)
                builder.add(subset)
                let identity = SliceIdentity(name: key, service: service)
                defer { identity.block.release() }
                return builder.makeRecord(key: key, identity: identity)
            }
        }
    }
}

extension ServiceRecord {
    /// How the metric of programming durations calls the service.
    fileprivate var programmed: IndexChange.ProgrammedService? {
        switch kind {
        case .clusterIP: .clusterIP
        case .headless: .headlessWithSelector
        case .absent, .externalName, .externalNameUnusable: nil
        }
    }
}
