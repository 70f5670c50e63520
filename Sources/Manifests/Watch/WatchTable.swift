import Glibc

/// What is watched at present, and what its events mean.
struct WatchTable {
    /// What an event means for the manifests.
    enum Effect: Hashable {
        /// Paths may lead elsewhere now.
        case turn
        /// A file is to be read.
        case change(String)
        /// A file went away, or was made and may still be written.
        case doubt(String)
    }

    /// Whether something that matters cannot be watched.
    private(set) var isBlind = false
    private var inotify: Inotify?
    private var plan: WatchPlan?
    /// Two paths may lead to one directory.
    private var directories: [Int32: Set<String>] = [:]
    private var faults: [String: WatchFault] = [:]
    /// Why there is no queue.
    private var fault = WatchFault.refused(errno: ENOSYS)

    /// Makes the inotify queue; without it everything is blind.
    mutating func open() -> Inotify? {
        inotify = Inotify()
        if inotify == nil { fault = .refused(errno: errno) }
        return inotify
    }

    /// Watches what the paths lead to now; returns what cannot be watched, where that is news.
    mutating func follow(_ paths: ManifestPaths) -> [ManifestError] {
        guard let inotify else {
            defer { isBlind = true }
            return isBlind ? [] : paths.sources.map(fault.error)
        }
        var faults: [String: WatchFault] = [:]
        // What changes between looking and watching shows in the next look.
        for attempt in 0..<Limits.planAttempts {
            let next = WatchPlan(paths)
            if attempt > 0, next == plan { break }
            plan = next
            faults = apply(next, inotify)
        }
        defer { self.faults = faults }
        isBlind = !faults.isEmpty
        return faults.filter { self.faults[$0.key] != $0.value }.map { $0.value.error(of: $0.key) }
    }

    private mutating func apply(_ plan: WatchPlan, _ inotify: Inotify) -> [String: WatchFault] {
        var faults: [String: WatchFault] = [:]
        var next: [Int32: Set<String>] = [:]
        for (directory, interest) in plan.directories {
            guard next.count < Limits.watchedDirectories else {
                faults[directory] = .tooMany
                continue
            }
            do throws(WatchFault) {
                next[try inotify.watch(directory, interest.mask), default: []].insert(directory)
            } catch {
                faults[directory] = error
            }
        }
        for number in directories.keys where next[number] == nil { inotify.unwatch(number) }
        directories = next
        return faults
    }

    /// What an event means.
    func effects(of event: Inotify.Event) -> [Effect] {
        if event.has(IN_Q_OVERFLOW) { return [.turn] }
        // Late events of a watch that was given up lead nowhere.
        guard let paths = directories[event.watch] else { return [] }
        // Of the directory itself.
        if event.name.isEmpty { return [.turn] }
        return paths.flatMap { directory in
            plan?.directories[directory].map { effects(of: event, in: directory, $0) } ?? []
        }
    }

    private func effects(of event: Inotify.Event, in directory: String, _ interest: WatchPlan.Interest) -> [Effect] {
        if interest.turns.contains(event.name) { return [.turn] }
        var files = interest.files[event.name] ?? []
        if ManifestPaths.isManifest(event.name) { files.formUnion(interest.listings.map { "\($0)/\(event.name)" }) }
        guard !files.isEmpty else { return [] }
        if event.has(IN_DELETE | IN_MOVED_FROM) { return files.map { .doubt($0) } }
        guard event.has(IN_CREATE | IN_MOVED_TO) else { return files.map { .change($0) } }
        var status = stat()
        guard lstat("\(directory)/\(event.name)", &status) == 0 else { return files.map { .doubt($0) } }
        guard status.st_mode & S_IFMT == S_IFREG else { return [.turn] }
        // A new file is written next, and closing it tells so; a link to a file was written before.
        let isComplete = event.has(IN_MOVED_TO) || status.st_nlink > 1
        return files.map { isComplete ? .change($0) : .doubt($0) }
    }
}
