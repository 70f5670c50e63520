import DNSMessage

/// Which of a service's endpoints a name stands for; what is nil does not matter.
struct EndpointFilter {
    var ports = PortFilter.any
    /// In lower case, without its length byte.
    var label: UnsafeRawBufferPointer?
    /// The address that `label` spells, if it spells one.
    var address: IPAddress?
    /// The source cluster in lower case, without its length byte.
    var cluster: UnsafeRawBufferPointer?
    /// Labels in lower-case wire form, without the root.
    var zone: UnsafeRawBufferPointer?

    @inline(__always) init(ports: PortFilter = .any, zone: UnsafeRawBufferPointer? = nil) {
        self.ports = ports
        self.zone = zone
    }

    init(label: UnsafeRawBufferPointer, cluster: UnsafeRawBufferPointer? = nil) {
        self.label = label
        self.cluster = cluster
        address = DashedAddress.parseExactly(label)
    }

    /// Whether every row of every slice passes.
    @inline(__always) var isAny: Bool { label == nil && zone == nil && cluster == nil && ports.isAny }

    /// Whether a slice can have rows that pass.
    func passes(_ slice: SliceRecord) -> Bool {
        if let cluster {
            guard let stored = slice.cluster, SliceRecord.isLabel(stored, equalTo: cluster) else { return false }
        }
        return ports.isAny || slice.ports.count(ports) > 0
    }

    /// Whether a row of a slice that passes does so itself.
    func passes(_ slice: SliceRecord, _ row: Int) -> Bool {
        if let label, !hasLabel(slice, row, label) { return false }
        if let zone { return slice.isRow(row, inZone: zone) }
        return true
    }

    private func hasLabel(_ slice: SliceRecord, _ row: Int, _ label: UnsafeRawBufferPointer) -> Bool {
        if let stored = slice.label(row) { return SliceRecord.isLabel(stored, equalTo: label) }
        return row < slice.addressCount && slice.address(row) == address
    }
}

extension Lookup {
    /// Whether any endpoint passes.
    func exists(_ service: ServiceRecord, _ filter: EndpointFilter) -> Bool {
        if filter.label != nil { return existsLabel(service, filter) }
        for index in 0..<service.sliceCount {
            let slice = service.slice(index)
            guard slice.rowCount > 0, filter.passes(slice) else { continue }
            if filter.zone == nil { return true }
            for row in 0..<slice.rowCount where filter.passes(slice, row) { return true }
        }
        return false
    }

    /// By label: first as an address of the service, then as a label written out in one of its slices.
    private func existsLabel(_ service: ServiceRecord, _ filter: EndpointFilter) -> Bool {
        if let address = filter.address, var cursor = owners(of: address) {
            while let entry = cursor.next() {
                let isOwn = !entry.isService && entry.label == nil && entry.service == service.identity
                if isOwn, filter.cluster == nil || hasSlice(service, entry.block, filter) { return true }
            }
        }
        guard let label = filter.label else { return false }
        for index in 0..<service.sliceCount {
            let slice = service.slice(index)
            if slice.firstRow(label: label) != nil, filter.passes(slice) { return true }
        }
        return false
    }

    /// The rows of a slice among which those that pass are, of one family; `owners` are those of the address that the
    /// label spells.
    func candidates(
        _ slice: SliceRecord, _ filter: EndpointFilter, _ owners: AddressRecord.Cursor?, _ family: IPAddress.Family
    ) -> Range<Int> {
        guard filter.isAny || filter.passes(slice) else { return 0..<0 }
        let rows = slice.rows(family, unique: false)
        guard let label = filter.label else { return rows }
        let written = slice.firstRow(label: label)
        guard slice.head.pointee.flagsStart == 0 else {
            return written == nil && !isOwner(slice, owners) ? 0..<0 : rows
        }
        // Without repeats there is one such row at most.
        let row = written ?? (isOwner(slice, owners) ? filter.address.flatMap(slice.row) : nil)
        guard let row, rows.contains(row) else { return 0..<0 }
        return row..<row + 1
    }

