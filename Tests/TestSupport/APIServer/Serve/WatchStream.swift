import Dispatch
import KubernetesWatch

/// A watch under way. Belongs to the queue of its server.
final class WatchStream {
    /// A bookmark comes so long before the time-out of a watch.
    private static let lastBookmarkLead = Duration.seconds(2)

    let writer: EventWriter
    let filter: ObjectFilter
    let allowsBookmarks: Bool
    /// Changes up to this version have been told, or are not wanted.
    private(set) var version: UInt64
    private var timers: [QueueTimer] = []
    private var ended: (() -> Void)?

    init(_ writer: EventWriter, _ filter: ObjectFilter, from version: UInt64, allowsBookmarks: Bool) {
        self.writer = writer
        self.filter = filter
        self.version = version
        self.allowsBookmarks = allowsBookmarks
    }

    /// Has the server call back for bookmarks and for the end.
    func start(
        _ queue: DispatchQueue, bookmarksEvery interval: Duration, endsAfter duration: Duration,
        bookmark: @escaping () -> Void, end: @escaping () -> Void, ended: @escaping () -> Void
    ) {
        self.ended = ended
        if allowsBookmarks {
            timers.append(QueueTimer(queue, after: interval, repeating: true, bookmark))
            if duration > Self.lastBookmarkLead {
                timers.append(QueueTimer(queue, after: duration - Self.lastBookmarkLead, bookmark))
            }
        }
        timers.append(QueueTimer(queue, after: duration, end))
    }

    /// No more calls, but one that tells of it.
    func stop() {
        timers = []
        ended?()
        ended = nil
    }

    /// What the watch is told of a change; nil for nothing.
    func event(_ change: StoreChange) -> (type: EventType, object: StoredObject)? {
        guard change.version > version else { return nil }
        version = change.version
        let old = change.old.flatMap { filter.matches($0) ? $0 : nil }
        let new = change.new.flatMap { filter.matches($0) ? $0 : nil }
        switch (old, new) {
        case (nil, nil): return nil
        case (nil, let new?): return (.added, new)
        case (_?, let new?): return (.modified, new)
        // What is gone, or no longer matches, is shown as it was, with the version of the change.
        case (let old?, nil): return (.deleted, old.at(change.version))
        }
    }
}
