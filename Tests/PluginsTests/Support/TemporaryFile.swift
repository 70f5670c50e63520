import Glibc

/// A file of a test's own, removed at its end.
final class TemporaryFile {
    let path: String

    init(_ text: String, extension suffix: String = "yaml") throws {
        path = "\(P_tmpdir)/clusterdns-test-\(getpid())-\(UInt64.random(in: 0 ... .max)).\(suffix)"
        try write(text)
    }

    deinit { remove() }

    /// Where it is.
    var directory: String { P_tmpdir }

    /// What it is called there.
    var name: String { String(path.dropFirst(directory.count + 1)) }

    /// Removes it before its time.
    func remove() { unlink(path) }

    /// Replaces the content at once, as editors do.
    func write(_ text: String) throws {
        let aside = path + ".new"
        guard let file = fopen(aside, "w") else { throw Failure(code: errno) }
        fputs(text, file)
        fclose(file)
        guard rename(aside, path) == 0 else { throw Failure(code: errno) }
    }

    struct Failure: Error {
        let code: Int32
    }
}
