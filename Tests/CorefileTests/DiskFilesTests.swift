import Glibc
import Testing

@testable import Corefile

@Suite struct DiskFilesTests {
    private let folder = Fixture.path("recorded/imports-environment")

    @Test("reads a file whole")
    func reads() throws {
        let content = try DiskFiles().read("\(folder)/conf.d/3.txt")
        #expect(String(decoding: content, as: UTF8.self) == "three.test:5300 {\n    whoami\n}\n")
    }

    @Test("says why a file cannot be read")
    func failures() {
        #expect(throws: FileError.notFound) { try DiskFiles().read("\(folder)/nope") }
        #expect(throws: FileError.notFound) { try DiskFiles().read("\(folder)/Corefile\0") }
        #expect(throws: FileError.unreadable("Is a directory")) { try DiskFiles().read(folder) }
        #expect(throws: FileError.tooLarge) { try DiskFiles().read("/dev/zero") }
    }

    @Test(
        "matches patterns in order, without folders",
        arguments: [
            ("conf.d/*.conf", ["conf.d/1.conf", "conf.d/2.conf"]), ("conf.d/?.txt", ["conf.d/3.txt"]),
            ("*", ["Corefile"]),
            ("no/*", []), ("*\0", []),
        ])
    func matches(pattern: String, expected: [String]) {
        let found = DiskFiles().paths(in: folder, matching: pattern)
        #expect(
            found.filter { !["answers.txt", "env", "zones.txt"].contains(String($0.dropFirst(folder.count + 1))) }
                == expected.map { "\(folder)/\($0)" })
    }

    @Test("takes wildcards in the name of the folder as they are")
    func escapesFolder() throws {
        var template = Array("\(P_tmpdir)/corefile-[x]*-XXXXXX".utf8CString)
        let made = try #require(mkdtemp(&template).map { String(cString: $0) })
        defer { rmdir(made) }
        let path = "\(made)/a.conf"
        close(open(path, O_CREAT | O_WRONLY, 0o600))
        defer { unlink(path) }
        #expect(DiskFiles().paths(in: made, matching: "*.conf") == [path])
    }

    @Test(
        "joins a folder and a name",
        arguments: [
            ("", "a", "a"), ("d", "a", "d/a"), ("d", "/a", "/a"), ("/", "a", "/a"), ("/d/", "../a", "/d/../a"),
        ])
    func joins(folder: String, name: String, expected: String) {
        #expect(DiskFiles.join(folder, name) == expected)
    }

    @Test("finds the folder of a file", arguments: [("a", ""), ("d/a", "d"), ("/a", "/"), ("/d/e/a", "/d/e")])
    func folders(path: String, expected: String) {
        #expect(DiskFiles.directory(of: path) == expected)
    }
}
