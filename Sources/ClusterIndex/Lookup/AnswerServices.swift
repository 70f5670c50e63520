import DNSMessage

// SRV, with the addresses of its targets in the additional section.

extension Lookup {
    /// Targets of SRV records are built here: a label of their own, then what all targets of an answer end with.
    struct Target {
        /// Behind the label: `[CLUSTER.]SVC.NS.svc.ZONE`.
        let suffix: UnsafeMutableRawPointer
        let suffixLength: Int
        /// A source cluster's label stands directly before the suffix.
        var clusterLength = 0

        /// The name under the suffix alone.
        var whole: UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(start: suffix - clusterLength, count: clusterLength + suffixLength)
        }

        /// Puts the source cluster of a slice in front, where it has one.
        mutating func set(cluster: UnsafeRawPointer?) {
            clusterLength = cluster.map { 1 + Int($0.byte(0)) } ?? 0
            if let cluster { (suffix - clusterLength).copyMemory(from: cluster, byteCount: clusterLength) }
        }

        /// The name of an endpoint; nil if it is too long to be one.
        func named(_ slice: SliceRecord, _ row: Int) -> UnsafeRawBufferPointer? {
            let end = suffix - clusterLength
            let length: Int
            if let label = slice.label(row) {
                length = 1 + Int(label.byte(0))
                (end - length).copyMemory(from: label, byteCount: length)
            } else {
                length = Target.writeDashed(slice.address(row), before: end)
            }
            let total = length + clusterLength + suffixLength
            guard total <= Name.maximumLength else { return nil }
            return UnsafeRawBufferPointer(start: end - length, count: total)
        }

        private static func writeDashed(_ address: IPAddress, before end: UnsafeMutableRawPointer) -> Int {
            withUnsafeTemporaryAllocation(byteCount: DashedAddress.maximumLength, alignment: 8) { buffer in
                let base = buffer.baseAddress.unsafelyUnwrapped
                let count = DashedAddress.write(address, to: base)
                (end - count).copyMemory(from: base, byteCount: count)
                (end - count - 1).storeByte(UInt8(count), at: 0)
                return count + 1
            }
        }
    }

    func answerServices(
        _ name: NameView, _ resolution: Resolution, _ scratch: inout LookupScratch, _ writer: inout MessageWriter
    ) -> ClusterOutcome {
        let target = makeTarget(name, scratch.suffix)
        switch resolution {
        case .clusterIPs(let service, let ports):
            addServices(ofClusterIP: service, ports, target, &writer)
        case .endpoints(let service, let filter):
            EndpointServices(lookup: self, service: service, filter: filter).add(target, &writer)
        case .address(let address):
            addService(port: 0, weight: 100, target.whole, &writer)
            writer.move(to: .additional)
            writer.addAddress(.offset(writer.targetOffset(0)), address, ttl: zone.pointee.ttl)
        default: return .noData
        }
        return writer.answerCount > 0 ? .data : .noData
    }

    /// The last three labels left of the zone in lower case, then the zone as the client spelled it.
    private func makeTarget(_ name: NameView, _ suffix: UnsafeMutableRawPointer) -> Target {
        let count = labelCount(of: name)
        let zoneStart = name.start(ofLabel: count)
        let start = name.start(ofLabel: max(count - 3, 0))
        suffix.copyMemory(from: name.folded + start, byteCount: zoneStart - start)
        (suffix + (zoneStart - start)).copyMemory(from: name.spelled + zoneStart, byteCount: name.length - zoneStart)
        return Target(suffix: suffix, suffixLength: name.length - start)
    }

    private func addServices(
        ofClusterIP service: ServiceRecord, _ filter: PortFilter, _ target: Target, _ writer: inout MessageWriter
    ) {
        let ports = service.ports
        guard service.head.pointee.spec.addressItems > 0 else { return }
        let weight = Lookup.weight(items: Int(service.head.pointee.spec.addressItems) * ports.count(filter))
        for index in 0..<ports.count where ports.isFirst(index, filter) {
            let port = UInt16(truncatingIfNeeded: ports.entries[index].number)
            guard addService(port: port, weight: weight, target.whole, &writer) else { return }
        }
        guard writer.answerCount > 0 else { return }
        let owner = WrittenName.offset(writer.targetOffset(0))
        writer.move(to: .additional)
        writer.addAddresses(owner, v4: service.v4, ttl: zone.pointee.ttl)
        writer.addAddresses(owner, v6: service.v6, ttl: zone.pointee.ttl)
    }

    /// The share of one of so many items in a hundred, at least 1.
    static func weight(items: Int) -> UInt16 { UInt16(max(1, 100 / max(1, items))) }

    /// Writes an SRV record at the question's name, its target in full (RFC 2782).
    @discardableResult
    func addService(
        port: UInt16, weight: UInt16, _ target: UnsafeRawBufferPointer, _ writer: inout MessageWriter
    ) -> Bool {
        writer.beginRecord(.question, .srv, ttl: zone.pointee.ttl)
        writer.put(0 as UInt16)
        writer.put(weight)
        writer.put(port)
        writer.put(target)
        return writer.endRecord()
    }
}

