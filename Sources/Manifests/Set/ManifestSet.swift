import ClusterIndex
import Files
import YAML

/// The objects of a set of files, and what changes when the files do.
///
/// Of each object only a fingerprint is kept. Where several files have the same object, the last file in path
/// order counts; when it lets go of the object, the one before it counts again.
public struct ManifestSet: Sendable {
    /// What a look at the files found beside changes.
    public struct Report: Sendable {
        /// Warnings too.
        public var errors: [ManifestError] = []
        /// Files that were read.
        public var filesRead = 0
    }

    /// Objects in all files together, each once.
    public var objectCount: Int { claims.count }
    /// Objects of other kinds, passed over.
    public var skippedCount: Int { files.values.reduce(0) { $0 + $1.skipped } }
    /// The files that were read, in no order.
    public var filePaths: [String] { Array(files.keys) }

    let paths: ManifestPaths
    private var files: [String: FileState] = [:]
    private var pathByNumber: [UInt32: String] = [:]
    private var lastNumber: UInt32 = 0
    private var claims = ClaimTable()
    /// Told of each file once, until it can be opened.
    private var faults: [String: RegularFile.OpenFault] = [:]

    private struct FileState: Sendable {
        var number: UInt32
        /// Nil after a failure, so that the next look reads it again.
        var identity: FileIdentity?
        /// Those that it claims, each once.
        var objects: [ObjectID] = []
        var skipped = 0
    }

    /// Nothing is read until `refresh`. Relative paths are resolved against `base`.
    public init(paths: [String], base: String = "") {
        self.paths = ManifestPaths(paths, base: base)
    }

    /// Lists the directories, reads what is new or changed and lets go of what is gone.
    public mutating func refresh(_ emit: (ManifestChange) -> Void) -> Report {
        let (found, errors) = paths.files()
        var report = Report(errors: errors)
        for file in found {
            let identity = FileIdentity(path: file.path)
            if identity == nil || files[file.path]?.identity != identity { load(file, &report, emit) }
        }
        let present = Set(found.map(\.path))
        for path in files.keys.sorted() where !present.contains(path) { forget(path) }
        faults = faults.filter { present.contains($0.key) }
        settle(&report, emit)
        return report
    }

    /// Whether a file is as it was when it was read.
    func isCurrent(_ path: String) -> Bool {
        guard let identity = FileIdentity(path: path) else { return files[path] == nil }
        return files[path]?.identity == identity
    }

    /// Reads these files again, by the paths that the set has for them, and lets go of those that are gone.
    public mutating func reload(files changed: [String], _ emit: (ManifestChange) -> Void) -> Report {
        var report = Report()
        for path in changed {
            if let file = paths.file(at: path) { load(file, &report, emit) }
        }
        settle(&report, emit)
        return report
    }
}

/// One file at a time.
extension ManifestSet {
    private mutating func load(_ file: ManifestPaths.File, _ report: inout Report, _ emit: (ManifestChange) -> Void) {
        do {
            let open = try RegularFile(file.path)
            report.filesRead += 1
            faults[file.path] = nil
            let number = register(file)
            if files[file.path]?.objects.isEmpty ?? true {
                readFirst(open, number, &report, emit)
            } else {
                readAgain(open, number, &report, emit)
            }
        } catch {
            miss(file, error, &report)
        }
    }

    /// The number that stands for a file in claims.
    private mutating func register(_ file: ManifestPaths.File) -> UInt32 {
        if let known = files[file.path] { return known.number }
        lastNumber += 1
        files[file.path] = FileState(number: lastNumber)
        pathByNumber[lastNumber] = file.path
        claims.add(file: lastNumber, file.order)
        return lastNumber
    }

    /// A file that has nothing to lose: its objects are handed on while it is read.
    private mutating func readFirst(
        _ file: borrowing RegularFile, _ number: UInt32, _ report: inout Report, _ emit: (ManifestChange) -> Void
    ) {
        var objects: [ObjectID] = []
        let summary = ManifestReader.forEachObject(in: file) { object, position in
            let id = ObjectID(kind: object.kind, key: object.key)
            let claim = Claim(file: number, position: position, fingerprint: object.hashValue)
            if let earlier = claims.claim(on: id, by: number) {
                report.errors.append(twice(id, claim, earlier))
            } else {
                objects.append(id)
            }
            if make(claim, on: id, &report) { emit(.upsert(object)) }
        }
        report.errors += summary.errors
        let identity = file.identity
        update(file.path) {
            $0 = FileState(number: number, identity: identity, objects: objects, skipped: summary.skipped)
        }
    }

    /// A file that was read before: a fault that cuts it short must not take effect by halves.
    private mutating func readAgain(
        _ file: borrowing RegularFile, _ number: UInt32, _ report: inout Report, _ emit: (ManifestChange) -> Void
    ) {
        var news = FileNews()
        var doubles: [ManifestError] = []
        let summary = ManifestReader.forEachObject(in: file) { object, position in
            let id = ObjectID(kind: object.kind, key: object.key)
            let claim = Claim(file: number, position: position, fingerprint: object.hashValue)
            let isKnown = claims.claim(on: id, by: number)?.fingerprint == claim.fingerprint
            let earlier = news.add(id, claim, isKnown ? nil : object)
            if let earlier { doubles.append(twice(id, claim, earlier)) }
        }
        let identity = file.identity
        update(file.path) { $0.identity = identity }
        guard summary.isComplete else {
            report.errors += summary.errors.map { $0.adding("what was read before stays") }
            return
        }
        report.errors += summary.errors + doubles
        apply(news, Set(summary.rejected), number, file.path, &report, emit)
        update(file.path) { $0.skipped = summary.skipped }
    }

