import DNSMessage

/// The forms that names below a zone have. Which label means what follows from the form: they are counted from the
/// zone to the left.
enum ClusterName {
    case apex
    /// `svc` or `pod`.
    case category
    /// `NS.svc`
    case serviceNamespace
    /// `NS.pod`
    case podNamespace
    /// `SVC.NS.svc`
    case service
    /// `EP.SVC.NS.svc`
    case endpoint
    /// `PORT.PROTOCOL.SVC.NS.svc`
    case port
    /// `EP.CLUSTER.SVC.NS.svc`, in zones of a cluster set.
    case clusterEndpoint
    /// `ZONE….pin._zone.SVC.NS.svc` or the same with `prefer`.
    case zonal(isPinned: Bool)
    /// `IP.NS.pod`
    case pod
    /// `ns.dns`
    case nameServer
    /// `dns-version`
    case version
    case other

    /// Reads the `count` labels left of the zone.
    init(_ name: NameView, count: Int, isZonal: Bool, scope: Scope) {
        guard count > 1 else {
            self = ClusterName.short(name, count: count)
            return
        }
        let category = ClusterName.word(name, count - 1)
        if category == ClusterName.svcWord {
            switch count {
            case 2: self = .serviceNamespace
            case 3: self = .service
            case 4: self = .endpoint
            default: self = ClusterName.long(name, count: count, isZonal: isZonal, scope: scope)
            }
        } else if category == ClusterName.podWord {
            self = count == 3 ? .pod : count == 2 ? .podNamespace : .other
        } else {
            self =
                count == 2 && ClusterName.isLabel(name, 0, "ns") && ClusterName.isLabel(name, 1, "dns")
                ? .nameServer : .other
        }
    }

    /// Whether the form is `SVC.NS.svc`.
    @inline(__always)
    static func isService(_ name: NameView, count: Int) -> Bool { count == 3 && word(name, 2) == svcWord }

    private static func short(_ name: NameView, count: Int) -> ClusterName {
        guard count == 1 else { return .apex }
        if word(name, 0) == svcWord || word(name, 0) == podWord { return .category }
        return isLabel(name, 0, "dns-version") ? .version : .other
    }

    private static func long(
        _ name: NameView, count: Int, isZonal: Bool, scope: Scope
    ) -> ClusterName {
        if count == 5 {
            let isPort = scope == .cluster || startsWithUnderscore(name, 0) || startsWithUnderscore(name, 1)
            return isPort ? .port : .clusterEndpoint
        }
        guard isZonal, isLabel(name, count - 4, "_zone") else { return .other }
        if isLabel(name, count - 5, "pin") { return .zonal(isPinned: true) }
        return isLabel(name, count - 5, "prefer") ? .zonal(isPinned: false) : .other
    }

    private static func startsWithUnderscore(_ name: NameView, _ index: Int) -> Bool {
        name.label(index).first == UInt8(ascii: "_")
    }

    // `svc` and `pod` with their length byte, as four bytes in memory.
    @inline(__always) private static var svcWord: UInt32 { UInt32(littleEndian: 0x6376_7303) }
    @inline(__always) private static var podWord: UInt32 { UInt32(littleEndian: 0x646F_7003) }

    /// The length byte and the next three of a label.
    @inline(__always)
    private static func word(_ name: NameView, _ index: Int) -> UInt32 {
        name.folded.loadUnaligned(fromByteOffset: name.start(ofLabel: index), as: UInt32.self)
    }

    private static func isLabel(_ name: NameView, _ index: Int, _ text: StaticString) -> Bool {
        let label = name.label(index)
        guard label.count == text.utf8CodeUnitCount, let bytes = label.baseAddress else { return false }
        return equalBytes(bytes, UnsafeRawPointer(text.utf8Start), count: label.count)
    }
}
