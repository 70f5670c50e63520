import ClusterIndex
import Glibc
import KubernetesWatch
import TestSupport
import Testing

@Suite("a snapshot")
struct SnapshotTests {
    /// A folder with the snapshot of a cluster that a server has left behind.
    private static func left(_ api: APIServer, _ options: String = "") throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        let dns = try TestServer(watching: api, SnapshotTests.options(in: directory, options))
        try #require(dns.readiness() == 200)
        dns.stop()
        try #require(directory.content(of: "snapshot") != nil)
        return directory
    }

    private static func options(in directory: TemporaryDirectory, _ more: String = "") -> String {
        "snapshot \(directory.path)/snapshot\n\(more)"
    }

    @Test("answers while the API server is away, says so, and loses what is gone when that is back")
    func restart() async throws {
        let api = try APIServer()
        defer { api.stop() }
        api.apply(Sample.shop + [Sample.service("deleted", at: "10.96.0.3"), Sample.service("moved", at: "10.96.0.4")])
        let directory = try SnapshotTests.left(api)
        let before = Expectation(api)
        api.goDown()
        api.delete(.services, Sample.key("deleted"))
        api.apply(Sample.service("moved", at: "10.96.9.4"))

        let dns = try TestServer(watching: api, SnapshotTests.options(in: directory, "startup_timeout 60s"))
        let journal = Journal(dns)
        #expect(try before.differences(from: dns) == [])
        #expect(try dns.outcome("nothing.shop.svc.cluster.local. A") == "NXDOMAIN")
        #expect(try dns.readiness() == 200)
        let line = journal.lines(
            with: "[WARNING] plugin/kubernetes: answering from the snapshot \(directory.path)/snapshot")
        #expect(line.count == 1)
        #expect(line.first?.contains("s ago, 6 objects, until the API server has been heard") == true)
        #expect(try dns.metric("resource_synced", #"resource="services""#) == 0)

        let kept = QueryLoad(on: dns, Expectation(Sample.shop))
        try api.comeBack()
        let after = Expectation(api)
        #expect(try await differences(dns, from: api, gone: after.without(before)) == [])
        #expect(await eventually { !journal.lines(with: "in sync with \(api.url) after").isEmpty })
        #expect(try dns.metric("resource_synced", #"resource="services""#) == 1)
        #expect(kept.stop() == [])
    }

    @Test("is passed over when the API server is there: what it says is newer")
    func unneeded() async throws {
        let api = try APIServer()
        defer { api.stop() }
        api.apply(Sample.shop + [Sample.service("deleted", at: "10.96.0.3")])
        let directory = try SnapshotTests.left(api)
        let before = Expectation(api)
        api.delete(.services, Sample.key("deleted"))
        let dns = try TestServer(watching: api, SnapshotTests.options(in: directory))
        #expect(try Expectation(api).differences(from: dns, gone: Expectation(api).without(before)) == [])
        dns.stop()
        // And what is written at the end is what was known then.
        api.goDown()
        let next = try TestServer(watching: api, SnapshotTests.options(in: directory))
        #expect(try next.outcome("deleted.shop.svc.cluster.local. A") == "NXDOMAIN")
        #expect(try next.outcome("web.shop.svc.cluster.local. A") == "10.96.0.1")
    }

    /// Ways to spoil a snapshot.
    enum Spoiling { case cut, flipped, text, empty, missing, folder }

    private static func spoil(_ directory: TemporaryDirectory, _ spoiling: Spoiling) throws {
        var bytes = directory.content(of: "snapshot") ?? []
        switch spoiling {
        case .cut: bytes.removeLast(bytes.count / 3)
        case .flipped: bytes[bytes.count / 2] ^= 0x10
        case .text: bytes = Array("apiVersion: v1\nkind: List\n".utf8)
        case .empty: bytes = []
        case .missing, .folder:
            unlink("\(directory.path)/snapshot")
            if spoiling == .folder { mkdir("\(directory.path)/snapshot", 0o755) }
            return
        }
        try directory.write(bytes, to: "snapshot")
    }

    @Test(
        "that cannot be used is told in one line, and the start is as without",
        arguments: [
            (Spoiling.cut, "starting without it"), (.flipped, "starting without it"),
            (.text, "it is no snapshot; starting without it"), (.empty, "it is no snapshot; starting without it"),
            (.folder, "it is no snapshot; starting without it"), (.missing, "there is none yet"),
        ])
    func spoilt(spoiling: Spoiling, words: String) async throws {
        let api = try APIServer()
        defer { api.stop() }
        api.apply(Sample.shop)
        let directory = try SnapshotTests.left(api)
        try SnapshotTests.spoil(directory, spoiling)
        let dns = try TestServer(watching: api, SnapshotTests.options(in: directory))
        let journal = Journal(dns)
        let lines = journal.lines(with: "plugin/kubernetes: snapshot \(directory.path)/snapshot: ")
            // Where something else is in the way, nothing is written either.
            .filter { !$0.hasSuffix("cannot be written: Is a directory") && !$0.contains("nothing was written") }
        #expect(lines.count == 1 && lines[0].contains(words), "\(lines)")
        #expect(try await differences(dns, from: api) == [])
        dns.stop()
        // The next one is well again, but where something else has the name.
        let isWritten = directory.content(of: "snapshot")?.starts(with: Array("CLDNSNAP".utf8)) == true
        #expect(isWritten == (spoiling != .folder && spoiling != .text))
    }

    @Test(
        "of another configuration is not used, and told in one line", arguments: ["pods verified", "namespaces shop"])
    func other(option: String) async throws {
        let api = try APIServer()
        defer { api.stop() }
        api.apply(Sample.shop)
        let directory = try SnapshotTests.left(api)
        api.goDown()
        let dns = try TestServer(
            watching: api, SnapshotTests.options(in: directory, "\(option)\nstartup_timeout 50ms"))
        let journal = Journal(dns)
        let words = "it was made for another API server or other options; starting without it"
        #expect(
            journal.lines(with: "[ERROR] plugin/kubernetes: snapshot \(directory.path)/snapshot: \(words)").count == 1)
        #expect(try dns.readiness() == 503)
        #expect(try dns.outcome("web.shop.svc.cluster.local. A") == "SERVFAIL")
        try api.comeBack()
        #expect(try await differences(dns, from: api) == [])
    }

    @Test("for which there is no directory is told in one line, and all else goes on")
    func nowhere() async throws {
        let api = try APIServer()
        defer { api.stop() }
        api.apply(Sample.shop)
        let directory = try TemporaryDirectory()
        let dns = try TestServer(watching: api, "snapshot \(directory.path)/none/snapshot")
        let journal = Journal(dns)
        let failure = "snapshot \(directory.path)/none/snapshot: cannot be written: its directory does not exist"
        #expect(await eventually { !journal.lines(with: "[ERROR] plugin/kubernetes: \(failure)").isEmpty })
        #expect(try await differences(dns, from: api) == [])
        dns.stop()
        #expect(journal.lines(with: failure).count == 1)
    }
}