    private mutating func apply(
        _ news: FileNews, _ rejected: Set<ObjectID>, _ number: UInt32, _ path: String, _ report: inout Report,
        _ emit: (ManifestChange) -> Void
    ) {
        var objects: [ObjectID] = []
        objects.reserveCapacity(news.entries.count)
        for entry in news.entries {
            objects.append(entry.id)
            if make(entry.claim, on: entry.id, &report), let object = entry.object { emit(.upsert(object)) }
        }
        for id in files[path]?.objects ?? [] where !news.contains(id) {
            // As for the API server, an object that is refused leaves the one before in place.
            if rejected.contains(id) { objects.append(id) } else { claims.release(id, by: number) }
        }
        update(path) { $0.objects = objects }
    }

    /// A file that cannot be opened.
    private mutating func miss(_ file: ManifestPaths.File, _ fault: RegularFile.OpenFault, _ report: inout Report) {
        let count = files[file.path]?.objects.count ?? 0
        let isNews = faults.updateValue(fault, forKey: file.path) != fault || count > 0
        let error = ManifestError(fault, of: file.path)
        switch fault {
        case .missing, .directory:
            forget(file.path)
            // In a directory, files come and go.
            if !file.isNamed {
                faults[file.path] = nil
            } else if isNews {
                let gone = count == 1 ? "the object read from it is gone" : "the \(count) objects read from it are gone"
                let outcome = count > 0 ? gone : "it is read as soon as it does"
                report.errors.append(error.adding(outcome))
            }
        case .special, .failed:
            update(file.path) { $0.identity = nil }
            if isNews { report.errors.append(count == 0 ? error : error.adding("what was read before stays")) }
        }
    }

    private mutating func forget(_ path: String) {
        guard let state = files.removeValue(forKey: path) else { return }
        for object in state.objects { claims.release(object, by: state.number) }
        pathByNumber[state.number] = nil
        claims.remove(file: state.number)
    }

    private mutating func update(_ path: String, _ change: (inout FileState) -> Void) {
        guard var state = files.removeValue(forKey: path) else { return }
        change(&state)
        files[path] = state
    }
}

/// Objects that several files have.
extension ManifestSet {
    /// Whether the object is to be told of.
    private mutating func make(_ claim: Claim, on id: ObjectID, _ report: inout Report) -> Bool {
        let outcome = claims.make(claim, on: id)
        if let conflict = outcome.conflict { report.errors.append(warning(of: conflict, claim, id)) }
        return outcome.isChange
    }

    /// Tells of objects that no file has any more, and reads those again that another file has.
    private mutating func settle(_ report: inout Report, _ emit: (ManifestChange) -> Void) {
        // Each turn settles an object or takes a claim from it.
        while true {
            let (deleted, toRead) = claims.settle()
            for id in deleted { emit(.delete(id.kind, id.key)) }
            if toRead.isEmpty { return }
            for (number, wanted) in toRead { readBack(wanted, number, &report, emit) }
        }
    }

    private mutating func readBack(
        _ wanted: Set<ObjectID>, _ number: UInt32, _ report: inout Report, _ emit: (ManifestChange) -> Void
    ) {
        var missing = wanted
        if let path = pathByNumber[number], let file = try? RegularFile(path) {
            report.filesRead += 1
            _ = ManifestReader.forEachObject(in: file) { object, position in
                let id = ObjectID(kind: object.kind, key: object.key)
                guard wanted.contains(id) else { return }
                missing.remove(id)
                let claim = Claim(file: number, position: position, fingerprint: object.hashValue)
                if make(claim, on: id, &report) { emit(.upsert(object)) }
            }
        }
        for id in missing { claims.release(id, by: number) }
    }

    private func twice(_ id: ObjectID, _ claim: Claim, _ earlier: Claim) -> ManifestError {
        warning(claim, "\(id) is also in line \(earlier.position.line) of this file; this one counts")
    }

    private func warning(of conflict: ClaimTable.Conflict, _ claim: Claim, _ id: ObjectID) -> ManifestError {
        switch conflict {
        case .overrules(let other):
            warning(claim, "\(id) is also at \(place(other)); this one counts, as the later in path order")
        case .yields(let other):
            warning(claim, "\(id) is also at \(place(other)), which counts, as the later in path order")
        }
    }

    private func warning(_ claim: Claim, _ message: String) -> ManifestError {
        ManifestError(
            severity: .warning, file: pathByNumber[claim.file] ?? "", line: Int(claim.position.line),
            column: Int(claim.position.column), message: message)
    }

    private func place(_ claim: Claim) -> String {
        "\(pathByNumber[claim.file] ?? ""):\(claim.position.line):\(claim.position.column)"
    }
}

/// What a file that was read before has now.
private struct FileNews {
    struct Entry {
        var id: ObjectID
        var claim: Claim
        /// Nil where it is as it was, so that an unchanged file is not held in memory.
        var object: ClusterObject?
    }

    private(set) var entries: [Entry] = []
    private var indexes: [ObjectID: Int] = [:]

    /// Adds an object; one that is there already is replaced, and its claim returned.
    mutating func add(_ id: ObjectID, _ claim: Claim, _ object: ClusterObject?) -> Claim? {
        let entry = Entry(id: id, claim: claim, object: object)
        guard let index = indexes[id] else {
            indexes[id] = entries.count
            entries.append(entry)
            return nil
        }
        defer { entries[index] = entry }
        return entries[index].claim
    }

    func contains(_ id: ObjectID) -> Bool { indexes[id] != nil }
}
