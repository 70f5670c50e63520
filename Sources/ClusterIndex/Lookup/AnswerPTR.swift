import DNSMessage

// PTR: from an address to the names of who has it.

extension Lookup {
    /// One record for a cluster IP, else one for each endpoint with the address.
    func answerPTR(
        _ address: IPAddress, _ scratch: inout LookupScratch, _ writer: inout MessageWriter
    ) -> ClusterOutcome {
        guard var cursor = owners(of: address) else { return .nameError(.noSuchAddress) }
        while let entry = cursor.next() {
            guard isExposed(entry), !isTold(entry, address) else { continue }
            let target = targetName(entry, address, scratch.suffix)
            if let target, !writer.addName(.question, .ptr, .wire(target), ttl: zone.pointee.ttl) { break }
            if entry.isService { break }
        }
        return writer.answerCount > 0 ? .data : .nameError(.noSuchAddress)
    }

    /// Whether an address has a PTR record.
    func hasPTR(_ address: IPAddress) -> Bool {
        guard var cursor = owners(of: address) else { return false }
        while let entry = cursor.next() {
            if isExposed(entry) { return true }
        }
        return false
    }

    /// Whether the entry has a service, and the options let its namespace be told.
    func isExposed(_ entry: AddressRecord.Entry) -> Bool {
        let labels = entry.service.labels
        guard labels[0] > 0 else { return false }
        guard root.pointee.filtersNamespaces else { return true }
        let namespace = entry.service.namespace
        let key = Key(namespace.baseAddress.unsafelyUnwrapped, length: namespace.count, seed: root.pointee.seed)
        return root.pointee.namespaces.find(key).map { NamespaceRecord($0).head.pointee.isExposed } ?? false
    }

    /// Whether an earlier entry, of another slice, has the same name.
    private func isTold(_ entry: AddressRecord.Entry, _ address: IPAddress) -> Bool {
        guard !entry.isService, var cursor = owners(of: address) else { return false }
        while let earlier = cursor.next() {
            if earlier.block == entry.block { return false }
            if !earlier.isService, earlier.service == entry.service, earlier.hasLabel(entry.label, of: address) {
                return true
            }
        }
        return false
    }

    /// `[LABEL.]SVC.NS.svc.PRIMARY`; nil if that is too long for a name.
    private func targetName(
        _ entry: AddressRecord.Entry, _ address: IPAddress, _ target: UnsafeMutableRawPointer
    ) -> UnsafeRawPointer? {
        var length = 0
        if let label = entry.label {
            length = 1 + Int(label.byte(0))
            target.copyMemory(from: label, byteCount: length)
        } else if !entry.isService {
            length = 1 + DashedAddress.write(address, to: target + 1)
            target.storeByte(UInt8(length - 1), at: 0)
        }
        let service = entry.service.labels
        let primary = zone.pointee.primary
        let svc: StaticString = "\u{3}svc"
        guard length + service.count + svc.utf8CodeUnitCount + primary.count <= Name.maximumLength else { return nil }
        for part in [service, UnsafeRawBufferPointer(start: svc.utf8Start, count: svc.utf8CodeUnitCount), primary] {
            (target + length).copyMemory(from: part.baseAddress.unsafelyUnwrapped, byteCount: part.count)
            length += part.count
        }
        return UnsafeRawPointer(target)
    }
}
