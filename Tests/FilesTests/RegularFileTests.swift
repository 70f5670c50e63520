import Files
import Glibc
import Testing

struct RegularFileTests {
    let directory: String

    init() throws {
        var template = Array("\(P_tmpdir)/files-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func write(_ name: String, _ bytes: [UInt8]) throws {
        let descriptor = open("\(directory)/\(name)", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        try #require(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
    }

    private func content(_ path: String, limit: Int = 1 << 20) -> (bytes: [UInt8]?, fault: String?) {
        do throws(RegularFile.OpenFault) {
            let file = try RegularFile(path)
            do throws(RegularFile.ReadFault) {
                return (try file.read(limit: limit), nil)
            } catch {
                return (nil, error.description)
            }
        } catch {
            return (nil, error.description)
        }
    }

    @Test("reads a file whole up to the limit", arguments: [0, 1, 16 << 10, (16 << 10) + 1, 100_000])
    func readsWhole(_ count: Int) throws {
        defer { remove(directory) }
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        try write("file", bytes)
        defer { remove("\(directory)/file") }
        #expect(content("\(directory)/file", limit: count).bytes == bytes)
        #expect(content("\(directory)/file").bytes == bytes)
        if count > 0 {
            #expect(content("\(directory)/file", limit: count - 1).fault == "is larger than \((count - 1) >> 10) KiB")
        }
    }

    @Test("says what is no file")
    func refusesOthers() throws {
        defer { remove(directory) }
        #expect(content("\(directory)/none").fault == "does not exist")
        #expect(content("\(directory)/a\0b").fault == "does not exist")
        #expect(content(directory).fault == "is a directory")
        #expect(content("/dev/null").fault == "is neither a file nor a directory")
        try #require(mkfifo("\(directory)/pipe", 0o600) == 0)
        defer { remove("\(directory)/pipe") }
        #expect(content("\(directory)/pipe").fault == "is neither a file nor a directory")
    }

    @Test("tells a file from the one that took its place, though it has the same bytes")
    func tellsIdentity() throws {
        defer { remove(directory) }
        let path = "\(directory)/file"
        #expect(FileIdentity(path: path) == nil)
        try write("file", [1])
        defer { remove(path) }
        let before = FileIdentity(path: path)
        #expect(before != nil)
        #expect(FileIdentity(path: path) == before)
        try write("new", [1])
        try #require(rename("\(directory)/new", path) == 0)
        #expect(FileIdentity(path: path) != before)
        let identity = try RegularFile(path).identity
        #expect(identity == FileIdentity(path: path))
    }
}
