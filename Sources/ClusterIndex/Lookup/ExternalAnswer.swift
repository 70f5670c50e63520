public import DNSMessage

extension ClusterIndex {
    /// Answers a question in a zone of external names: answer and additional section. The authority section is left to
    /// `addStartOfAuthority`. The index must have been made with `keepsExternals`.
    public func answer(
        _ question: QuestionView, in zone: ExternalZone, scratch: inout LookupScratch, into writer: inout MessageWriter
    ) -> ClusterOutcome {
        ExternalLookup(memory, zone.memory).answer(question, &scratch, &writer)
    }

    /// Writes the zone's SOA record behind a negative answer.
    public func addStartOfAuthority(for name: NameView, in zone: ExternalZone, into writer: inout MessageWriter) {
        writer.move(to: .authority)
        ExternalLookup(memory, zone.memory).addStartOfAuthority(name, &writer)
    }
}

/// One question's way to what is reached from outside: bare addresses, nothing to count.
struct ExternalLookup {
    private let lookup: Lookup
    private let head: UnsafePointer<ExternalZone.Head>

    init(_ indexMemory: UnsafeRawPointer, _ zoneMemory: UnsafeRawPointer) {
        head = zoneMemory.assumingMemoryBound(to: ExternalZone.Head.self)
        lookup = Lookup(indexMemory, head.pointee.zone)
    }

    private var ttl: UInt32 { lookup.zone.pointee.ttl }

    /// What a name stands for.
    private enum Resolution {
        case missing(NameErrorReason)
        /// The name exists and has no records.
        case empty
        case apex
        case nameServer
        case external(ServiceRecord, ExternalAddresses, PortFilter)
        case endpoints(ServiceRecord, EndpointFilter)
    }

    func answer(
        _ question: QuestionView, _ scratch: inout LookupScratch, _ writer: inout MessageWriter
    ) -> ClusterOutcome {
        if question.type == .axfr || question.type == .ixfr { return .refused }
        if let address = ReverseName.address(of: question.name), hasName(address) {
            guard question.type == .ptr else { return .noData }
            return answerPTR(address, scratch.suffix, &writer)
        }
        let resolution = resolve(question.name)
        switch (question.type, resolution) {
        case (_, .missing(let reason)): return .nameError(reason)
        case (.soa, .apex):
            addStartOfAuthority(question.name, &writer)
            return .data
        case (.ns, .apex):
            addNameServer(question.name, scratch.suffix, &writer)
            return .data
        case (.a, _): return answerAddresses(resolution, .v4, &writer)
        case (.aaaa, _): return answerAddresses(resolution, .v6, &writer)
        case (.srv, _): return answerServices(question.name, resolution, scratch.suffix, &writer)
        default: return .noData
        }
    }

    // MARK: Names

    private func resolve(_ name: NameView) -> Resolution {
        let count = lookup.labelCount(of: name)
        guard count > 0 else { return .apex }
        if isApexLabel(name, count - 1) {
            if count == 1 { return .empty }
            return count == 2 && isNameServer(name.label(0)) ? .nameServer : .missing(.badName)
        }
        guard let namespace = lookup.findNamespace(name, count - 1)?.head, namespace.pointee.isVisible else {
            return .missing(.noSuchNamespace)
        }
        if count == 1 { return .empty }
        guard let block = namespace.pointee.services.cluster.find(lookup.key(name, count - 2)) else {
            return .missing(.noSuchService)
        }
        let service = ServiceRecord(block)
        guard service.kind != .absent else { return .missing(.noSuchService) }
        return resolve(service, name, count)
    }

    private func resolve(_ service: ServiceRecord, _ name: NameView, _ count: Int) -> Resolution {
        let externals = service.externals
        guard externals.isEmpty else {
            guard count == 2 || count == 4 else { return .missing(.noSuchEndpoint) }
            let filter = count == 2 ? PortFilter.any : PortFilter(port: name.label(0), transport: name.label(1))
            return service.ports.count(filter) > 0 ? .external(service, externals, filter) : .missing(.noSuchPort)
        }
        guard head.pointee.answersHeadless, service.kind == .headless || service.kind == .clusterIP && count == 3
        else { return .missing(.noExternalAddress) }
        let filter: EndpointFilter
        switch count {
        case 2: filter = EndpointFilter()
        case 3: filter = EndpointFilter(label: name.label(0))
        case 4: filter = EndpointFilter(ports: PortFilter(port: name.label(0), transport: name.label(1)))
        default: return .missing(.badName)
        }
        guard service.hasReadyEndpoints else { return .missing(.noReadyEndpoint) }
        return lookup.exists(service, filter) ? .endpoints(service, filter) : .missing(.noSuchEndpoint)
    }

