import DNSMessage

/// Reads the ready endpoints of a slice into rows, and lays them down as a `SliceRecord`.
struct SliceBuilder {
    /// One address of an endpoint.
    struct Row {
        var address: IPAddress?
        /// The wire form where it is no address.
        var name: [UInt8] = []
        /// In lower case, without a length byte; empty for the address with dashes.
        var label: [UInt8] = []
        /// Labels in lower-case wire form, no root.
        var zone: [UInt8] = []
    }

    private var v4: [Row] = []
    private var v6: [Row] = []
    private var names: [Row] = []
    private var firstIsName: Bool?
    private var notReady: UInt32 = 0
    private var ports = PackedPorts([])
    private var cluster: [UInt8] = []
    private let options: IndexOptions

    /// Rows are kept under the options: zones only for `zonal`, pod names only for `endpoint_pod_names`.
    init(options: IndexOptions) { self.options = options }

    /// Takes in a slice.
    mutating func add(_ slice: EndpointSlice) {
        ports = PackedPorts(slice.ports)
        if slice.sourceCluster.utf8.count <= Name.maximumLabelLength {
            cluster = slice.sourceCluster.utf8.map(foldedByte)
        }
        for endpoint in slice.endpoints {
            endpoint.ready == false
                ? notReady += UInt32(endpoint.addresses.count) : add(endpoint, isFQDN: slice.addressType == .fqdn)
        }
    }

    /// Takes in one part of an Endpoints object.
    mutating func add(_ subset: Endpoints.Subset) {
        ports = PackedPorts(subset.ports)
        notReady = UInt32(subset.notReady.count)
        for endpoint in subset.ready { add(endpoint, isFQDN: false) }
    }

    private mutating func add(_ endpoint: Endpoint, isFQDN: Bool) {
        let label = explicitLabel(of: endpoint)
        let zone = options.isZonal ? SliceBuilder.zoneLabels(endpoint.zone) : []
        for text in endpoint.addresses {
            if let address = IPAddress(text) {
                add(address, text, label, zone)
            } else if isFQDN, let name = try? Name(text) {
                firstIsName = firstIsName ?? true
                let dashed = text.utf8.map { $0 == UInt8(ascii: ".") ? UInt8(ascii: "-") : foldedByte($0) }
                names.append(
                    Row(name: name.wire, label: label.isEmpty ? SliceBuilder.legal(dashed) : label, zone: zone))
            }
        }
    }

    private mutating func add(_ address: IPAddress, _ text: String, _ label: [UInt8], _ zone: [UInt8]) {
        firstIsName = firstIsName ?? false
        let unmapped = address.unmapped
        let label = SliceBuilder.label(label, unmapped, address.family == .v4 ? nil : text)
        let row = Row(address: unmapped, label: label, zone: zone)
        unmapped.family == .v4 ? v4.append(row) : v6.append(row)
    }

    private func explicitLabel(of endpoint: Endpoint) -> [UInt8] {
        if !endpoint.hostname.isEmpty { return SliceBuilder.legal(endpoint.hostname) }
        return options.endpointPodNames ? SliceBuilder.legal(endpoint.targetName) : []
    }

    private static func legal(_ label: String) -> [UInt8] { legal(label.utf8.map(foldedByte)) }
    private static func legal(_ label: [UInt8]) -> [UInt8] { label.count <= Name.maximumLabelLength ? label : [] }

    /// The label to write down: none where it is the one that the address gives by itself. IPv6 text counts as the
    /// object has it, so `fd00:0::1` gives `fd00-0--1`.
    private static func label(_ explicit: [UInt8], _ address: IPAddress, _ v6Text: String?) -> [UInt8] {
        if explicit.isEmpty, v6Text == nil { return [] }
        let label = explicit.isEmpty ? dashed(v6Text ?? "") : explicit
        return withUnsafeTemporaryAllocation(byteCount: DashedAddress.maximumLength, alignment: 8) { buffer in
            let count = DashedAddress.write(address, to: buffer.baseAddress.unsafelyUnwrapped)
            return buffer[..<count].elementsEqual(label) ? [] : legal(label)
        }
    }

    private static func dashed(_ text: String) -> [UInt8] {
        // An IPv4 part changes its dots only.
        let separator = text.utf8.contains(UInt8(ascii: ".")) ? UInt8(ascii: ".") : UInt8(ascii: ":")
        var label = text.utf8.map { $0 == separator ? UInt8(ascii: "-") : foldedByte($0) }
        if label.last == UInt8(ascii: "-") { label.append(UInt8(ascii: "0")) }
        return label
    }

    private static func zoneLabels(_ text: String) -> [UInt8] {
        guard let name = try? Name(text) else { return [] }
        return Array(name.folded.wire.dropLast())
    }
}

// MARK: - Laying down