    private func isOwner(_ slice: SliceRecord, _ owners: AddressRecord.Cursor?) -> Bool {
        guard var cursor = owners else { return false }
        while let entry = cursor.next() {
            if entry.label == nil, entry.block == slice.identity.block { return true }
        }
        return false
    }

    private func hasSlice(_ service: ServiceRecord, _ identity: Block, _ filter: EndpointFilter) -> Bool {
        for index in 0..<service.sliceCount where service.slice(index).identity.block == identity {
            return filter.passes(service.slice(index))
        }
        return false
    }

    /// Who has an address, in order.
    func owners(of address: IPAddress) -> AddressRecord.Cursor? {
        Key.with(address: address, seed: root.pointee.seed) { key in
            root.pointee.addresses[zone.pointee.scope].find(key).map { AddressRecord($0).cursor }
        }
    }

    /// The alias that an FQDN slice makes of a name: its first endpoint that passes, if that is a name.
    func alias(_ service: ServiceRecord, _ filter: EndpointFilter) -> Resolution {
        for index in 0..<service.sliceCount {
            let slice = service.slice(index)
            guard filter.passes(slice) else { continue }
            let names = slice.addressCount..<slice.rowCount
            let first = slice.head.pointee.firstIsName ? names.first { filter.passes(slice, $0) } : nil
            if let first { return .alias(slice.name(first).baseAddress.unsafelyUnwrapped, service) }
            for row in 0..<slice.addressCount where filter.passes(slice, row) { return .endpoints(service, filter) }
            if let next = names.first(where: { filter.passes(slice, $0) }) {
                return .alias(slice.name(next).baseAddress.unsafelyUnwrapped, service)
            }
        }
        return .endpoints(service, filter)
    }
}

// MARK: - What has been said before

extension Lookup {
    /// Whether an address row of slice `index` is the first of those that pass to have its address (and, where
    /// `withLabel` is set, its label too).
    func isFirst(
        _ service: ServiceRecord, _ index: Int, _ row: Int, _ filter: EndpointFilter, withLabel: Bool
    ) -> Bool {
        let slice = service.slice(index)
        if isRepeated(slice, row, filter, withLabel: withLabel) { return false }
        guard index > 0, service.head.pointee.sharedAddresses > 0 else { return true }
        let address = slice.address(row)
        guard var cursor = owners(of: address) else { return true }
        // Entries of one service are in the order of its slices.
        while let entry = cursor.next() {
            guard !entry.isService, entry.service == service.identity else { continue }
            if entry.block == slice.identity.block { return true }
            if withLabel, !entry.hasLabel(slice.label(row), of: address) { continue }
            for earlier in 0..<index where service.slice(earlier).identity.block == entry.block {
                if hasRow(service.slice(earlier), address, entry, filter) { return false }
            }
        }
        return true
    }

    /// Whether an earlier row of the same slice that passes says the same.
    private func isRepeated(_ slice: SliceRecord, _ row: Int, _ filter: EndpointFilter, withLabel: Bool) -> Bool {
        let flags = slice.flags(row)
        if filter.zone != nil {
            return flags.contains(withLabel ? .repeatsLabelAndAddressInZone : .repeatsAddressInZone)
        }
        // Where the filter has a label, rows of one address that pass have the same label too.
        return flags.contains(withLabel || filter.label != nil ? .repeatsLabelAndAddress : .repeatsAddress)
    }

    /// Whether a slice that is known to have an address under an entry's label passes with it.
    private func hasRow(
        _ slice: SliceRecord, _ address: IPAddress, _ entry: AddressRecord.Entry, _ filter: EndpointFilter
    ) -> Bool {
        guard filter.passes(slice) else { return false }
        if let label = filter.label {
            return entry.label.map { SliceRecord.isLabel($0, equalTo: label) } ?? (filter.address == address)
        }
        guard filter.zone != nil else { return true }
        for row in slice.rows(address.family, unique: false)
        where slice.address(row) == address && entry.hasLabel(slice.label(row), of: address)
            && filter.passes(slice, row)
        {
            return true
        }
        return false
    }
}
