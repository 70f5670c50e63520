import ClusterIndex
import KubernetesWatch
import Testing

@testable import TestSupport

@Suite("What the test server refuses")
struct RefusalTests {
    /// A request of the recordings, and what came of it.
    struct Recorded: Sendable, CustomStringConvertible {
        let path: String
        var accept = "application/json"
        let status: Int
        var type = "application/json"
        /// The name of the recorded body, or the body itself.
        let body: String

        var description: String { "\(status) \(path) \(accept)" }

        var bytes: [UInt8] { body.hasPrefix("rec:") ? Recordings.body(String(body.dropFirst(4))) : Array(body.utf8) }
    }

    private static let services = "/api/v1/services"
    private static let slices = "/apis/discovery.k8s.io/v1/endpointslices"
    private static let imports = "/apis/multicluster.x-k8s.io/v1alpha1/serviceimports"

    /// The head of a Status, as JSON has it.
    private static let failure = #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"#
    private static let missing =
        failure + #""the server could not find the requested resource","reason":"NotFound","details":{},"code":404}"#
        + "\n"

    private static let recorded = [
        Recorded(
            path: "\(services)?limit=5&continue=abc", status: 400,
            body: failure + #""invalid continue token: continue key is not valid: invalid character 'i' looking for "#
                + #"beginning of value","reason":"BadRequest","code":400}"# + "\n"),
        Recorded(
            path: "\(services)?limit=abc", status: 400,
            body: failure + #""strconv.ParseInt: parsing \"abc\": invalid syntax","reason":"BadRequest","code":400}"#
                + "\n"),
        Recorded(
            path: "\(services)?watch=true&resourceVersion=abc", status: 500,
            body: failure + #""resourceVersion: Invalid value: \"abc\": strconv.ParseUint: parsing \"abc\": invalid "#
                + #"syntax","code":500}"# + "\n"),
        Recorded(
            path: "\(services)?limit=5&continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJ4In0"
                + "&resourceVersion=5",
            status: 400,
            body: failure + #""specifying resource version is not allowed when using continue","#
                + #""reason":"BadRequest","code":400}"# + "\n"),
        Recorded(
            path: "\(slices)?watch=true&labelSelector=a%3D%3D%3D", status: 400,
            body: failure + #""unable to parse requirement: found '=', expected: identifier","#
                + #""reason":"BadRequest","code":400}"# + "\n"),
        Recorded(
            path: "/api/v1/namespaces/prod/services/nope", status: 404,
            body: failure + #""services \"nope\" not found","reason":"NotFound","#
                + #""details":{"name":"nope","kind":"services"},"code":404}"# + "\n"),
        Recorded(path: "/apis/discovery.k8s.io/v1beta1/endpointslices", status: 404, body: missing),
        Recorded(path: "/api/v1/sevices", status: 404, body: missing),
        Recorded(path: imports, status: 404, type: "text/plain; charset=utf-8", body: "rec:404-unknown-group"),
        Recorded(
            path: "\(services)?watch=true&sendInitialEvents=true&timeoutSeconds=2", status: 422,
            body: "rec:422-watchlist-without-match"),
        Recorded(
            path: services, accept: "text/plain", status: 406,
            body: failure + #""406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, "#
                + "application/vnd.kubernetes.protobuf, application/json;stream=watch, "
                + #"application/vnd.kubernetes.protobuf;stream=watch","reason":"NotAcceptable","#
                + #""details":{},"code":406}"# + "\n"),
    ]

    @Test("is answered as recorded", arguments: recorded)
    func recordedRefusals(row: Recorded) throws {
        var behaviour = APIServer.Behaviour()
        behaviour.resources.remove(.serviceImports)
        let response = try RawExchange(APIServer(behaviour), row.path, accept: row.accept)
        #expect(response.status == row.status)
        #expect(response.headers["content-type"] == row.type)
        #expect(response.text() == String(decoding: row.bytes, as: UTF8.self))
    }

    @Test(
        "names user, verb, resource and group in 403, before it tells of 404",
        arguments: [
            (services, APIRequest.Verb.list, WatchedResource.services, "application/json", "rec:403-list"),
            (slices, .list, .endpointSlices, "application/json", "rec:403-endpointslices"),
            (services, .list, .services, RawExchange.protobuf, "rec:403-pb"),
        ])
    func forbidden(
        path: String, verb: APIRequest.Verb, resource: WatchedResource, accept: String, body: String
    ) throws {
        let user = "system:serviceaccount:default:nobody"
        var behaviour = APIServer.Behaviour()
        behaviour.users = .known(tokens: ["secret": user])
        behaviour.forbidden = [APIServer.Permission(verb, resource)]
        let server = try APIServer(behaviour)
        let response = try RawExchange(server, path, accept: accept, ["Authorization: Bearer secret"])
        #expect(response.status == 403)
        #expect(response.headers["content-type"] == accept)
        #expect(response.body() == Recordings.body(String(body.dropFirst(4))))
        server.configure { $0.resources = [] }
        #expect(try RawExchange(server, path, accept: accept, ["Authorization: Bearer secret"]).status == 403)
    }

    @Test("are users without a token, with a wrong one and with one that is no longer good")
    func unauthorized() throws {
        var behaviour = APIServer.Behaviour()
        behaviour.users = .known(tokens: ["old": "a"], certificates: ["CN=tester,O=testers": "tester"])
        let server = try APIServer(behaviour)
        let old = ["Authorization: Bearer old"]
        #expect(try get(server, old).status == 200)
        server.configure { $0.users = .known(tokens: ["new": "a"], certificates: ["CN=tester,O=testers": "tester"]) }
        for headers in [old, [], ["Authorization: Bearer x"], ["X-Front-Client: CN=other"]] {
            let response = try get(server, headers)
            #expect(response.status == 401)
            #expect(response.body() == Recordings.body("401-bad-token"))
        }
        for headers in [["Authorization: Bearer new"], ["X-Front-Client: CN=tester,O=testers"]] {
            #expect(try get(server, headers).status == 200)
        }
    }

    private func get(_ server: APIServer, _ headers: [String]) throws -> RawExchange {
        try RawExchange(server, Self.services, accept: "application/json", headers)
    }

    @Test("are versions of the future: lists and streaming lists after a while with 504, watches with silence")
    func futureVersions() throws {
        var behaviour = APIServer.Behaviour()
        behaviour.futureVersionPatience = .milliseconds(10)
        let server = try APIServer(behaviour)
        let list = try RawExchange(server, "\(Self.services)?resourceVersion=101153")
        #expect(list.status == 504)
        #expect(list.headers["retry-after"] == "1")
        #expect(list.body() == Self.recorded("504-rv-too-large-list", current: "1153", server))
        let streaming = try RawExchange.streaming(server, .services, "&resourceVersion=101153")
        #expect(streaming.status == 200)
        let (bytes, end) = streaming.rest()
        #expect(bytes == Self.recorded("504-rv-too-large-watchlist", current: "1155", server))
        #expect(end == .last)
        let next = server.version + 1
        let watch = try RawExchange(server, "\(Self.services)?watch=true&resourceVersion=\(next)")
        #expect(server.waitForWatches())
        server.apply(Samples.service("a"))
        server.apply(Samples.service("b"))
        #expect(watch.words(1, .services) == ["upsert prod/b \(next + 1)"])
    }

    /// A recorded body with this server's version in place of the recorded one.
    private static func recorded(_ name: String, current: String, _ server: APIServer) -> [UInt8] {
        let text = String(decoding: Recordings.body(name), as: UTF8.self)
        return Array(text.replacing("current: \(current)", with: "current: \(server.version)").utf8)
    }

    @Test("are versions that are gone, each in its way")
    func expiredVersions() throws {
        let server = try APIServer()
        server.apply((0..<6).map { Samples.service("s\($0)") })
        let page = try RawExchange(server, "\(Self.services)?limit=2").text()
        let token = try #require(page.firstMatch(of: /"continue":"([^"]+)"/)).1
        let old = server.version
        server.apply(Samples.service("new"))
        #expect(try RawExchange(server, "\(Self.services)?limit=2&continue=\(token)").status == 200)
        server.compact()

        let watch = try RawExchange(server, "\(Self.services)?watch=true&resourceVersion=\(old)")
        #expect(watch.status == 200)
        let (bytes, end) = watch.rest()
        let message = "too old resource version: \(old) (\(server.version))"
        let event = String(decoding: Recordings.body("410-watch-old-rv"), as: UTF8.self)
        #expect(bytes == Array(event.replacing("too old resource version: 1178 (1249)", with: message).utf8))
        #expect(end == .last)

        let exact = "\(Self.services)?limit=2&resourceVersion=\(old)&resourceVersionMatch=Exact"
        for (accept, name) in [("application/json", "410-exact"), (RawExchange.protobuf, "410-exact-pb")] {
            let response = try RawExchange(server, exact, accept: accept)
            #expect(response.status == 410)
            #expect(response.body() == Recordings.body(name))
        }
        let expired = try RawExchange(server, "\(Self.services)?limit=2&continue=\(token)")
        #expect(expired.status == 410)
        let text = expired.text()
        let again = try #require(text.firstMatch(of: /"continue":"([^"]+)"/)).1
        let recordedText = String(decoding: Recordings.body("410-continue"), as: UTF8.self)
        #expect(text == recordedText.replacing(/"continue":"[^"]+"/, with: "\"continue\":\"\(again)\""))
        let inconsistent = try RawExchange(server, "\(Self.services)?limit=9&continue=\(again)")
        let names = Transcript(Stream(.json, .list, .service), inconsistent.body()).items.compactMap(\.object?.key.name)
        #expect(names == ["s2", "s3", "s4", "s5"])
    }

    @Test(
        "writes the versions of 410 in protobuf as recorded",
        arguments: [
            ("410-watch-old-rv", UInt64(1_178)), ("410-watch-rv1", 1),
        ])
    func expiredEvents(name: String, version: UInt64) {
        for (form, suffix) in [(WireForm.json, ""), (.protobuf, "-pb")] {
            let status = APIServerStatus.tooOld(version, floor: 1_249)
            #expect(EventWriter(.services, form).error(status).payload == Recordings.body(name + suffix))
        }
    }

    @Test("too many requests get 429 in plain text")
    func tooMany() throws {
        let server = try APIServer()
        server.inject(.respond(.tooManyRequests(retryAfterSeconds: 16)), times: 2)
        for accept in ["application/json", RawExchange.protobuf] {
            let response = try RawExchange(server, Self.services, accept: accept)
            #expect(response.status == 429)
            #expect(response.headers["retry-after"] == "16")
            #expect(response.headers["content-type"] == "text/plain; charset=utf-8")
            #expect(response.body() == Recordings.body("429-list"))
        }
        #expect(try RawExchange(server, Self.services).status == 200)
    }

    @Test(
        "are streaming lists, on servers of before",
        arguments: [
            (
                APIServer.StreamingLists.switchedOff,
                "sendInitialEvents is forbidden for watch unless the WatchList feature "
                    + "gate is enabled"
            ),
            (.unknown, "resourceVersionMatch is forbidden for watch"),
        ])
    func oldServers(streaming: APIServer.StreamingLists, sentence: String) throws {
        var behaviour = APIServer.Behaviour()
        behaviour.streamingLists = streaming
        let response = try RawExchange.streaming(APIServer(behaviour), .services)
        #expect(response.status == 422)
        let status = Transcript(Stream(.json, .list, .service), response.body()).items.first
        guard case .status(let status) = status else { return #expect(Bool(false), "no Status") }
        #expect(status.reason == "Invalid")
        #expect(status.message.hasSuffix(": Forbidden: \(sentence)"))
    }

    @Test("is protobuf, by servers that know JSON only, and for custom resources")
    func protobufRefused() throws {
        let server = try APIServer()
        let imports = try RawExchange(server, Self.imports, accept: RawExchange.protobuf)
        #expect(imports.status == 406)
        let either = try RawExchange(server, Self.imports, accept: "\(RawExchange.protobuf),application/json")
        #expect(either.headers["content-type"] == "application/json")
        server.configure { $0.offersProtobuf = false }
        #expect(try RawExchange(server, Self.services, accept: RawExchange.protobuf).status == 406)
        let both = try RawExchange(server, Self.services, accept: "\(RawExchange.protobuf),application/json")
        #expect(both.status == 200)
        #expect(both.headers["content-type"] == "application/json")
    }
}
