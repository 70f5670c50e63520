import Locking
import PluginKit
import Telemetry

/// The names and clients with most queries, over all workers. A query costs a decrement in its worker's own memory; one
/// in `TopWindows.sampledEvery` is counted, under a lock that only a report asks for besides.
final class TopTalkers: Sendable {
    /// A worker's windows; the lock's state, since that must be copyable.
    private final class Windows: @unchecked Sendable {
        // Guard of `@unchecked Sendable`: reached through the lock that holds it only.
        var windows: TopWindows
        init(now: UInt64) { windows = TopWindows(now: now) }
    }

    /// What each worker counts down, far enough apart that no two share a cache line.
    private struct Ticks {
        static let stride = 128
        /// Queries until the next one that is counted.
        var left: UInt64 = 1
        var state: UInt64
    }

    // Guard of `nonisolated(unsafe)`: each worker touches its own part on its queue only.
    private nonisolated(unsafe) let ticks: UnsafeMutableRawPointer
    private let workers: [Lock<Windows>]
    // The same in plain memory, for the path of a query.
    private nonisolated(unsafe) let plain: UnsafeMutablePointer<Unmanaged<Lock<Windows>>>

    init(workers count: Int) {
        let now = MonotonicClock.nowNanoseconds()
        workers = (0..<count).map { _ in Lock(Windows(now: now)) }
        plain = .allocate(capacity: count)
        ticks = .allocate(byteCount: count * Ticks.stride, alignment: Ticks.stride)
        for index in 0..<count {
            (plain + index).initialize(to: .passUnretained(workers[index]))
            (ticks + index * Ticks.stride).initializeMemory(
                as: Ticks.self, to: Ticks(state: now &+ UInt64(index) &* 0x9E37_79B9_7F4A_7C15))
        }
    }

    deinit {
        plain.deallocate()
        ticks.deallocate()
    }

    /// Counts the query if it is its turn.
    @inline(__always)
    func see(_ query: inout Query) {
        let tick = (ticks + query.worker.index &* Ticks.stride).assumingMemoryBound(to: Ticks.self)
        tick.pointee.left &-= 1
        if tick.pointee.left == 0 { count(&query, tick) }
    }

    /// Chance decides how many queries are passed over next: what comes in a rhythm is no more likely than the rest.
    @inline(never)
    private func count(_ query: inout Query, _ tick: UnsafeMutablePointer<Ticks>) {
        tick.pointee.state = tick.pointee.state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        tick.pointee.left = 1 + (tick.pointee.state >> 33) % (2 * TopWindows.sampledEvery - 1)
        let now = MonotonicClock.nowNanoseconds()
        let index = query.worker.index
        plain[index]._withUnsafeGuaranteedRef { lock in
            withUnsafeMutablePointer(to: &query) { query in
                lock.withLock { $0.windows.count(query.pointee, now: now) }
            }
        }
    }

    /// What was counted, as it is now.
    func report() -> TopReport {
        var report = TopReport()
        let now = MonotonicClock.nowNanoseconds()
        for worker in workers {
            worker.withLock { state in
                state.windows.turn(now)
                state.windows.add(to: &report)
            }
        }
        return report
    }
}