    private func isApexLabel(_ name: NameView, _ index: Int) -> Bool {
        let label = name.label(index)
        return head.pointee.apexLabel.dropFirst().elementsEqual(label)
    }

    private func isNameServer(_ label: UnsafeRawBufferPointer) -> Bool { label.elementsEqual("ns1".utf8) }

    // MARK: Addresses

    private func answerAddresses(
        _ resolution: Resolution, _ family: IPAddress.Family, _ writer: inout MessageWriter
    ) -> ClusterOutcome {
        switch resolution {
        case .external(_, let externals, _):
            for index in externals.indices(family) {
                writer.addAddress(.question, externals.address(index), ttl: ttl)
            }
            // Beside a CNAME there is room for nothing else (RFC 2181 §10.1).
            if externals.v4Count + externals.v6Count == 0, let host = externals.firstHost {
                writer.addName(.question, .cname, .wire(host), ttl: head.pointee.serviceTTL)
                return .alias(host)
            }
        case .endpoints(let service, let filter):
            lookup.addEndpoints(service, filter, family, .question, &writer)
        case .nameServer: addServerAddresses(family, .question, &writer)
        case .missing, .empty, .apex: break
        }
        return writer.recordCount > 0 ? .data : .noData
    }

    /// The external addresses of the services that this server's own address is an endpoint of.
    private func addServerAddresses(
        _ family: IPAddress.Family, _ owner: WrittenName, _ writer: inout MessageWriter
    ) {
        for own in lookup.zone.pointee.ownAddresses {
            guard var cursor = lookup.owners(of: own) else { continue }
            while let entry = cursor.next() {
                guard !entry.isService, let service = lookup.findService(entry.service) else { continue }
                let externals = service.externals
                for index in externals.indices(family) {
                    writer.addAddress(owner, externals.address(index), ttl: ttl)
                }
            }
        }
    }

    // MARK: Services

    private func answerServices(
        _ name: NameView, _ resolution: Resolution, _ suffix: UnsafeMutableRawPointer, _ writer: inout MessageWriter
    ) -> ClusterOutcome {
        let target = makeTarget(name, suffix)
        switch resolution {
        case .external(let service, let externals, let filter):
            addServices(service.ports, filter, externals, target, &writer)
        case .endpoints(let service, let filter):
            EndpointServices(lookup: lookup, service: service, filter: filter).add(target, &writer)
        case .missing, .empty, .apex, .nameServer: break
        }
        return writer.answerCount > 0 ? .data : .noData
    }

    /// The last two labels left of the zone in lower case, then the zone as the client spelled it.
    private func makeTarget(_ name: NameView, _ suffix: UnsafeMutableRawPointer) -> Lookup.Target {
        let count = lookup.labelCount(of: name)
        let zoneStart = name.start(ofLabel: count)
        let start = name.start(ofLabel: max(count - 2, 0))
        suffix.copyMemory(from: name.folded + start, byteCount: zoneStart - start)
        (suffix + (zoneStart - start)).copyMemory(from: name.spelled + zoneStart, byteCount: name.length - zoneStart)
        return Lookup.Target(suffix: suffix, suffixLength: name.length - start)
    }

    private func addServices(
        _ ports: PortTable, _ filter: PortFilter, _ externals: ExternalAddresses, _ target: Lookup.Target,
        _ writer: inout MessageWriter
    ) {
        let addressCount = externals.v4Count + externals.v6Count
        let weight = Lookup.weight(items: (addressCount + externals.hostCount) * ports.count(filter))
        for index in 0..<ports.count where ports.isFirst(index, filter) {
            let port = UInt16(truncatingIfNeeded: ports.entries[index].number)
            if addressCount > 0 {
                guard let name = target.whole.baseAddress, addService(port, weight, name, &writer) else { return }
            }
            externals.forEachHost { addService(port, weight, $0, &writer) }
        }
        guard writer.answerCount > 0, addressCount > 0, let owner = target.whole.baseAddress else { return }
        writer.move(to: .additional)
        for index in 0..<addressCount { writer.addAddress(.wire(owner), externals.address(index), ttl: ttl) }
    }