extension MessageWriter {
    /// Where the target of an SRV record stands: behind a pointer for its owner, the fixed fields, and three numbers.
    func targetOffset(_ record: Int) -> Int { start(ofRecord: record) + 2 + 10 + 6 }
}

/// The SRV records of endpoints, and their addresses.
struct EndpointServices {
    let lookup: Lookup
    let service: ServiceRecord
    let filter: EndpointFilter

    func add(_ target: Lookup.Target, _ writer: inout MessageWriter) {
        let owners = filter.address.flatMap { lookup.owners(of: $0) }
        let weight = Lookup.weight(items: countItems(owners))
        var target = target
        for index in 0..<service.sliceCount {
            target.set(cluster: lookup.zone.pointee.scope == .clusterSet ? service.slice(index).cluster : nil)
            guard addServices(index, target, weight, owners, &writer) else { return }
        }
        guard writer.answerCount > 0 else { return }
        writer.move(to: .additional)
        var record = 0
        for index in 0..<service.sliceCount {
            target.set(cluster: lookup.zone.pointee.scope == .clusterSet ? service.slice(index).cluster : nil)
            guard addAddresses(index, target, owners, &record, &writer) else { return }
        }
    }

    /// Addresses times ports, repeats counted.
    private func countItems(_ owners: AddressRecord.Cursor?) -> Int {
        var items = 0
        for index in 0..<service.sliceCount {
            let slice = service.slice(index)
            var rows = 0
            for family in [IPAddress.Family.v4, .v6] {
                let candidates = lookup.candidates(slice, filter, owners, family)
                if filter.label == nil, filter.zone == nil {
                    rows += candidates.count
                } else {
                    for row in candidates where filter.passes(slice, row) { rows += 1 }
                }
            }
            items += rows * slice.ports.count(filter.ports)
        }
        return items
    }

    /// Writes the SRV records of a slice; false if the message is full.
    private func addServices(
        _ index: Int, _ target: Lookup.Target, _ weight: UInt16, _ owners: AddressRecord.Cursor?,
        _ writer: inout MessageWriter
    ) -> Bool {
        let slice = service.slice(index)
        let ports = slice.ports
        return forEachRow(index, owners) { row in
            guard let name = target.named(slice, row) else { return true }
            for port in 0..<ports.count where ports.isFirst(port, filter.ports) {
                let number = ports.entries[port].number
                if isSaid(index, row, number) { continue }
                guard lookup.addService(port: UInt16(truncatingIfNeeded: number), weight: weight, name, &writer)
                else { return false }
            }
            return true
        }
    }

    /// Writes the addresses of a slice's targets; `record` goes along the SRV records that the slice wrote.
    private func addAddresses(
        _ index: Int, _ target: Lookup.Target, _ owners: AddressRecord.Cursor?, _ record: inout Int,
        _ writer: inout MessageWriter
    ) -> Bool {
        let slice = service.slice(index)
        let ports = slice.ports
        let ttl = lookup.zone.pointee.ttl
        return forEachRow(index, owners) { row in
            guard let name = target.named(slice, row) else { return true }
            var numbered = 0
            var written = 0
            for port in 0..<ports.count where ports.isFirst(port, filter.ports) {
                numbered += 1
                if !isSaid(index, row, ports.entries[port].number) { written += 1 }
            }
            let first = record
            record += written
            guard numbered > 0, lookup.isFirst(service, index, row, filter, withLabel: true) else { return true }
            let owner =
                written > 0 ? WrittenName.offset(writer.targetOffset(first)) : .wire(name.baseAddress.unsafelyUnwrapped)
            return writer.addAddress(owner, slice.address(row), ttl: ttl)
        }
    }

