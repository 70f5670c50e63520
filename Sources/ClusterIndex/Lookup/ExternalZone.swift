public import DNSMessage

/// A zone of names that are reached from outside of the cluster: `SERVICE.NAMESPACE.ZONE`.
///
/// Guard of `@unchecked Sendable`: immutable after `init`; `owner` keeps the memory behind `memory` alive.
public struct ExternalZone: @unchecked Sendable {
    /// What lookups need, in plain memory.
    struct Head {
        let zone: UnsafeRawPointer
        /// The label of the zone's own names, with its length byte, in lower case.
        let apexLabel: UnsafeRawBufferPointer
        let serviceTTL: UInt32
        let answersHeadless: Bool
        /// The zone's name.
        let apex: UnsafeRawPointer
    }

    /// The apex, in lower case.
    public let name: Name
    let zone: ClusterZone
    private let owner: Memory
    let memory: UnsafeRawPointer

    /// A zone. `apexLabel` is the label of its own names, such as `dns` in `ns1.dns.ZONE`; `serviceTTL` is the TTL of
    /// SRV and CNAME records; `primary` is where PTR records point to; `ownAddresses` are the server's, for the
    /// addresses of its name server.
    public init(
        _ name: Name, apexLabel: String, ttl: UInt32, serviceTTL: UInt32, answersHeadless: Bool, primary: Name,
        ownAddresses: [IPAddress]
    ) {
        self.name = name.folded
        zone = ClusterZone(name, ttl: ttl, primary: primary, ownAddresses: ownAddresses)
        owner = Memory(apexLabel, name.folded)
        owner.head.initialize(
            to: Head(
                zone: zone.memory, apexLabel: UnsafeRawBufferPointer(rebasing: owner.label), serviceTTL: serviceTTL,
                answersHeadless: answersHeadless, apex: UnsafeRawPointer(owner.apex)))
        memory = UnsafeRawPointer(owner.head)
    }

    private final class Memory {
        let head = UnsafeMutablePointer<Head>.allocate(capacity: 1)
        let label: Slice<UnsafeRawBufferPointer>
        let apex: UnsafeMutableRawPointer
        private let labelBytes: UnsafeMutableRawBufferPointer

        init(_ label: String, _ apex: Name) {
            let text = label.utf8.prefix(Name.maximumLabelLength).map(foldedByte)
            labelBytes = .allocate(byteCount: 1 + text.count, alignment: 8)
            labelBytes.copyBytes(from: [UInt8(text.count)] + text)
            self.label = UnsafeRawBufferPointer(labelBytes)[...]
            self.apex = .allocate(byteCount: Name.maximumLength, alignment: 8)
            apex.wire.withUnsafeBytes { [target = self.apex] bytes in
                if let source = bytes.baseAddress { target.copyMemory(from: source, byteCount: bytes.count) }
            }
        }

        deinit {
            head.deallocate()
            labelBytes.deallocate()
            apex.deallocate()
        }
    }
}