    private func addService(
        _ port: UInt16, _ weight: UInt16, _ target: UnsafeRawPointer, _ writer: inout MessageWriter
    ) -> Bool {
        writer.beginRecord(.question, .srv, ttl: head.pointee.serviceTTL)
        writer.put(0 as UInt16)
        writer.put(weight)
        writer.put(port)
        writer.put(uncompressed: target)
        return writer.endRecord()
    }

    // MARK: The zone itself

    /// `ns1.APEX.ZONE`, and where it is reached.
    private func addNameServer(
        _ name: NameView, _ room: UnsafeMutableRawPointer, _ writer: inout MessageWriter
    ) {
        let zoneStart = name.start(ofLabel: lookup.labelCount(of: name))
        let server: StaticString = "\u{3}ns1"
        let label = head.pointee.apexLabel
        let length = server.utf8CodeUnitCount + label.count + name.length - zoneStart
        guard length <= Name.maximumLength, let labelStart = label.baseAddress else { return }
        room.copyMemory(from: server.utf8Start, byteCount: server.utf8CodeUnitCount)
        (room + server.utf8CodeUnitCount).copyMemory(from: labelStart, byteCount: label.count)
        (room + server.utf8CodeUnitCount + label.count).copyMemory(
            from: name.spelled + zoneStart, byteCount: name.length - zoneStart)
        let target = WrittenName.wire(UnsafeRawPointer(room))
        guard writer.addName(.question, .ns, target, ttl: ttl) else { return }
        writer.move(to: .additional)
        addServerAddresses(.v4, target, &writer)
        addServerAddresses(.v6, target, &writer)
    }

    /// The SOA record, spelled as in the question.
    func addStartOfAuthority(_ name: NameView, _ writer: inout MessageWriter) {
        let apex = WrittenName.questionSuffix(name.start(ofLabel: lookup.labelCount(of: name)))
        writer.beginRecord(apex, .soa, ttl: ttl)
        for label in ["\u{3}ns1", "\u{A}hostmaster"] as [StaticString] {
            writer.put(UnsafeRawBufferPointer(start: label.utf8Start, count: label.utf8CodeUnitCount))
            writer.put(head.pointee.apexLabel)
            writer.put(apex)
        }
        writer.put(lookup.root.pointee.externalSerial)
        for time in [7200, 1800, 86_400, ttl] as [UInt32] { writer.put(time) }
        writer.endRecord()
    }

    // MARK: From addresses to names

    private func owners(of address: IPAddress) -> AddressRecord.Cursor? {
        Key.with(address: address, seed: lookup.root.pointee.seed) { key in
            lookup.root.pointee.externalAddresses.find(key).map { AddressRecord($0).cursor }
        }
    }

    private func hasName(_ address: IPAddress) -> Bool {
        guard var cursor = owners(of: address) else { return false }
        while let entry = cursor.next() { if lookup.isExposed(entry) { return true } }
        return false
    }

    /// `SERVICE.NAMESPACE.PRIMARY` of every service with the address.
    private func answerPTR(
        _ address: IPAddress, _ room: UnsafeMutableRawPointer, _ writer: inout MessageWriter
    ) -> ClusterOutcome {
        guard var cursor = owners(of: address) else { return .nameError(.noSuchAddress) }
        let primary = lookup.zone.pointee.primary
        while let entry = cursor.next() {
            let labels = entry.service.labels
            guard lookup.isExposed(entry), labels.count + primary.count <= Name.maximumLength,
                let start = labels.baseAddress, let primaryStart = primary.baseAddress
            else { continue }
            room.copyMemory(from: start, byteCount: labels.count)
            (room + labels.count).copyMemory(from: primaryStart, byteCount: primary.count)
            guard writer.addName(.question, .ptr, .wire(UnsafeRawPointer(room)), ttl: ttl) else { break }
        }
        return writer.answerCount > 0 ? .data : .nameError(.noSuchAddress)
    }
}