    /// Calls `body` with the address rows of a slice that pass, until it returns false; returns what it returned last.
    private func forEachRow(_ index: Int, _ owners: AddressRecord.Cursor?, _ body: (Int) -> Bool) -> Bool {
        let slice = service.slice(index)
        for family in [IPAddress.Family.v4, .v6] {
            for row in lookup.candidates(slice, filter, owners, family) where filter.passes(slice, row) {
                guard body(row) else { return false }
            }
        }
        return true
    }

    /// Whether an earlier endpoint of the service has the same name and a port with the same number.
    private func isSaid(_ index: Int, _ row: Int, _ port: Int32) -> Bool {
        let slice = service.slice(index)
        if slice.flags(row).contains(filter.zone == nil ? .repeatsLabel : .repeatsLabelInZone) { return true }
        guard index > 0 else { return false }
        let place = Place(slice: index, port: port)
        let isOdd = service.head.pointee.hasAddressLabels
        guard let label = slice.label(row) else {
            let address = slice.address(row)
            return isSaid(address, before: place) || isOdd && isSaidAsLabel(address, before: place)
        }
        let text = UnsafeRawBufferPointer(start: label + 1, count: Int(label.byte(0)))
        if isSaid(text, before: place) { return true }
        guard isOdd, let address = DashedAddress.parseExactly(text) else { return false }
        return isSaid(address, before: place)
    }

    private struct Place {
        var slice: Int
        var port: Int32
    }

    /// Whether an endpoint of an earlier slice has this label written out.
    private func isSaid(_ label: UnsafeRawBufferPointer, before place: Place) -> Bool {
        for index in 0..<place.slice {
            let other = service.slice(index)
            guard let first = other.firstRow(label: label), first < other.addressCount, says(other, place) else {
                continue
            }
            if filter.zone == nil { return true }
            for row in first..<other.addressCount where other.haveSameLabel(first, row) && filter.passes(other, row) {
                return true
            }
        }
        return false
    }

    /// Whether an endpoint of an earlier slice is called by this address.
    private func isSaid(_ address: IPAddress, before place: Place) -> Bool {
        let head = service.head.pointee
        guard head.sharedAddresses > 0 || head.hasAddressLabels, var cursor = lookup.owners(of: address) else {
            return false
        }
        while let entry = cursor.next() {
            guard !entry.isService, entry.label == nil, entry.service == service.identity else { continue }
            for index in 0..<place.slice where service.slice(index).identity.block == entry.block {
                let other = service.slice(index)
                guard says(other, place) else { continue }
                if filter.zone == nil { return true }
                for row in other.rows(address.family, unique: false)
                where other.address(row) == address && other.label(row) == nil && filter.passes(other, row) {
                    return true
                }
            }
        }
        return false
    }

    /// The same for the label that looks like this address, where a slice has it written out.
    private func isSaidAsLabel(_ address: IPAddress, before place: Place) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: DashedAddress.maximumLength, alignment: 8) { buffer in
            let base = buffer.baseAddress.unsafelyUnwrapped
            let count = DashedAddress.write(address, to: base)
            return isSaid(UnsafeRawBufferPointer(start: base, count: count), before: place)
        }
    }

    /// Whether a slice has the port, and names of the same source cluster.
    private func says(_ other: SliceRecord, _ place: Place) -> Bool {
        filter.passes(other) && other.ports.has(number: place.port, filter.ports)
            && hasSameCluster(service.slice(place.slice), other)
    }

    /// In a cluster set the source cluster is part of the name.
    private func hasSameCluster(_ a: SliceRecord, _ b: SliceRecord) -> Bool {
        guard lookup.zone.pointee.scope == .clusterSet else { return true }
        guard let x = a.cluster, let y = b.cluster else { return a.cluster == nil && b.cluster == nil }
        return x.byte(0) == y.byte(0) && equalBytes(x, y, count: 1 + Int(x.byte(0)))
    }
}
