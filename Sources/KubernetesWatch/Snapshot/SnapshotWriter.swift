public import ClusterIndex
public import Dispatch
import Glibc

/// Keeps the snapshot of a changing index up to date, beside everything else: writes on a queue of its own, one at a
/// time and not too often. Everything else on the owner's queue.
public final class SnapshotWriter: @unchecked Sendable {
    /// What becomes of the snapshot.
    public enum Report: Hashable, Sendable {
        /// It cannot be written; told once for each reason in a row. It will be tried again.
        case failed(SnapshotError)
        /// It is written again.
        case recovered
    }

    /// Least time from the begin of one write to that of the next. What a restart loses at worst is told by the API
    /// server when it is back; and disks wear.
    public static let interval = Duration.seconds(30)

    // Guard of `@unchecked Sendable`: everything that changes is touched on `queue` only.
    private let file: SnapshotFile
    private let fingerprint: String
    private let interval: Duration
    private let queue: DispatchQueue
    private let writing = DispatchQueue(label: "clusterdns.snapshot", qos: .utility)
    private let index: () -> ClusterIndex
    private let report: (Report) -> Void
    private var isDirty = false
    private var isWriting = false
    private var isScheduled = false
    private var isStopped = false
    private var earliest = DispatchTime.now()
    private var lastTold: SnapshotError?

    /// A writer that writes nothing yet. `index` is asked for the newest generation whenever one is written, so that
    /// no old one is kept alive in between; it and `report` are called on `queue`.
    public init(
        _ file: SnapshotFile, fingerprint: String, interval: Duration = SnapshotWriter.interval, queue: DispatchQueue,
        index: @escaping () -> ClusterIndex, report: @escaping (Report) -> Void
    ) {
        self.file = file
        self.fingerprint = fingerprint
        self.interval = interval
        self.queue = queue
        self.index = index
        self.report = report
    }

    /// The index is not any more what was written last. On the queue.
    public func changed() {
        isDirty = true
        schedule()
    }

    /// Writes what has not been written and returns when that is done; nothing is written any more. On the queue.
    public func stop() {
        guard !isStopped else { return }
        isStopped = true
        // What is under way must not come after us.
        writing.sync {}
        guard isDirty || isWriting else { return }
        let (index, time) = (index(), SnapshotWriter.now)
        tell(writing.sync { write(index, time: time) })
    }

    private func schedule() {
        guard isDirty, !isWriting, !isScheduled, !isStopped else { return }
        isScheduled = true
        queue.asyncAfter(deadline: max(earliest, .now())) { [weak self] in self?.begin() }
    }

    private func begin() {
        isScheduled = false
        guard !isStopped else { return }
        isDirty = false
        isWriting = true
        earliest = .now() + interval.inDispatch
        let (index, time) = (index(), SnapshotWriter.now)
        writing.async { [self] in
            let result = write(index, time: time)
            queue.async { [weak self] in self?.finish(result) }
        }
    }

    /// On the writing queue.
    private func write(_ index: ClusterIndex, time: Int64) -> SnapshotError? {
        do {
            try file.write(index, fingerprint: fingerprint, time: time)
            return nil
        } catch {
            return error
        }
    }

    private func finish(_ error: SnapshotError?) {
        guard !isStopped else { return }
        isWriting = false
        if error != nil { isDirty = true }
        tell(error)
        schedule()
    }

    private func tell(_ error: SnapshotError?) {
        if let error, error != lastTold { report(.failed(error)) }
        if error == nil, lastTold != nil { report(.recovered) }
        lastTold = error
    }

    private static var now: Int64 { Int64(Glibc.time(nil)) }
}

extension Duration {
    /// As dispatch counts; within what it can hold.
    fileprivate var inDispatch: DispatchTimeInterval {
        .milliseconds(Int(min(self, .seconds(1_000_000)) / .milliseconds(1)))
    }
}
