import Files
import Glibc
import Testing

@Suite("Files that are looked at again and again")
struct PolledFileTests {
    private func write(_ text: String, to path: String) throws {
        // A file of its own each time, so that it is told apart whatever the clock says.
        let fresh = path + ".new"
        let descriptor = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        try #require(descriptor >= 0)
        #expect(Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count)
        close(descriptor)
        try #require(rename(fresh, path) == 0)
    }

    private func look(_ file: inout PolledFile) -> String {
        switch file.look() {
        case .unchanged: "unchanged"
        case .content(let bytes, let changedAt): "\(bytes.count) bytes" + (changedAt > 1e9 ? "" : " too old")
        case .absent: "absent"
        case .failed(let reason): reason
        }
    }

    @Test("are read up to a size, when they are other files than before")
    func looksAtFiles() throws {
        var template = Array("\(P_tmpdir)/polled-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let path = "\(directory)/file"
        defer { rmdir(directory) }
        var file = PolledFile(path, bytesMax: 16)
        #expect(look(&file) == "absent")
        try write("10.0.0.1 a.test\n", to: path)
        #expect(look(&file) == "16 bytes")
        #expect(look(&file) == "unchanged")
        try write("10.0.0.10 a.test\n", to: path)
        #expect(look(&file) == "it is larger than 16 bytes")
        #expect(look(&file) == "unchanged")
        unlink(path)
        #expect(look(&file) == "absent")
        try write("10.0.0.2 b.test\n", to: path)
        #expect(look(&file) == "16 bytes")
        unlink(path)
        file = PolledFile(directory, bytesMax: 16)
        #expect(look(&file) == "it is a directory")
    }
}
