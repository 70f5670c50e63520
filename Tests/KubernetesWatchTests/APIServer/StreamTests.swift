import ClusterIndex
import KubernetesWatch
import TestSupport
import Testing

@Suite("Lists and watches of the test server")
struct StreamTests {
    private let server: APIServer

    init() throws { server = try APIServer() }

    private func watch(
        _ parameters: String, _ resource: WatchedResource = .services
    ) throws -> RawExchange {
        try RawExchange(server, "\(resource.path)?watch=true\(parameters)")
    }

    @Test(
        "begin with everything in the order of keys, then a bookmark, then what happens",
        arguments: [
            StreamDecoder.Encoding.json, .protobuf,
        ])
    func streamingList(encoding: StreamDecoder.Encoding) throws {
        // `a-b/x` comes before `a/x`, because `-` comes before `/`.
        for namespace in ["b", "a", "a-b"] {
            server.apply(.service(Service(key: ObjectKey(namespace: namespace, name: "x"))))
        }
        let stream = try RawExchange.streaming(server, .services, "", encoding)
        #expect(
            stream.words(4, .services, encoding) == [
                "upsert a-b/x 1003", "upsert a/x 1002", "upsert b/x 1001", "bookmark 1003 end",
            ])
        #expect(server.waitForWatches())
        server.apply(Samples.service("new"))
        server.apply(.namespace(Namespace(name: "other")))
        server.delete(.services, ObjectKey(namespace: "a", name: "x"))
        server.sendBookmarks()
        #expect(
            stream.words(3, .services, encoding) == ["upsert prod/new 1004", "delete a/x 1006", "bookmark 1006"])
    }

    @Test("go on where the last one stopped")
    func resume() throws {
        server.apply(Samples.service("a"))
        let version = server.version
        server.apply(Samples.service("a", "10.0.0.10"))
        server.apply(Samples.service("b"))
        server.delete(.services, Samples.key("a"))
        #expect(
            try watch("&resourceVersion=\(version)").words(3, .services) == [
                "upsert prod/a 1002", "upsert prod/b 1003", "delete prod/a 1004",
            ])
    }

    @Test("without a version begin with everything, and no marker of its end", arguments: ["", "&resourceVersion=0"])
    func synthetic(version: String) throws {
        server.apply([Samples.service("a"), Samples.service("b")])
        let stream = try watch("&allowWatchBookmarks=true\(version)")
        #expect(stream.words(2, .services) == ["upsert prod/a 1001", "upsert prod/b 1002"])
        #expect(server.waitForWatches())
        server.apply(Samples.service("c"))
        #expect(stream.words(1, .services) == ["upsert prod/c 1003"])
    }

    @Test("send no bookmarks unless they are allowed")
    func noBookmarks() throws {
        server.apply(Samples.service("a"))
        let parameters = "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
        let stream = try watch(parameters)
        #expect(server.waitForWatches())
        server.sendBookmarks()
        server.apply(Samples.service("b"))
        #expect(stream.words(2, .services) == ["upsert prod/a 1001", "upsert prod/b 1002"])
    }

    @Test("send bookmarks by themselves, and end in order when their time is over")
    func timeout() throws {
        server.configure { $0.bookmarkInterval = .milliseconds(50) }
        let stream = try watch("&allowWatchBookmarks=true&timeoutSeconds=1&resourceVersion=1000")
        let (bytes, end) = stream.rest()
        #expect(end == .last)
        #expect(Transcript(Stream(.json, .watch, .service), bytes).words.first == "bookmark 1000")
        stream.again("\(WatchedResource.services.path)?limit=1")
        #expect(stream.status == 200)
        #expect(server.waitForWatches(count: 0))
    }

    @Test("tell of objects that begin to match a selector as new, and of those that no longer do as deleted")
    func selection() throws {
        server.apply([Samples.service("a", labels: ["tier": "gold"]), Samples.service("b", labels: ["tier": "tin"])])
        let stream = try RawExchange.streaming(server, .services, "&labelSelector=tier+in+(gold,silver)")
        #expect(stream.words(2, .services) == ["upsert prod/a 1001", "bookmark 1002 end"])
        #expect(server.waitForWatches())
        server.apply(Samples.service("b", labels: ["tier": "silver"]))
        server.apply(Samples.service("a", labels: [:]))
        server.apply(Samples.service("a", "10.0.0.11", labels: [:]))
        server.delete(.services, Samples.key("a"))
        server.delete(.services, Samples.key("b"))
        guard case .chunk(let added) = stream.next(), case .chunk(let deleted) = stream.next() else {
            return #expect(Bool(false), "the stream ended")
        }
        #expect(String(decoding: added, as: UTF8.self).hasPrefix(#"{"type":"ADDED""#))
        // As it was when it matched, with the version of the change.
        let text = String(decoding: deleted, as: UTF8.self)
        #expect(text.hasPrefix(#"{"type":"DELETED""#) && text.contains(#""tier":"gold""#))
        #expect(text.contains(#""resourceVersion":"1004""#))
        #expect(stream.words(1, .services) == ["delete prod/b 1007"])
    }

    @Test(
        "take labels and fields as selectors",
        arguments: [
            ("labelSelector=tier%3Dgold", ["a"]), ("labelSelector=tier%3D%3Dgold", ["a"]),
            ("labelSelector=tier!%3Dgold", ["b", "c", "d"]), ("labelSelector=tier", ["a", "b"]),
            ("labelSelector=!tier", ["c", "d"]), ("labelSelector=tier%20in%20(gold,tin)", ["a", "b"]),
            ("labelSelector=tier+notin+(gold)", ["b", "c", "d"]), ("labelSelector=tier,tier!%3Dtin", ["a"]),
            ("fieldSelector=metadata.name%3Dc", ["c"]), ("fieldSelector=status.phase!%3DFailed", ["a", "b", "c"]),
            ("fieldSelector=status.phase!%3DFailed%2Cstatus.phase!%3DSucceeded&labelSelector=!tier", ["c"]),
            ("", ["a", "b", "c", "d"]),
        ])
    func selectors(query: String, names: [String]) throws {
        server.apply(
            [("a", "gold", "Running"), ("b", "tin", "Pending"), ("c", "", "Running"), ("d", "", "Failed")].map {
                .pod(Pod(key: Samples.key($0), labels: $1.isEmpty ? [:] : ["tier": $1], ip: "10.0.0.1", phase: $2))
            })
        let list = try RawExchange(server, "\(WatchedResource.pods.path)?\(query)")
        #expect(
            Transcript(Stream(.json, .list, .pod), list.body()).items.compactMap(\.object?.key.name) == names)
    }

    @Test("show one namespace to those that ask for one")
    func namespaces() throws {
        server.apply([Samples.service("a"), .service(Service(key: ObjectKey(namespace: "dev", name: "b")))])
        let list = try RawExchange(server, "/api/v1/namespaces/dev/services")
        #expect(Transcript(Stream(.json, .list, .service), list.body()).words == ["upsert dev/b 1002", "list 1002"])
        let none = try RawExchange(server, "/api/v1/namespaces/not-there/services").text()
        let recorded = String(decoding: Recordings.body("list-services-ns-missing"), as: UTF8.self)
        #expect(none == recorded.replacing("998", with: "1002"))
    }

    @Test(
        "come in pages of one version, whatever happens between them",
        arguments: [
            StreamDecoder.Encoding.json, .protobuf,
        ])
    func pages(encoding: StreamDecoder.Encoding) throws {
        server.apply((0..<7).map { Samples.service("s\($0)") })
        let version = server.version
        let accept = encoding == .json ? "application/json" : RawExchange.protobuf
        var words: [String] = []
        var token = ""
        for page in 0..<3 {
            let list = try RawExchange(
                server, "\(WatchedResource.services.path)?limit=3&continue=\(token)", accept: accept)
            let items = Transcript(Stream(encoding, .list, .service), list.body()).items
            words += items.compactMap(\.object?.key.name)
            guard case .listMetadata(let listed, let next) = items.first(where: { $0.object == nil }) else { break }
            #expect("\(listed)" == "\(version)")
            token = next
            server.apply(Samples.service("s4", "10.9.9.\(page)"))
            server.apply(Samples.service("between\(page)"))
            server.delete(.services, Samples.key("s6"))
        }
        #expect(words == (0..<7).map { "s\($0)" })
        #expect(token.isEmpty)
    }

    @Test("carry continue tokens as a real server makes them")
    func tokens() throws {
        server.apply([Samples.service("mysql"), Samples.service("pg")])
        let text = try RawExchange(server, "\(WatchedResource.services.path)?limit=1").text()
        // {"v":"meta.k8s.io/v1","rv":1002,"start":"/prod/mysql\u0000"}
        let token = "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MTAwMiwic3RhcnQiOiIvcHJvZC9teXNxbFx1MDAwMCJ9"
        #expect(text.contains(#""metadata":{"resourceVersion":"1002","continue":"\#(token)","remainingItemCount":1}"#))
    }

    @Test("remember a bounded number of changes")
    func boundedHistory() throws {
        var behaviour = APIServer.Behaviour()
        behaviour.historyMax = 10
        let server = try APIServer(behaviour)
        for number in 0..<35 { server.apply(Samples.service("a", "10.0.0.\(number)")) }
        let path = "\(WatchedResource.services.path)?watch=true&resourceVersion="
        let held = try RawExchange(server, "\(path)1025")
        #expect(held.words(10, .services) == (1_026...1_035).map { "upsert prod/a \($0)" })
        let gone = try RawExchange(server, "\(path)1024")
        #expect(gone.words(2, .services) == ["status 410 Expired"])
    }

    @Test("hear of every difference when everything is replaced")
    func replacing() throws {
        server.apply([Samples.service("a"), Samples.service("b"), Samples.service("c")])
        let stream = try RawExchange.streaming(server, .services)
        #expect(stream.words(4, .services).count == 4)
        #expect(server.waitForWatches())
        server.replaceAll(with: [Samples.service("b"), Samples.service("c", "10.0.0.99"), Samples.service("d")])
        #expect(stream.words(3, .services) == ["delete prod/a 1004", "upsert prod/c 1005", "upsert prod/d 1006"])
    }

    @Test("are on record, with what the client said of itself")
    func records() throws {
        let before = server.requests.count
        _ = try RawExchange(
            server, "/api/v1/pods?watch=1&fieldSelector=status.phase%21%3DFailed", accept: RawExchange.protobuf,
            ["Authorization: Bearer abc"])
        #expect(server.waitForRequests(RequestSet(.pods, .watch)))
        let request = try #require(server.requests.last)
        #expect(server.requests.count == before + 1)
        #expect((request.method, request.path) == ("GET", "/api/v1/pods"))
        #expect(request.query == "watch=1&fieldSelector=status.phase%21%3DFailed")
        #expect(request.parameters["fieldSelector"] == "status.phase!=Failed")
        #expect((request.accept, request.userAgent) == (RawExchange.protobuf, "tests"))
        #expect(request.authorization == "Bearer abc")
        server.forgetRequests()
        #expect(server.requests.isEmpty)
    }
}
