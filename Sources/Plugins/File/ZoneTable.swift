import DNSMessage
import PluginKit
import Zone

// Guard of `@unchecked Sendable`: what it leads to is immutable, and kept alive by `keeper`.
/// The zones that a plugin serves at one time. Queries read it without counting a reference.
struct ZoneTable: @unchecked Sendable {
    /// A zone's name, and its data if they could be read.
    struct Entry: Sendable {
        let name: Name
        let zone: Zone?
    }

    private let set: Unmanaged<ZoneSet>
    private let views: UnsafePointer<ZoneView?>
    private let keeper: Keeper

    init(_ entries: [Entry]) {
        keeper = Keeper(entries)
        set = Unmanaged.passUnretained(keeper.set)
        views = UnsafePointer(keeper.views)
    }

    /// The zone that a question belongs to: the closest, but for a DS record, which the zone above has
    /// (RFC 4035 §3.1.4.1).
    func index(for question: QuestionView) -> Int? {
        set._withUnsafeGuaranteedRef { set in
            guard question.type == .ds else { return set.closest(question.name) }
            return set.closest(question.name, belowExact: true) ?? set.closest(question.name)
        }
    }

    /// The data of a zone; nil while there are none.
    func view(_ index: Int) -> ZoneView? { views[index] }

    /// The same, for who keeps it.
    func zone(_ index: Int) -> Zone? { keeper.entries[index].zone }

    private final class Keeper: @unchecked Sendable {
        // Guard of `@unchecked Sendable`: written in `init`, read only afterwards.
        let set: ZoneSet
        let views: UnsafeMutablePointer<ZoneView?>
        let entries: [Entry]

        init(_ entries: [Entry]) {
            self.entries = entries
            set = ZoneSet(entries.map(\.name))
            views = .allocate(capacity: max(entries.count, 1))
            for (index, entry) in entries.enumerated() { (views + index).initialize(to: entry.zone?.view) }
        }

        deinit { views.deallocate() }
    }
}
