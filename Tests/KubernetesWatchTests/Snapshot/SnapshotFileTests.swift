import ClusterIndex
import Glibc
import Testing

@testable import KubernetesWatch

@Suite("A snapshot")
struct SnapshotFileTests {
    private let folder = TemporaryFolder()
    private let index = SnapshotObjects.index(services: 3)

    private var file: SnapshotFile { SnapshotFile(folder.path + "/cluster.snapshot") }

    @Test("gives back what was written, large or small", arguments: [0, 3, 500])
    func everything(services: Int) throws {
        let index = SnapshotObjects.index(services: services)
        try file.write(index, fingerprint: "https://10.0.0.1 é", time: 1_767_225_600)
        var objects: [ClusterObject] = []
        let header = try file.read(fingerprint: "https://10.0.0.1 é") { objects.append($0) }
        #expect(header == SnapshotHeader(time: 1_767_225_600, serial: 17, clusterSetSerial: 18))
        #expect(objects == index.objects)
    }

    @Test("of nothing is a snapshot too")
    func empty() throws {
        try file.write(ClusterIndex(), fingerprint: "", time: 0)
        #expect(try file.read(fingerprint: "") { _ in Issue.record("an object of nothing") }.serial == 0)
    }

    @Test("is its owner's alone, and takes the place of the one before without leaving anything behind")
    func replaces() throws {
        try file.write(ClusterIndex(), fingerprint: "", time: 1)
        try file.write(index, fingerprint: "", time: 2)
        #expect(try read().time == 2)
        #expect(folder.names == ["cluster.snapshot"])
        var status = stat()
        #expect(stat(file.path, &status) == 0 && status.st_mode & 0o777 == 0o600)
    }

    @Test("is written over what a process left that died while writing")
    func leftover() throws {
        folder.write([UInt8](repeating: 1, count: 1 << 20), to: "cluster.snapshot.new")
        try file.write(index, fingerprint: "", time: 2)
        #expect(try read().time == 2)
        #expect(folder.names == ["cluster.snapshot"])
    }

    @Test("that a symbolic link stands in for is not written through it")
    func symbolicLink() throws {
        folder.write([1], to: "other")
        symlink("other", file.path + ".new")
        #expect(writeError() == "cannot be written: Too many levels of symbolic links")
        #expect(folder.read("other") == [1])
    }

    @Test("is not handed on for another configuration")
    func fingerprint() throws {
        try file.write(index, fingerprint: "a", time: 2)
        for other in ["", "b", "aa", "A"] {
            #expect(readError(other) == "it was made for another API server or other options; starting without it")
        }
    }

    @Test("with any byte changed, or cut anywhere, is refused before anything is handed on")
    func damage() throws {
        try file.write(index, fingerprint: "f", time: 2)
        let whole = folder.read("cluster.snapshot")
        for place in whole.indices {
            for change in [UInt8(1), 0x80] {
                var bytes = whole
                bytes[place] ^= change
                expectRefused(bytes, "byte \(place) changed by \(change)")
            }
            expectRefused(Array(whole.prefix(place)), "cut at \(place)")
        }
        expectRefused(whole + [0], "one byte more")
        expectRefused(whole + whole, "twice")
    }

    private func expectRefused(_ bytes: [UInt8], _ what: String) {
        var input = SnapshotInput(bytes)
        do {
            _ = try input.read(fingerprint: "f") { _ in Issue.record("handed on: \(what)") }
            Issue.record("read: \(what)")
        } catch {}
    }

    @Test(
        "says what is wrong with it",
        arguments: [
            ([], "it is no snapshot; starting without it"),
            (Array("CLDN".utf8), "it ends too early; starting without it"),
            (Array("apiVersion: v1\nkind: List\nitems: []\n".utf8), "it is no snapshot; starting without it"),
            (
                Array("CLDNSNAP".utf8) + [2, 0, 0, 0] + [UInt8](repeating: 0, count: 20),
                "its version 2 is not known here; starting without it"
            ),
            (
                Array("CLDNSNAP".utf8) + [1, 0, 0, 0] + [UInt8](repeating: 255, count: 40),
                "its header is malformed; starting without it"
            ),
            (
                Array("CLDNSNAP".utf8) + [1, 0, 0, 0] + [UInt8](repeating: 0, count: 40),
                "its checksum is wrong; starting without it"
            ),
        ] as [([UInt8], String)])
    func faults(bytes: [UInt8], sentence: String) {
        folder.write(bytes, to: "cluster.snapshot")
        #expect(readError("") == sentence)
    }

