import Dispatch
import EventLoop
import Glibc

/// Calls back when something in some directories changes; a help only: what it misses is found by looking. On the
/// queue that it is given.
final class DirectoryWatch {
    /// Directories that are watched; the others are only looked at.
    private static let directoriesMax = 64
    /// Reads before the queue gets its turn.
    private static let readsMax = 16
    private static let events = UInt32(
        IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF)

    private let descriptor: Int32
    private let loop: EventLoop
    private let handler: () -> Void
    private var watches: [String: Int32] = [:]

    /// Nil where the system has no more of what this needs.
    init?(_ queue: DispatchQueue, _ handler: @escaping () -> Void) {
        descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        guard descriptor >= 0 else { return nil }
        guard let loop = EventLoop(queue: queue) else {
            close(descriptor)
            return nil
        }
        self.loop = loop
        self.handler = handler
        _ = loop.watch(descriptor, for: .reading, Relay(self))
    }

    deinit {
        loop.close()
        close(descriptor)
    }

    /// Watches these directories from now on; "" is that of the process.
    func follow(_ directories: Set<String>) {
        for (path, watch) in watches where !directories.contains(path) {
            inotify_rm_watch(descriptor, watch)
            watches[path] = nil
        }
        for path in directories where watches[path] == nil && watches.count < Self.directoriesMax {
            let watch = inotify_add_watch(descriptor, path.isEmpty ? "." : path, Self.events | UInt32(IN_ONLYDIR))
            if watch >= 0 { watches[path] = watch }
        }
    }

    /// What changed does not matter; a directory that was replaced is watched anew after the next look.
    fileprivate func onReadable() {
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        for _ in 0..<Self.readsMax {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            forgetGone(buffer[..<count])
        }
        handler()
    }

    private func forgetGone(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes { buffer in
            let headLength = MemoryLayout<inotify_event>.size
            var offset = 0
            while offset + headLength <= buffer.count {
                let event = buffer.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
                if event.mask & UInt32(IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF) != 0 {
                    watches = watches.filter { $0.value != event.wd }
                }
                offset += headLength + Int(event.len)
            }
        }
    }

    /// The loop keeps its handlers; the watch ends when its owner lets go of it.
    private final class Relay: EventHandler {
        private weak var watch: DirectoryWatch?
        init(_ watch: DirectoryWatch) { self.watch = watch }
        func onReady(_ readiness: Readiness) { watch?.onReadable() }
    }
}
