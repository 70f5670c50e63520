import Glibc

/// A directory of its own for each test, removed at its end.
final class ConnectionFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("\(P_tmpdir)/connection-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw FolderError(code: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { remove(path) }

    func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file in place.
    func write(_ name: String, _ text: String, mode: mode_t = 0o600) throws {
        let descriptor = open(self(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw FolderError(code: errno) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw FolderError(code: errno) }
    }

    /// What a file holds; empty where there is none.
    func read(_ name: String) -> String { Self.content(of: self(name)) }

    static func content(of path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    func folder(_ name: String) throws {
        guard mkdir(self(name), 0o755) == 0 else { throw FolderError(code: errno) }
    }

    /// Makes a symbolic link, in the place of one that is there.
    func link(_ name: String, to target: String) throws {
        guard symlink(target, self(".link")) == 0, rename(self(".link"), self(name)) == 0 else {
            throw FolderError(code: errno)
        }
    }

    func delete(_ name: String) throws {
        guard unlink(self(name)) == 0 else { throw FolderError(code: errno) }
    }

    /// A sentence without the folder's name.
    func relative(_ text: String) -> String {
        var text = text
        while let range = text.firstRange(of: path + "/") { text.removeSubrange(range) }
        return text
    }

    private func remove(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        if status.st_mode & S_IFMT == S_IFDIR, let directory = opendir(path) {
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { remove("\(path)/\(name)") }
            }
            closedir(directory)
        }
        _ = Glibc.remove(path)
    }

    struct FolderError: Error { var code: Int32 }
}
