import DNSMessage

/// Reads the ready endpoints of a slice into rows, and lays them down as a `SliceRecord`.
struct SliceBuilder {
    private var v4: [SliceRow] = []
    private var v6: [SliceRow] = []
    private var names: [SliceRow] = []
    /// Labels, zones and names; offset 0 stands for none.
    private var text: [UInt8] = [0]
    private var knownZones: [String: UInt32] = [:]
    private var firstIsName: Bool?
    private var notReady: UInt32 = 0
    private var ports = PackedPorts([])
    private var cluster: UInt32 = 0
    private let options: IndexOptions

    /// Rows are kept under the options: zones only where they are wanted, pod names only for `endpoint_pod_names`.
    init(options: IndexOptions) { self.options = options }

    /// Takes in a slice.
    mutating func add(_ slice: EndpointSlice) {
        ports = PackedPorts(slice.ports)
        cluster = append(label: slice.sourceCluster)
        v4.reserveCapacity(slice.endpoints.count)
        for index in slice.endpoints.indices {
            if slice.endpoints[index].ready == false {
                notReady += UInt32(slice.endpoints[index].addresses.count)
            } else {
                add(slice.endpoints[index], isFQDN: slice.addressType == .fqdn)
            }
        }
    }

    /// Takes in one part of an Endpoints object.
    mutating func add(_ subset: Endpoints.Subset) {
        ports = PackedPorts(subset.ports)
        notReady = UInt32(subset.notReady.count)
        for endpoint in subset.ready { add(endpoint, isFQDN: false) }
    }

    private mutating func add(_ endpoint: Endpoint, isFQDN: Bool) {
        let label = append(
            label: endpoint.hostname.isEmpty && options.endpointPodNames ? endpoint.targetName : endpoint.hostname)
        let zone = options.isZonal || options.keepsZones ? append(zone: endpoint.zone) : 0
        for text in endpoint.addresses where v4.count + v6.count + names.count < Limits.rowsPerSliceMax {
            var text = text
            if let address = text.withUTF8({ IPAddress(ascii: UnsafeRawBufferPointer($0)) }) {
                firstIsName = firstIsName ?? false
                let own =
                    label != 0 || SliceBuilder.isCanonical(&text, address)
                    ? label : append(label: SliceBuilder.dashed(text))
                let row = SliceRow(address: address.unmapped, label: written(own, for: address.unmapped), zone: zone)
                row.address.family == .v4 ? v4.append(row) : v6.append(row)
            } else if isFQDN, let name = try? Name(text) {
                firstIsName = firstIsName ?? true
                let own = label != 0 ? label : append(label: SliceBuilder.dashed(text))
                names.append(SliceRow(address: IPAddress(v4: 0), label: own, zone: zone, name: UInt32(self.text.count)))
                self.text += name.wire
            }
        }
    }

    /// Adds a label in lower case, behind its length; returns 0 for a text that cannot be one.
    private mutating func append(label: String) -> UInt32 {
        let count = label.utf8.count
        guard count > 0, count <= Name.maximumLabelLength else { return 0 }
        let offset = UInt32(text.count)
        text.append(UInt8(count))
        for byte in label.utf8 { text.append(foldedByte(byte)) }
        return offset
    }

    /// Whether the label of an endpoint without a name is the one that the address gives by itself; false where that
    /// must be looked at closely.
    private static func isCanonical(_ text: inout String, _ address: IPAddress) -> Bool {
        guard address.family == .v6 else { return true }
        guard address.unmapped == address else { return false }
        return text.withUTF8 { utf8 in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: IPAddress.textLengthMax) { buffer in
                let count = buffer.baseAddress.map { address.writeText(to: $0) } ?? 0
                return utf8.elementsEqual(buffer[..<count])
            }
        }
    }

    /// The label, or 0 where it is the one that the address gives by itself.
    private func written(_ label: UInt32, for address: IPAddress) -> UInt32 {
        guard label != 0 else { return 0 }
        return withUnsafeTemporaryAllocation(byteCount: DashedAddress.maximumLength, alignment: 8) { buffer in
            let count = DashedAddress.write(address, to: buffer.baseAddress.unsafelyUnwrapped)
            guard count == Int(text[Int(label)]) else { return label }
            for index in 0..<count where text[Int(label) + 1 + index] != buffer[index] { return label }
            return 0
        }
    }

    /// The label of an endpoint without a name: dashes for the dots of its text if it has any, else for its colons.
    /// IPv6 text counts as the object has it, so `fd00:0::1` gives `fd00-0--1`.
    private static func dashed(_ text: String) -> String {
        let separator = text.utf8.contains(UInt8(ascii: ".")) ? UInt8(ascii: ".") : UInt8(ascii: ":")
        var label = text.utf8.map { $0 == separator ? UInt8(ascii: "-") : $0 }
        if label.last == UInt8(ascii: "-") { label.append(UInt8(ascii: "0")) }
        return String(decoding: label, as: UTF8.self)
    }

    /// Adds a zone as labels in lower-case wire form without the root, behind its length, unless it is there already.
    private mutating func append(zone: String) -> UInt32 {
        if let known = knownZones[zone] { return known }
        guard !zone.isEmpty, let name = try? Name(zone) else { return 0 }
        let offset = UInt32(text.count)
        text.append(UInt8(name.wire.count - 1))
        text += name.folded.wire.dropLast()
        knownZones[zone] = offset
        return offset
    }
}

