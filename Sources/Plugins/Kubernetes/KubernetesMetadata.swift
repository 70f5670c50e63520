import ClusterIndex
import DNSMessage
import PluginKit

/// What the name of a query says in the scheme of the cluster, whether or not there is such a name.
final class KubernetesMetadata: MetadataProviding {
    let metadataScope = KubernetesKind.name
    private let zones: ZoneSet
    /// By the index of the zone.
    private let isClusterSet: [Bool]
    private let isZonal: Bool

    init(_ options: KubernetesOptions) {
        zones = ZoneSet(options.zones)
        isClusterSet = options.zones.map(options.multiclusterZones.contains)
        isZonal = options.index.isZonal
    }

    func metadata(_ name: String, of query: inout Query) -> String? {
        let asked = query.asked.name
        guard let zone = zones.closest(asked) else { return nil }
        let labels = (0..<asked.labelCount - zones.zones[zone].labelCount).map { Self.text(asked.label($0)) }
        let parts = ClusterNameParts(labels, isClusterSet: isClusterSet[zone], isZonal: isZonal)
        switch name {
        case "parse-error": return parts == nil ? "invalid query name" : nil
        case "kind": return parts?.kind
        case "namespace": return parts?.namespace
        case "service": return parts?.service
        case "endpoint": return parts?.endpoint
        case "port-name": return parts?.port
        case "protocol": return parts?.proto
        case "cluster": return isClusterSet[zone] ? parts?.cluster : nil
        case "zone": return isZonal ? parts?.zone : nil
        default: return nil
        }
    }

    /// A label as text, escaped as in names.
    private static func text(_ label: UnsafeRawBufferPointer) -> String {
        withUnsafeTemporaryAllocation(byteCount: label.count + 2, alignment: 8) { wire in
            wire[0] = UInt8(label.count)
            for index in label.indices { wire[index + 1] = label[index] }
            wire[label.count + 1] = 0
            guard let base = wire.baseAddress else { return "" }
            return String(NameText.text(wire: UnsafeRawPointer(base)).dropLast())
        }
    }
}

/// A name of the cluster taken apart; what it does not have is empty.
struct ClusterNameParts: Equatable {
    var kind = ""
    var namespace = ""
    var service = ""
    var endpoint = ""
    var port = ""
    var proto = ""
    var cluster = ""
    var zone = ""

    /// Reads the labels in front of the zone; nil if no name of a cluster looks like this.
    init?(_ labels: [String], isClusterSet: Bool, isZonal: Bool) {
        guard let kind = labels.last, !(labels.count == 1 && (kind == "svc" || kind == "pod")) else { return }
        guard kind == "svc" || kind == "pod" else { return nil }
        self.kind = kind
        if labels.count > 1 { namespace = labels[labels.count - 2] }
        if labels.count > 2 { service = labels[labels.count - 3] }
        switch labels.count {
        case ...3: break
        case 4: endpoint = labels[0]
        case 5 where isClusterSet && !labels[0].hasPrefix("_") && !labels[1].hasPrefix("_"):
            (endpoint, cluster) = (labels[0], labels[1])
        case 5: (port, proto) = (Self.plain(labels[0]), Self.plain(labels[1]))
        default:
            guard isZonal, !isClusterSet, kind == "svc", labels[labels.count - 4] == "_zone",
                ["pin", "prefer"].contains(labels[labels.count - 5])
            else { return nil }
            zone = labels.dropLast(5).joined(separator: ".")
        }
    }

    private static func plain(_ label: String) -> String {
        String(label.hasPrefix("_") ? label.dropFirst() : label[...])
    }
}
