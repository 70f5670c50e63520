import DNSMessage

/// One question's way into one generation of the index: bare addresses, nothing to count.
@usableFromInline
struct Lookup {
    @usableFromInline let indexMemory: UnsafeRawPointer
    @usableFromInline let zoneMemory: UnsafeRawPointer

    /// From the memory of an index and of a zone.
    @inlinable @inline(__always)
    init(_ indexMemory: UnsafeRawPointer, _ zoneMemory: UnsafeRawPointer) {
        self.indexMemory = indexMemory
        self.zoneMemory = zoneMemory
    }

    @inline(__always) var root: UnsafePointer<IndexRoot.Head> {
        indexMemory.assumingMemoryBound(to: IndexRoot.Head.self)
    }
    @inline(__always) var zone: UnsafePointer<ClusterZone.Head> {
        zoneMemory.assumingMemoryBound(to: ClusterZone.Head.self)
    }

    /// What a name stands for.
    enum Resolution {
        case missing(NameErrorReason)
        /// The name exists and has no records.
        case empty
        case apex
        case version
        case nameServer
        /// A service with cluster IPs.
        case clusterIPs(ServiceRecord, PortFilter)
        /// Ready endpoints of a service, at least one.
        case endpoints(ServiceRecord, EndpointFilter)
        /// Another name, uncompressed, and the service that says so.
        case alias(UnsafeRawPointer, ServiceRecord)
        /// A pod's address.
        case address(IPAddress)
    }

    @inline(__always) func labelCount(of name: NameView) -> Int { name.labelCount &- zone.pointee.labelCount }

    /// Finds what a name in the zone stands for, whatever type is asked for.
    func resolve(_ name: NameView) -> Resolution {
        let count = labelCount(of: name)
        let form = ClusterName(name, count: count, isZonal: root.pointee.isZonal, scope: zone.pointee.scope)
        switch form {
        case .apex: return .apex
        case .category: return .empty
        case .version: return .version
        case .nameServer: return .nameServer
        case .serviceNamespace: return isNamespaceVisible(name, 0) ? .empty : .missing(.noSuchNamespace)
        case .podNamespace:
            if root.pointee.pods == .disabled { return .missing(.podsDisabled) }
            return isNamespaceVisible(name, 0) ? .empty : .missing(.noSuchNamespace)
        case .pod: return resolvePod(name)
        case .other: return .missing(.badName)
        case .service, .endpoint, .port, .clusterEndpoint, .zonal:
            switch findService(name, count) {
            case .found(let service):
                if case .service = form { return resolve(service) }
                return resolve(name, form, count, service)
            case .missing(let reason): return .missing(reason)
            }
        }
    }

    private func isNamespaceVisible(_ name: NameView, _ index: Int) -> Bool {
        findNamespace(name, index)?.head.pointee.isVisible ?? false
    }

    @inline(__always)
    func findNamespace(_ name: NameView, _ index: Int) -> NamespaceRecord? {
        root.pointee.namespaces.find(key(name, index)).map { NamespaceRecord($0) }
    }

    @inline(__always)
    func key(_ name: NameView, _ index: Int) -> Key {
        let start = name.folded + name.start(ofLabel: index)
        return Key(start, length: 1 &+ Int(start.byte(0)), seed: root.pointee.seed)
    }

    enum FoundService {
        case found(ServiceRecord)
        case missing(NameErrorReason)
    }

    /// The service of a name with `count` labels left of the zone; the last three of them are its own, its
    /// namespace's, and `svc`.
    @inline(__always)
    func findService(_ name: NameView, _ count: Int) -> FoundService {
        guard let namespace = findNamespace(name, count - 2)?.head, namespace.pointee.isVisible else {
            return .missing(.noSuchNamespace)
        }
        let services =
            zone.pointee.scope == .cluster
            ? namespace.pointee.services.cluster : namespace.pointee.services.clusterSet
        guard let block = services.find(key(name, count - 3)) else { return .missing(.noSuchService) }
        let service = ServiceRecord(block)
        return service.kind == .absent ? .missing(.noSuchService) : .found(service)
    }

