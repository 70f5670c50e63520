import Glibc

@testable import Manifests

/// A directory of its own for each test, removed at its end.
final class Folder {
    let path: String

    init() throws {
        var template = Array("\(P_tmpdir)/manifests-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw FolderError(code: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { remove(path) }

    func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file in place, as `>` does.
    func write(_ name: String, _ text: String) throws {
        guard let file = fopen(self(name), "w") else { throw FolderError(code: errno) }
        defer { fclose(file) }
        guard fputs(text, file) >= 0 else { throw FolderError(code: errno) }
    }

    /// Writes a file aside and renames it over the old one, as editors do.
    func replace(_ name: String, _ text: String) throws {
        try write(".new", text)
        try move(".new", name)
    }

    func move(_ from: String, _ to: String) throws {
        guard rename(self(from), self(to)) == 0 else { throw FolderError(code: errno) }
    }

    func delete(_ name: String) throws {
        guard Glibc.remove(self(name)) == 0 else { throw FolderError(code: errno) }
    }

    func link(_ name: String, to target: String) throws {
        guard symlink(target, self(name)) == 0 else { throw FolderError(code: errno) }
    }

    func folder(_ name: String) throws {
        guard mkdir(self(name), 0o755) == 0 else { throw FolderError(code: errno) }
    }

    private func remove(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        if status.st_mode & S_IFMT == S_IFDIR, let directory = opendir(path) {
            while let entry = readdir(directory) {
                let name = ManifestPaths.name(of: entry)
                if name != ".", name != ".." { remove("\(path)/\(name)") }
            }
            closedir(directory)
        }
        _ = Glibc.remove(path)
    }

    struct FolderError: Error { var code: Int32 }
}
