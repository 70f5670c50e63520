import DNSMessage

extension SliceRecord {
    /// Gives an EndpointSlice what the record knows of it.
    func fill(_ slice: inout EndpointSlice) {
        slice.addressType = head.pointee.nameCount > 0 ? .fqdn : .ipv4
        slice.sourceCluster = cluster.map(SliceRecord.text) ?? ""
        slice.ports = ports.objects
        slice.endpoints = endpoints
        if head.pointee.notReady > 0 {
            let addresses = Array(repeating: "", count: Int(head.pointee.notReady))
            slice.endpoints.append(Endpoint(addresses: addresses, ready: false))
        }
    }

    /// The subset of an Endpoints object that the record stands for.
    var subset: Endpoints.Subset {
        let notReady = Array(repeating: Endpoint(addresses: []), count: Int(head.pointee.notReady))
        return Endpoints.Subset(ready: endpoints, notReady: notReady, ports: ports.objects)
    }

    /// The ready endpoints, one for each row.
    private var endpoints: [Endpoint] {
        let names = addressCount..<rowCount
        // Whether addresses or names came first decides whether the service is an alias.
        let rows = head.pointee.firstIsName ? Array(names) + (0..<addressCount) : Array(0..<rowCount)
        return rows.map { row in
            let text =
                row < addressCount
                ? address(row).description : name(row).baseAddress.map { NameText.text(wire: $0) } ?? ""
            return Endpoint(
                addresses: [text], hostname: label(row).map(SliceRecord.text) ?? "",
                zone: zone(row).map(SliceRecord.nameText) ?? "")
        }
    }

    /// The text of a name without its root.
    static func nameText(_ labels: UnsafeRawBufferPointer) -> String {
        (Array(labels) + [0]).withUnsafeBytes { NameText.text(wire: $0.baseAddress.unsafelyUnwrapped) }
    }

    /// A text behind its length byte.
    private static func text(_ stored: UnsafeRawPointer) -> String {
        String(decoding: UnsafeRawBufferPointer(start: stored + 1, count: Int(stored.byte(0))), as: UTF8.self)
    }
}
