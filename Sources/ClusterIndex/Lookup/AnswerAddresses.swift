import DNSMessage

// A and AAAA, aliases followed inside the zone.

extension Lookup {
    @inline(__always)
    func answerAddresses(
        _ question: QuestionView, _ family: IPAddress.Family, _ scratch: inout LookupScratch,
        _ writer: inout MessageWriter
    ) -> ClusterOutcome {
        // What most questions are about is worth a way of its own: the name of a service with cluster IPs.
        guard ClusterName.isService(question.name, count: labelCount(of: question.name)) else {
            return answerAddresses(resolve(question.name), family, &scratch, &writer)
        }
        switch findService(question.name, 3) {
        case .missing(let reason): return .nameError(reason)
        case .found(let service) where service.kind == .clusterIP && !root.pointee.ignoresEmptyServices:
            return addClusterIPs(service, family, .question, &writer) ? .data : .noData
        case .found(let service): return answerAddresses(resolve(service), family, &scratch, &writer)
        }
    }

    /// Writes the cluster IPs of a family; false if there is none.
    @inline(__always)
    private func addClusterIPs(
        _ service: ServiceRecord, _ family: IPAddress.Family, _ owner: WrittenName, _ writer: inout MessageWriter
    ) -> Bool {
        switch family {
        case .v4:
            let addresses = service.v4
            writer.addAddresses(owner, v4: addresses, ttl: zone.pointee.ttl)
            return !addresses.isEmpty
        case .v6:
            let addresses = service.v6
            writer.addAddresses(owner, v6: addresses, ttl: zone.pointee.ttl)
            return !addresses.isEmpty
        }
    }

    private func answerAddresses(
        _ resolution: Resolution, _ family: IPAddress.Family, _ scratch: inout LookupScratch,
        _ writer: inout MessageWriter
    ) -> ClusterOutcome {
        switch resolution {
        case .missing(let reason): return .nameError(reason)
        case .alias(let target, let service): return answerAlias(target, service, family, &scratch, &writer)
        default: return addAddresses(resolution, family, .question, &writer) ? .data : .noData
        }
    }

    /// Writes the addresses of anything but an alias; false if there is none of the family.
    private func addAddresses(
        _ resolution: Resolution, _ family: IPAddress.Family, _ owner: WrittenName, _ writer: inout MessageWriter
    ) -> Bool {
        let before = writer.recordCount
        switch resolution {
        case .clusterIPs(let service, _): return addClusterIPs(service, family, owner, &writer)
        case .endpoints(let service, let filter): addEndpoints(service, filter, family, owner, &writer)
        case .address(let address):
            if address.family == family { writer.addAddress(owner, address, ttl: zone.pointee.ttl) }
        case .nameServer: addNameServerAddresses(family, owner, &writer)
        case .missing, .empty, .apex, .version, .alias: break
        }
        return writer.recordCount > before
    }

    func addEndpoints(
        _ service: ServiceRecord, _ filter: EndpointFilter, _ family: IPAddress.Family, _ owner: WrittenName,
        _ writer: inout MessageWriter
    ) {
        guard !filter.isAny || service.head.pointee.sharedAddresses > 0 else {
            return addAllEndpoints(service, family, owner, &writer)
        }
        let owners = filter.address.flatMap { self.owners(of: $0) }
        for index in 0..<service.sliceCount {
            let slice = service.slice(index)
            for row in candidates(slice, filter, owners, family)
            where filter.passes(slice, row) && isFirst(service, index, row, filter, withLabel: false) {
                guard writer.addAddress(owner, slice.address(row), ttl: zone.pointee.ttl) else { return }
            }
        }
    }

    private func addAllEndpoints(
        _ service: ServiceRecord, _ family: IPAddress.Family, _ owner: WrittenName, _ writer: inout MessageWriter
    ) {
        for index in 0..<service.sliceCount {
            let slice = service.slice(index)
            switch family {
            case .v4:
                let unique = slice.v4.prefix(Int(slice.head.pointee.uniqueV4))
                writer.addAddresses(owner, v4: UnsafeBufferPointer(rebasing: unique), ttl: zone.pointee.ttl)
            case .v6:
                let unique = slice.v6.prefix(16 * Int(slice.head.pointee.uniqueV6))
                writer.addAddresses(owner, v6: UnsafeRawBufferPointer(rebasing: unique), ttl: zone.pointee.ttl)
            }
        }
    }
}

// MARK: - Aliases

extension Lookup {
    /// Follows an alias as long as its targets are in the zone. A loop keeps the links walked so far.
    private func answerAlias(
        _ target: UnsafeRawPointer, _ service: ServiceRecord, _ family: IPAddress.Family,
        _ scratch: inout LookupScratch, _ writer: inout MessageWriter
    ) -> ClusterOutcome {
        var owner = WrittenName.question
        var target = target
        var walked = InlineArray<10, UInt>(repeating: 0)
        walked[0] = UInt(bitPattern: service.block.base)
        for link in 0..<Limits.aliasChainMax {
            guard writer.addName(owner, .cname, .wire(target), ttl: zone.pointee.ttl) else { return .data }
            let name = scratch.name.read(wire: target)
            guard name.isSubdomain(ofFolded: zone.pointee.wire, labelCount: zone.pointee.labelCount) else {
                return .alias(target)
            }
            owner = .wire(target)
            let resolution = resolve(name)
            switch resolution {
            case .missing(let reason): return .aliasToNothing(reason)
            case .alias(let next, let nextService):
                let id = UInt(bitPattern: nextService.block.base)
                for step in 0...link where walked[step] == id { return .data }
                guard link + 1 < Limits.aliasChainMax else { return .data }
                walked[link + 1] = id
                target = next
            default: return addAddresses(resolution, family, owner, &writer) ? .data : .noData
            }
        }
        return .data
    }
}
