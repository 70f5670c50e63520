import DNSMessage
import PluginKit

/// Where search paths begin, and how they go on.
struct SearchPath: Sendable {
    /// The first search domains: a zone of a cluster, whose domains are `NAMESPACE.svc.ZONE`, or a domain itself.
    private let firsts: ZoneSet
    private let isCluster: Bool
    /// Behind the first ones.
    private let domains: [Name]

    /// Names in no search path at all.
    static let none = SearchPath(firsts: ZoneSet([]), isCluster: false, domains: [])

    private init(firsts: ZoneSet, isCluster: Bool, domains: [Name]) {
        self.firsts = firsts
        self.isCluster = isCluster
        self.domains = domains
    }

    /// That of pods, on nodes with these domains.
    init(clusterZones: [Name], domains: [Name]) {
        self.init(firsts: ZoneSet(clusterZones), isCluster: true, domains: domains)
    }

    /// That of a file.
    init(domains: [Name]) {
        self.init(firsts: ZoneSet(Array(domains.prefix(1))), isCluster: false, domains: Array(domains.dropFirst()))
    }

    /// How many labels of a name stand in front of its first search domain; nil if it is below none.
    func baseCount(of name: NameView) -> Int? {
        guard let index = firsts.closest(name) else { return nil }
        let above = name.labelCount - firsts.zones[index].labelCount
        guard isCluster else { return above > 0 ? above : nil }
        // BASE.NAMESPACE.svc.ZONE
        guard above > 2 else { return nil }
        let label = name.label(above - 1)
        return label.elementsEqual("svc".utf8) ? above - 2 : nil
    }

    /// The names to try behind the first, in wire form, for a name with so many labels before its first search domain.
    func candidates(_ name: NameView, baseCount: Int) -> [[UInt8]] {
        let base = UnsafeRawBufferPointer(start: name.spelled, count: name.start(ofLabel: baseCount))
        var tails = domains.map(\.wire)
        if isCluster {
            let service = baseCount + 1
            for label in [service, service + 1] {
                let start = name.start(ofLabel: label)
                let tail = UnsafeRawBufferPointer(start: name.spelled + start, count: name.length - start)
                tails.insert(Array(tail), at: label - service)
            }
        }
        tails.append(Name.root.wire)
        return tails.map { base + $0 }.filter { $0.count <= Name.maximumLength }
    }
}