    /// What the name of a service itself stands for.
    func resolve(_ service: ServiceRecord) -> Resolution {
        switch service.kind {
        case .clusterIP:
            if root.pointee.ignoresEmptyServices, !service.hasReadyEndpoints { return .missing(.noReadyEndpoint) }
            return .clusterIPs(service, .any)
        case .headless:
            guard service.hasReadyEndpoints else { return .missing(.noReadyEndpoint) }
            if service.isAlias { return alias(service, EndpointFilter()) }
            return .endpoints(service, EndpointFilter())
        case .externalName: return .alias(service.externalName.baseAddress.unsafelyUnwrapped, service)
        case .externalNameUnusable: return .missing(.badExternalName)
        case .absent: return .missing(.noSuchService)
        }
    }

    /// What a name in front of a service stands for.
    private func resolve(
        _ name: NameView, _ form: ClusterName, _ count: Int, _ service: ServiceRecord
    ) -> Resolution {
        guard service.kind == .clusterIP || service.kind == .headless else {
            if case .port = form { return .missing(.noSuchPort) }
            return .missing(.noSuchEndpoint)
        }
        if service.kind == .clusterIP, root.pointee.ignoresEmptyServices, !service.hasReadyEndpoints {
            return .missing(.noReadyEndpoint)
        }
        switch form {
        case .port: return resolvePort(service, PortFilter(port: name.label(0), transport: name.label(1)))
        case .endpoint: return resolveEndpoint(service, EndpointFilter(label: name.label(0)))
        case .clusterEndpoint:
            return resolveEndpoint(service, EndpointFilter(label: name.label(0), cluster: name.label(1)))
        case .zonal(let isPinned): return resolveZonal(service, name.labels(0..<count - 5), isPinned: isPinned)
        default: return resolve(service)
        }
    }

    private func resolvePort(_ service: ServiceRecord, _ ports: PortFilter) -> Resolution {
        if service.kind == .clusterIP {
            return service.ports.count(ports) > 0 ? .clusterIPs(service, ports) : .missing(.noSuchPort)
        }
        guard service.hasReadyEndpoints else { return .missing(.noReadyEndpoint) }
        let filter = EndpointFilter(ports: ports)
        guard exists(service, filter) else { return .missing(.noSuchPort) }
        return service.isAlias ? alias(service, filter) : .endpoints(service, filter)
    }

    private func resolveEndpoint(_ service: ServiceRecord, _ filter: EndpointFilter) -> Resolution {
        // An endpoint of a cluster set is named together with its cluster, and only there.
        guard (zone.pointee.scope == .clusterSet) == (filter.cluster != nil), exists(service, filter) else {
            return .missing(service.hasReadyEndpoints ? .noSuchEndpoint : .noReadyEndpoint)
        }
        if service.head.pointee.nameRows > 0, case .alias(let target, let owner) = alias(service, filter) {
            return .alias(target, owner)
        }
        return .endpoints(service, filter)
    }

    private func resolveZonal(
        _ service: ServiceRecord, _ zone: UnsafeRawBufferPointer, isPinned: Bool
    ) -> Resolution {
        guard service.kind == .headless else { return .missing(.noSuchEndpoint) }
        let filter = EndpointFilter(zone: zone)
        if exists(service, filter) { return .endpoints(service, filter) }
        return isPinned ? .empty : resolve(service)
    }

    private func resolvePod(_ name: NameView) -> Resolution {
        guard root.pointee.pods != .disabled else { return .missing(.podsDisabled) }
        guard let namespace = findNamespace(name, 1)?.head, namespace.pointee.isVisible else {
            return .missing(.noSuchNamespace)
        }
        guard let address = DashedAddress.parse(name.label(0)) else { return .missing(.notAPodAddress) }
        if root.pointee.pods == .verified {
            let isKnown = Key.with(address: address.unmapped, seed: root.pointee.seed) {
                namespace.pointee.podAddresses.find($0) != nil
            }
            guard isKnown, DashedAddress.isPodSpelling(name.label(0), of: address.unmapped) else {
                return .missing(.noSuchPod)
            }
        }
        return .address(address.unmapped)
    }
}
