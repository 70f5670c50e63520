import DNSMessage

// The apex NS records and `ns.dns`: the services whose endpoints the server's own addresses are.

extension Lookup {
    /// One address under one of the names that NS records tell.
    fileprivate struct NameServer {
        /// Nil for `ns.dns` itself.
        var service: ServiceRecord?
        /// The endpoint, where the service is headless.
        var endpoint: (slice: SliceRecord, row: Int)?
        var address: IPAddress

        func hasSameName(as other: NameServer) -> Bool {
            guard service?.block == other.service?.block else { return false }
            guard let endpoint, let theirs = other.endpoint else { return endpoint == nil && other.endpoint == nil }
            switch (endpoint.slice.label(endpoint.row), theirs.slice.label(theirs.row)) {
            case (nil, nil): return address == other.address
            case (let a?, let b?): return a.byte(0) == b.byte(0) && equalBytes(a, b, count: 1 + Int(a.byte(0)))
            case (let a?, nil): return NameServer.isLabel(a, of: other.address)
            case (nil, let b?): return NameServer.isLabel(b, of: address)
            }
        }

        private static func isLabel(_ label: UnsafeRawPointer, of address: IPAddress) -> Bool {
            DashedAddress.parseExactly(UnsafeRawBufferPointer(start: label + 1, count: Int(label.byte(0)))) == address
        }
    }

    func answerNameServers(
        _ name: NameView, _ scratch: inout LookupScratch, _ writer: inout MessageWriter
    ) -> ClusterOutcome {
        withNameServers { servers in
            for index in 0..<servers.count where !servers.repeatsName(index) {
                guard let target = targetName(servers[index], name, scratch.suffix) else { continue }
                writer.addName(.question, .ns, .wire(target), ttl: zone.pointee.ttl)
            }
            guard writer.answerCount > 0 else { return .noData }
            writer.move(to: .additional)
            for index in 0..<servers.count where !servers.repeatsNameAndAddress(index) {
                guard let target = targetName(servers[index], name, scratch.suffix) else { continue }
                writer.addAddress(.wire(target), servers[index].address, ttl: zone.pointee.ttl)
            }
            return .data
        }
    }

    /// The addresses of all name servers, each once.
    func addNameServerAddresses(_ family: IPAddress.Family, _ owner: WrittenName, _ writer: inout MessageWriter) {
        withNameServers { servers in
            for index in 0..<servers.count where servers[index].address.family == family {
                if servers[..<index].contains(where: { $0.address == servers[index].address }) { continue }
                writer.addAddress(owner, servers[index].address, ttl: zone.pointee.ttl)
            }
        }
    }

    private func withNameServers<Result>(_ body: (UnsafeMutableBufferPointer<NameServer>.SubSequence) -> Result)
        -> Result
    {
        withUnsafeTemporaryAllocation(of: NameServer.self, capacity: Limits.nameServersMax) { room in
            var list = NameServerList(room: room)
            for own in zone.pointee.ownAddresses { collect(own, into: &list) }
            if list.count == 0 {
                for own in zone.pointee.ownAddresses { list.append(NameServer(address: own)) }
            }
            return body(room[..<list.count])
        }
    }

    private func collect(_ own: IPAddress, into list: inout NameServerList) {
        guard var cursor = owners(of: own) else { return }
        while let entry = cursor.next() {
            guard !entry.isService, let service = findService(entry.service) else { continue }
            if service.kind == .clusterIP {
                for address in service.v4 {
                    list.append(NameServer(service: service, address: IPAddress(v4: UInt32(bigEndian: address))))
                }
                for start in stride(from: 0, to: service.v6.count, by: 16) {
                    guard let base = service.v6.baseAddress else { break }
                    list.append(NameServer(service: service, address: IPAddress(v6At: base + start)))
                }
            } else if service.kind == .headless {
                for index in 0..<service.sliceCount where service.slice(index).identity.block == entry.block {
                    let slice = service.slice(index)
                    for row in 0..<slice.addressCount {
                        list.append(NameServer(service: service, endpoint: (slice, row), address: slice.address(row)))
                    }
                }
            }
        }
    }

    func findService(_ identity: ServiceIdentity) -> ServiceRecord? {
        let (name, namespace) = (identity.name, identity.namespace)
        guard name.count > 1, let nameStart = name.baseAddress, let start = namespace.baseAddress else { return nil }
        let seed = root.pointee.seed
        let record = root.pointee.namespaces.find(Key(start, length: namespace.count, seed: seed))
        let services = record.map { NamespaceRecord($0).head.pointee.services[zone.pointee.scope] }
        return services?.find(Key(nameStart, length: name.count, seed: seed)).map { ServiceRecord($0) }
    }

    /// Collects name servers up to the limit.
    private struct NameServerList {
        let room: UnsafeMutableBufferPointer<NameServer>
        var count = 0

        mutating func append(_ server: NameServer) {
            guard count < room.count else { return }
            room.initializeElement(at: count, to: server)
            count += 1
        }
    }

    private func targetName(
        _ server: NameServer, _ name: NameView, _ suffix: UnsafeMutableRawPointer
    ) -> UnsafeRawPointer? {
        let service: UnsafeRawBufferPointer
        let category: StaticString
        if let identity = server.service?.identity {
            (service, category) = (identity.labels, "\u{3}svc")
        } else {
            (service, category) = (UnsafeRawBufferPointer(start: nil, count: 0), "\u{2}ns\u{3}dns")
        }
        let zoneStart = name.start(ofLabel: labelCount(of: name))
        var length = 0
        for part in [
            service, UnsafeRawBufferPointer(start: category.utf8Start, count: category.utf8CodeUnitCount),
            UnsafeRawBufferPointer(start: name.spelled + zoneStart, count: name.length - zoneStart),
        ] {
            guard length + part.count <= Name.maximumLength else { return nil }
            if let source = part.baseAddress { (suffix + length).copyMemory(from: source, byteCount: part.count) }
            length += part.count
        }
        let target = Target(suffix: suffix, suffixLength: length)
        guard let endpoint = server.endpoint else { return target.whole.baseAddress }
        return target.named(endpoint.slice, endpoint.row)?.baseAddress
    }
}

extension Slice where Base == UnsafeMutableBufferPointer<Lookup.NameServer> {
    fileprivate func repeatsName(_ index: Int) -> Bool {
        self[..<index].contains { $0.hasSameName(as: self[index]) }
    }

    fileprivate func repeatsNameAndAddress(_ index: Int) -> Bool {
        self[..<index].contains { $0.address == self[index].address && $0.hasSameName(as: self[index]) }
    }
}
