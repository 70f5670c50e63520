import ClusterIndex
import KubernetesWatch
import Sockets
import TestSupport
import Testing

@Suite("The test server, going away and coming back")
struct OutageTests {
    private let server: APIServer
    private static let services = WatchedResource.services.path

    init() throws {
        server = try APIServer()
        server.apply(Samples.service("a"))
    }

    @Test("ends streams without their last chunk, refuses, and comes back on its port with what changed meanwhile")
    func killed() throws {
        let stream = try RawExchange.streaming(server, .services)
        #expect(stream.words(2, .services).count == 2)
        #expect(server.waitForWatches())
        let port = server.port
        server.goDown()
        guard case .cut = stream.next() else { return #expect(Bool(false), "the stream goes on") }
        #expect(throws: SystemError.self, performing: ask)
        server.apply(Samples.service("b"))
        server.delete(.services, Samples.key("a"))
        try server.comeBack()
        #expect(server.port == port)
        let resumed = try RawExchange(server, "\(Self.services)?watch=true&resourceVersion=1001")
        #expect(resumed.words(2, .services) == ["status 410 Expired"])
        let listed = try RawExchange.streaming(server, .services)
        #expect(listed.words(2, .services) == ["upsert prod/b 1002", "bookmark 1003 end"])
    }

    private func ask() throws { _ = try RawExchange(server, Self.services) }

    @Test(
        "lets watches go on after a restart if nothing has changed, or its history is kept", arguments: [true, false])
    func resumes(keepingHistory: Bool) throws {
        server.goDown()
        if keepingHistory { server.apply(Samples.service("b")) }
        try server.comeBack(keepingHistory: keepingHistory)
        let resumed = try RawExchange(server, "\(Self.services)?watch=true&resourceVersion=1001")
        #expect(server.waitForWatches())
        if !keepingHistory { server.apply(Samples.service("b")) }
        #expect(resumed.words(1, .services) == ["upsert prod/b 1002"])
    }

    @Test("drains on SIGTERM: refuses at once, keeps streams silent and ends them in order")
    func terminated() throws {
        let stream = try RawExchange.streaming(server, .services)
        #expect(stream.words(2, .services).count == 2)
        #expect(server.waitForWatches())
        server.goDown(.terminated(drain: .milliseconds(50)))
        #expect(throws: SystemError.self, performing: ask)
        server.apply(Samples.service("unheard"))
        let (bytes, end) = stream.rest()
        #expect(bytes.isEmpty)
        #expect(end == .last)
        stream.again(Self.services)
        #expect(stream.status == 0)
    }

    @Test("comes back by itself")
    func restarts() throws {
        server.restart(.reset, awayFor: .milliseconds(30))
        var list: RawExchange?
        for _ in 0..<20_000 where list == nil { list = try? RawExchange(server, Self.services) }
        #expect(list?.status == 200)
    }

    @Test("leaves nothing behind when it stops")
    func stops() throws {
        let streams = try WatchedResource.allCases.map { try RawExchange.streaming(server, $0) }
        #expect(server.waitForWatches(count: streams.count))
        server.stop()
        #expect(server.connectionCount == 0)
        #expect(server.watchCount() == 0)
        #expect(throws: SystemError.self, performing: ask)
        for stream in streams {
            guard case .cut = stream.rest().end else { return #expect(Bool(false), "a stream goes on") }
        }
    }

    @Test("plays recorded streams to the byte, as far as it is told")
    func recorded() throws {
        let recording = Array(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabc\n\r\n4\r\ndef\n\r\n0\r\n\r\n".utf8)
        server.record("watch-services", recording, upTo: 56)
        server.answer { $0.resource == .services ? .recorded("watch-services") : nil }
        let streams = try [RawExchange.streaming(server, .services), RawExchange.streaming(server, .services)]
        for stream in streams { #expect(stream.next() == .chunk(Array("abc\n".utf8))) }
        #expect(server.recordedInUse == ["watch-services"])
        server.advance("watch-services", to: 59)
        server.advance("watch-services", to: recording.count)
        for stream in streams {
            #expect(stream.next() == .chunk(Array("def\n".utf8)))
            #expect(stream.next() == .last)
        }
        #expect(server.recordedInUse.isEmpty)
        let other = try RawExchange.streaming(server, .namespaces)
        #expect(other.words(1, .namespaces) == ["bookmark 1001 end"])
    }

    @Test("cuts the connection where a recording was cut")
    func recordedCut() throws {
        server.record("cut", Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\nabc".utf8))
        server.answer { _ in .recorded("cut") }
        #expect(try RawExchange(server, Self.services).next() == .cut(bytes: 3))
    }

    @Test("answers single requests as a test says")
    func answers() throws {
        let expired = APIServerStatus.tooOld(5, floor: 9)
        server.answer { request in
            switch request.verb {
            case .watch: .status(expired, asEvent: true)
            case .list: .status(expired, asEvent: false)
            case .get: .raw(Array("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n".utf8), closes: true)
            }
        }
        let watch = try RawExchange.streaming(server, .services)
        #expect(watch.status == 200)
        #expect(watch.words(2, .services) == ["status 410 Expired"])
        #expect(try RawExchange(server, Self.services).status == 410)
        #expect(try RawExchange(server, "/api/v1/namespaces/prod/services/a").status == 204)
    }
}