// MARK: - Laying down

extension SliceBuilder {
    /// The record; the identity is shared.
    func makeRecord(key: Key, identity: SliceIdentity) -> SliceRecord {
        var text = text
        let rows = SliceRows(v4: v4, v6: v6, names: names, text: &text)
        var head = SliceRecord.Head(identity: identity.block.base)
        head.v4Count = UInt32(rows.v4Count)
        head.v6Count = UInt32(rows.v6Count)
        head.nameCount = UInt32(names.count)
        head.uniqueV4 = UInt32(rows.uniqueV4)
        head.uniqueV6 = UInt32(rows.uniqueV6)
        head.notReady = notReady
        head.portCount = UInt32(ports.entries.count)
        head.firstIsName = firstIsName ?? false
        head.hasAddressLabels = rows.hasAddressLabels
        var layout = SliceLayout(
            start: Block.payloadOffset(keyLength: key.length) + MemoryLayout<SliceRecord.Head>.stride)
        head.v4Start = layout.reserve(4 * rows.v4Count)
        head.v6Start = layout.reserve(16 * rows.v6Count)
        head.namesStart = layout.reserve(4 * names.count)
        if let table = rows.labels {
            head.labelsStart = layout.reserve(4 * rows.rows.count)
            head.tableStart = layout.reserve(4 * table.slots.count)
            head.tableSize = UInt32(table.slots.count)
        }
        if rows.rows.contains(where: { $0.zone != 0 }) { head.zonesStart = layout.reserve(4 * rows.rows.count) }
        head.portsStart = layout.reserve(MemoryLayout<PortTable.Entry>.stride * ports.entries.count)
        if rows.hasRepeats { head.flagsStart = layout.reserve(rows.rows.count) }
        head.portTextStart = layout.reserve(ports.text.count)
        let textStart = text.count > 1 ? layout.reserve(text.count) : 0
        head.clusterStart = cluster == 0 ? 0 : textStart + cluster
        head.size = UInt32(layout.end)
        let record = SliceRecord(key: key, head: head)
        fill(record, rows, text: text, at: textStart)
        return record
    }

    private func fill(_ record: SliceRecord, _ rows: SliceRows, text: [UInt8], at textStart: UInt32) {
        let base = record.block.base
        let head = record.head.pointee
        let place = { (offset: UInt32) in offset == 0 ? 0 : textStart + offset }
        for (index, row) in rows.rows.enumerated() {
            if index < rows.v4Count {
                _ = row.address.store(to: base + Int(head.v4Start) + 4 * index)
            } else if index < record.addressCount {
                _ = row.address.store(to: base + Int(head.v6Start) + 16 * (index - rows.v4Count))
            } else {
                let offset = Int(head.namesStart) + 4 * (index - record.addressCount)
                base.storeBytes(of: place(row.name), toByteOffset: offset, as: UInt32.self)
            }
            if head.labelsStart != 0 {
                base.storeBytes(of: place(row.label), toByteOffset: Int(head.labelsStart) + 4 * index, as: UInt32.self)
            }
            if head.zonesStart != 0 {
                base.storeBytes(of: place(row.zone), toByteOffset: Int(head.zonesStart) + 4 * index, as: UInt32.self)
            }
            if head.flagsStart != 0 { base.storeByte(row.flags.rawValue, at: Int(head.flagsStart) + index) }
        }
        for (index, entry) in ports.entries.enumerated() {
            let offset = Int(head.portsStart) + MemoryLayout<PortTable.Entry>.stride * index
            PackedSpec.store(entry, to: base + offset)
        }
        copy(rows.labels?.slots ?? [], to: base + Int(head.tableStart))
        copy(ports.text, to: base + Int(head.portTextStart))
        if textStart != 0 { copy(text, to: base + Int(textStart)) }
    }

    private func copy<Element: BitwiseCopyable>(_ elements: [Element], to target: UnsafeMutableRawPointer) {
        elements.withUnsafeBytes { bytes in
            if let source = bytes.baseAddress { target.copyMemory(from: source, byteCount: bytes.count) }
        }
    }
}

extension SliceRecord {
    /// Room for the columns that the head describes, all zero.
    fileprivate init(key: Key, head: Head) {
        let payload = Int(head.size) - Block.payloadOffset(keyLength: key.length)
        block = Block(kind: .slice, key: key, payload: payload)
        self.head.initialize(to: head)
        identity.block.retain()
    }
}

/// Lines up the columns of a slice.
private struct SliceLayout {
    /// Bytes of the block so far.
    private(set) var end: Int

    /// The columns begin `start` bytes into the block.
    init(start: Int) { end = start }

    /// Makes room for a column, aligned to four bytes, and returns its offset in the block; 0 for an empty one.
    mutating func reserve(_ length: Int) -> UInt32 {
        guard length > 0 else { return 0 }
        end = (end + 3) & ~3
        defer { end += length }
        return UInt32(end)
    }
}