extension SliceBuilder {
    /// The record; the identity is shared.
    func makeRecord(key: Key, identity: SliceIdentity) -> SliceRecord {
        let (v4, uniqueV4) = SliceBuilder.uniqueFirst(v4)
        let (v6, uniqueV6) = SliceBuilder.uniqueFirst(v6)
        let rows = v4 + v6 + names
        var head = SliceRecord.Head(identity: identity.block.base)
        head.v4Count = UInt32(v4.count)
        head.v6Count = UInt32(v6.count)
        head.nameCount = UInt32(names.count)
        head.uniqueV4 = uniqueV4
        head.uniqueV6 = uniqueV6
        head.notReady = notReady
        head.portCount = UInt32(ports.entries.count)
        head.firstIsName = firstIsName ?? false
        var layout = SliceLayout(
            start: Block.payloadOffset(keyLength: key.length) + MemoryLayout<SliceRecord.Head>.stride)
        head.v4Start = layout.append(v4.flatMap { withUnsafeBytes(of: ($0.address?.v4 ?? 0).bigEndian, Array.init) })
        head.v6Start = layout.append(v6.flatMap(SliceBuilder.bytes))
        head.portsStart = layout.append(ports.entries.flatMap(PackedSpec.bytes))
        head.portTextStart = layout.append(ports.text)
        if !cluster.isEmpty { head.clusterStart = layout.append([UInt8(cluster.count)] + cluster) }
        if !names.isEmpty {
            head.namesStart = layout.appendColumn(names.map { layout.append($0.name) })
        }
        layout.appendLabels(of: rows, &head)
        if rows.contains(where: { !$0.zone.isEmpty }) { head.zonesStart = layout.appendTexts(rows.map(\.zone)) }
        head.size = UInt32(layout.end)
        return SliceRecord(key: key, head: head, columns: layout.bytes)
    }

    private static func bytes(_ row: Row) -> [UInt8] {
        withUnsafeBytes(of: ((row.address?.high ?? 0).bigEndian, (row.address?.low ?? 0).bigEndian), Array.init)
    }

    /// Moves rows whose address came before to the end.
    private static func uniqueFirst(_ rows: [Row]) -> ([Row], UInt32) {
        var seen = Set<IPAddress>(minimumCapacity: rows.count)
        var unique: [Row] = []
        var repeated: [Row] = []
        unique.reserveCapacity(rows.count)
        for row in rows {
            guard let address = row.address else { continue }
            seen.insert(address).inserted ? unique.append(row) : repeated.append(row)
        }
        return (unique + repeated, UInt32(unique.count))
    }
}

extension SliceRecord {
    fileprivate init(key: Key, head: Head, columns: [UInt8]) {
        block = Block(kind: .slice, key: key, payload: MemoryLayout<Head>.stride + columns.count)
        self.head.initialize(to: head)
        identity.block.retain()
        columns.withUnsafeBytes { bytes in
            guard let source = bytes.baseAddress else { return }
            UnsafeMutableRawPointer(self.head + 1).copyMemory(from: source, byteCount: bytes.count)
        }
    }
}

/// The columns of a slice while they are being lined up.
struct SliceLayout {
    private let start: Int
    private(set) var bytes: [UInt8] = []

    /// The columns begin `start` bytes into the block.
    init(start: Int) { self.start = start }

    /// Bytes of the block so far.
    var end: Int { start + bytes.count }

    /// Adds a column, aligned to four bytes, and returns its offset in the block.
    mutating func append(_ column: [UInt8]) -> UInt32 {
        while bytes.count % 4 != 0 { bytes.append(0) }
        let offset = end
        bytes += column
        return UInt32(offset)
    }

    mutating func appendColumn(_ column: [UInt32]) -> UInt32 {
        append(column.flatMap { withUnsafeBytes(of: $0, Array.init) })
    }

    /// Adds texts with a length byte each, equal ones once, and a column that tells where each row's stands.
    mutating func appendTexts(_ texts: [[UInt8]]) -> UInt32 {
        var known: [[UInt8]: UInt32] = [:]
        var column: [UInt32] = []
        for text in texts {
            if text.isEmpty {
                column.append(0)
            } else if let offset = known[text] {
                column.append(offset)
            } else {
                let offset = UInt32(end)
                bytes.append(UInt8(truncatingIfNeeded: text.count))
                bytes += text
                known[text] = offset
                column.append(offset)
            }
        }
        return appendColumn(column)
    }

    /// Adds the labels of rows that have one, the table to find them by, and what rows repeat.
    mutating func appendLabels(of rows: [SliceBuilder.Row], _ head: inout SliceRecord.Head) {
        guard rows.contains(where: { !$0.label.isEmpty }) else { return appendFlags(of: rows, &head) }
        head.labelsStart = appendTexts(rows.map(\.label))
        var size = 8
        while size < 2 * rows.count { size *= 2 }
        var table = [UInt32](repeating: 0, count: size)
        var known = Set<[UInt8]>()
        for (row, label) in rows.map(\.label).enumerated() where !label.isEmpty && known.insert(label).inserted {
            var slot = Int(label.withUnsafeBytes(SliceRecord.hash)) & (size - 1)
            while table[slot] != 0 { slot = (slot + 1) & (size - 1) }
            table[slot] = UInt32(row + 1)
        }
        head.tableStart = appendColumn(table)
        head.tableSize = UInt32(size)
        head.hasAddressLabels = known.contains { $0.withUnsafeBytes(DashedAddress.parseExactly) != nil }
        appendFlags(of: rows, &head)
    }

    private mutating func appendFlags(of rows: [SliceBuilder.Row], _ head: inout SliceRecord.Head) {
        struct Pair: Hashable {
            var label: [UInt8]
            var address: IPAddress?
            var name: [UInt8]
        }
        var labels = Set<[UInt8]>()
        var pairs = Set<Pair>()
        var flags: [UInt8] = []
        for row in rows {
            var flag: SliceRecord.RowFlags = []
            if !row.label.isEmpty, !labels.insert(row.label).inserted { flag.insert(.repeatsLabel) }
            if !pairs.insert(Pair(label: row.label, address: row.address, name: row.name)).inserted {
                flag.formUnion([.repeatsLabel, .repeatsLabelAndAddress])
            }
            flags.append(flag.rawValue)
        }
        if flags.contains(where: { $0 != 0 }) { head.flagsStart = append(flags) }
    }
}
