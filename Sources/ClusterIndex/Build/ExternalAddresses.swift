import DNSMessage

/// Where a Service is reached from outside: `spec.externalIPs`, then `status.loadBalancer.ingress`. Lies behind the
/// spec of a `ServiceRecord`: three counts, addresses of both families, host names in wire form.
struct ExternalAddresses {
    let bytes: UnsafeRawBufferPointer

    /// The counts, two bytes each.
    private static let headLength = 6

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isEmpty: Bool { bytes.count < Self.headLength }

    var v4Count: Int { count(0) }
    var v6Count: Int { count(2) }
    var hostCount: Int { count(4) }

    private func count(_ offset: Int) -> Int {
        guard !isEmpty, let base = bytes.baseAddress else { return 0 }
        return Int(base.bigEndian16(offset))
    }

    /// An address, those of IPv4 first.
    func address(_ index: Int) -> IPAddress {
        // Not null: there is an address.
        let start = bytes.baseAddress.unsafelyUnwrapped + Self.headLength
        guard index >= v4Count else { return IPAddress(v4: start.bigEndian32(4 * index)) }
        return IPAddress(v6At: start + 4 * v4Count + 16 * (index - v4Count))
    }

    /// The addresses of a family, as arguments of `address`.
    func indices(_ family: IPAddress.Family) -> Range<Int> {
        family == .v4 ? 0..<v4Count : v4Count..<v4Count + v6Count
    }

    /// Calls `body` with each host name in wire form until it returns false.
    func forEachHost(_ body: (UnsafeRawPointer) -> Bool) {
        guard hostCount > 0, let base = bytes.baseAddress else { return }
        var name = base + Self.headLength + 4 * v4Count + 16 * v6Count
        for _ in 0..<hostCount {
            guard body(name) else { return }
            while name.byte(0) != 0 { name += 1 + Int(name.byte(0)) }
            name += 1
        }
    }

    /// The first host name in wire form.
    var firstHost: UnsafeRawPointer? {
        var first: UnsafeRawPointer?
        forEachHost { name in
            first = name
            return false
        }
        return first
    }

    /// The addresses, for the writer.
    var addresses: [IPAddress] { (0..<v4Count + v6Count).map(address) }
}

// MARK: - From objects and back

extension ExternalAddresses {
    /// The bytes for a Service; none if it is not reached from outside. What is no address or no name is left out, and
    /// repeats are told once.
    static func pack(_ service: Service) -> [UInt8] {
        var v4: [IPAddress] = []
        var v6: [IPAddress] = []
        var hosts: [Name] = []
        func add(_ text: String) {
            guard let address = IPAddress(text)?.unmapped else { return }
            if address.family == .v4 {
                if !v4.contains(address) { v4.append(address) }
            } else if !v6.contains(address) {
                v6.append(address)
            }
        }
        for text in service.externalIPs.prefix(Limits.externalsMax) { add(text) }
        for entry in service.ingress.prefix(Limits.externalsMax) {
            if !entry.ip.isEmpty {
                add(entry.ip)
            } else if IPAddress(entry.hostname) == nil, let name = try? Name(entry.hostname), !hosts.contains(name) {
                hosts.append(name)
            }
        }
        guard !v4.isEmpty || !v6.isEmpty || !hosts.isEmpty else { return [] }
        var bytes: [UInt8] = []
        for count in [v4.count, v6.count, hosts.count] { bytes += [UInt8(count >> 8), UInt8(count & 255)] }
        for address in v4 + v6 {
            bytes += [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
                count = buffer.baseAddress.map { address.store(to: UnsafeMutableRawPointer($0)) } ?? 0
            }
        }
        for host in hosts { bytes += host.wire }
        return bytes
    }

    /// Writes them into a Service that gives the same bytes.
    func fill(_ service: inout Service) {
        service.externalIPs = addresses.map(\.description)
        forEachHost { name in
            service.ingress.append(Service.Ingress(hostname: NameText.text(wire: name)))
            return true
        }
    }
}
