import Glibc

/// An inotify queue.
final class Inotify: Sendable {
    /// A change of a watched directory, or of something in it.
    struct Event: Hashable {
        var watch: Int32
        var mask: UInt32
        /// Empty where the directory itself is meant.
        var name: String

        func has(_ bits: Int32) -> Bool { mask & UInt32(bitPattern: bits) != 0 }
    }

    let descriptor: Int32

    /// Nil where the system has no more of them; `errno` tells why.
    init?() {
        descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        if descriptor < 0 { return nil }
    }

    deinit { close(descriptor) }

    /// Watches a directory for some more kinds of events, and returns the number of the watch.
    func watch(_ directory: String, _ mask: UInt32) throws(WatchFault) -> Int32 {
        let number = inotify_add_watch(descriptor, directory, mask | UInt32(IN_ONLYDIR) | UInt32(IN_MASK_ADD))
        guard number >= 0 else { throw .refused(errno: errno) }
        return number
    }

    func unwatch(_ number: Int32) { _ = inotify_rm_watch(descriptor, number) }

    /// The events that wait, up to a bound.
    func read() -> [Event] {
        var events: [Event] = []
        withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 8) { buffer in
            for _ in 0..<Limits.readsPerWakeUp {
                let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                if count < 0, errno == EINTR { continue }
                if count <= 0 { return }
                Self.parse(UnsafeRawBufferPointer(rebasing: buffer[..<count]), &events)
            }
        }
        return events
    }

    private static func parse(_ buffer: UnsafeRawBufferPointer, _ events: inout [Event]) {
        let headSize = MemoryLayout<inotify_event>.size
        var offset = 0
        while offset + headSize <= buffer.count {
            let head = buffer.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
            let start = offset + headSize
            let end = min(start + Int(head.len), buffer.count)
            let name = buffer[start..<end].prefix { $0 != 0 }
            events.append(Event(watch: head.wd, mask: head.mask, name: String(decoding: name, as: UTF8.self)))
            offset = end
        }
    }
}

/// Why a directory cannot be watched.
enum WatchFault: Error, Hashable {
    case tooMany
    case refused(errno: Int32)

    func error(of directory: String) -> ManifestError {
        let reason =
            switch self {
            case .tooMany: "more than \(Limits.watchedDirectories) directories"
            case .refused(ENOSPC): "the limit fs.inotify.max_user_watches is reached"
            case .refused(EMFILE): "the limit fs.inotify.max_user_instances is reached"
            case .refused(let code): String(cString: strerror(code))
            }
        return ManifestError(
            severity: .warning, file: directory,
            message: "cannot be watched (\(reason)); changes are looked for from time to time")
    }
}