    @Test("with right checksums and wrong contents is refused", arguments: [0, 1, 2])
    func malice(kind: Int) throws {
        try file.write(ClusterIndex(), fingerprint: "", time: 2)
        let header = Array(folder.read("cluster.snapshot").dropLast(SnapshotFormat.trailerBytes))
        let (body, count, sentence): ([UInt8], UInt8, String) = [
            ([0xFF, 0xFF, 0xFF, 0x7F], 1, "record 1 has an impossible length; starting without it"),
            ([3, 1, 0, 0, 1, 9], 2, "record 2 is malformed; starting without it"),
            ([3, 1, 0, 0, 3, 1, 0, 0], 3, "it does not have all records; starting without it"),
        ][kind]
        let bytes = header + body + [count, 0, 0, 0, 0, 0, 0, 0]
        var checksum = Checksum()
        bytes.withUnsafeBytes { checksum.add($0) }
        folder.write(bytes + withUnsafeBytes(of: checksum.value.littleEndian, Array.init), to: "cluster.snapshot")
        #expect(readError("", handingOn: kind) == sentence)
    }

    @Test("that is not there, or no file, says so")
    func noFile() {
        #expect(readError("") == "there is none yet")
        mkdir(file.path, 0o700)
        #expect(readError("") == "it is no snapshot; starting without it")
        #expect(writeError() == "cannot be written: Is a directory")
        #expect(folder.names == ["cluster.snapshot"])
    }

    @Test("never takes the place of something else", arguments: ["apiVersion: v1\nkind: Config\n", "CLDNS", "{}"])
    func foreign(text: String) {
        folder.write(Array(text.utf8), to: "cluster.snapshot")
        let isSnapshot = text.hasPrefix("CLDN")
        let words = "what is there is no snapshot and stays; nothing was written: name another file"
        #expect(writeError() == (isSnapshot ? nil : words))
        #expect((folder.read("cluster.snapshot") == Array(text.utf8)) != isSnapshot)
        #expect(folder.names == ["cluster.snapshot"])
    }

    @Test("never takes the place of a pipe")
    func pipe() {
        #expect(mkfifo(file.path, 0o600) == 0)
        #expect(writeError()?.hasPrefix("what is there is no snapshot and stays") == true)
    }

    @Test("that cannot be written says why and leaves the one before")
    func unwritable() throws {
        try file.write(index, fingerprint: "", time: 2)
        #expect(writeError(file.path + "/below") == "cannot be written: Not a directory")
        #expect(writeError(folder.path + "/none/file") == "cannot be written: its directory does not exist")
        let long = String(repeating: "a", count: SnapshotLimits.fingerprintBytesMax + 1)
        #expect(
            writeError(fingerprint: long) == "the options that it is made for are too long; nothing was written")
        var large = ClusterIndex()
        let addresses = Array(repeating: "", count: SnapshotLimits.elementsMax + 1)
        large.upsert(
            .endpointSlice(
                EndpointSlice(
                    key: ObjectKey(namespace: "a", name: "s"), serviceName: "w",
                    endpoints: [Endpoint(addresses: addresses, ready: false)])))
        #expect(writeError(large) == "EndpointSlice a/s is too large; nothing was written")
        #expect(try read().time == 2)
        #expect(folder.names == ["cluster.snapshot"])
    }

    @Test("that another process writes to is left to it")
    func busy() throws {
        let descriptor = open(file.path + ".new", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        #expect(flock(descriptor, LOCK_EX) == 0)
        #expect(writeError() == "another process writes to it; nothing was written")
        #expect(folder.names == ["cluster.snapshot.new"])
        #expect(flock(descriptor, LOCK_UN) == 0)
        #expect(writeError() == nil)
    }

    private func read() throws -> SnapshotHeader { try file.read(fingerprint: "") { _ in } }

    private func readError(_ fingerprint: String, handingOn expected: Int = 0) -> String? {
        var handedOn = 0
        defer { #expect(handedOn == expected) }
        do {
            _ = try file.read(fingerprint: fingerprint) { _ in handedOn += 1 }
            return nil
        } catch {
            return sentence(error, file)
        }
    }

    private func writeError(_ index: ClusterIndex = ClusterIndex(), fingerprint: String = "") -> String? {
        writeError(file.path, index, fingerprint)
    }

    private func writeError(_ path: String, _ index: ClusterIndex = ClusterIndex(), _ fingerprint: String = "")
        -> String?
    {
        let file = SnapshotFile(path)
        do {
            try file.write(index, fingerprint: fingerprint, time: 3)
            return nil
        } catch {
            return sentence(error, file)
        }
    }

    /// What follows `snapshot PATH: `.
    private func sentence(_ error: SnapshotError, _ file: SnapshotFile) -> String {
        let prefix = "snapshot \(file.path): "
        #expect(error.description.hasPrefix(prefix))
        return String(error.description.dropFirst(prefix.count))
    }
}
