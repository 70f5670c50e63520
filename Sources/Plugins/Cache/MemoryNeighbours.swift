import DNSMessage
import PluginKit

/// The plugins below the cache whose answers it lets alone, since they cost no more than its own.
struct MemoryNeighbours {
    private let positions: UInt128
    /// Held, and in plain memory: a read counts no reference.
    private let zones: Unmanaged<ZoneSet>?

    init() {
        positions = 0
        zones = nil
    }

    init(_ links: ArraySlice<Chain.Link>) {
        var positions: UInt128 = 0
        var names: [Name] = []
        for link in links {
            guard let plugin = link.plugin as? any AnsweringFromMemory else { continue }
            positions |= 1 << UInt128(link.position)
            names += plugin.ownZones
        }
        self.positions = positions
        zones = names.isEmpty ? nil : .passRetained(ZoneSet(names))
    }

    func deallocate() { zones?.release() }

    /// Whether every answer to this name is one of theirs.
    @inline(__always)
    func answersAll(_ name: NameView) -> Bool {
        guard let zones else { return false }
        return zones._withUnsafeGuaranteedRef { $0.closest(name) != nil }
    }

    /// Whether the plugin at a position of the registry is one of them.
    @inline(__always)
    func answered(_ position: Int?) -> Bool {
        guard let position else { return false }
        return positions >> UInt128(position) & 1 != 0
    }
}
