import ClusterIndex
import HTTPClient
import Testing

@testable import KubernetesWatch

/// What the API server may answer instead of what was asked for.
@Suite struct ReflectorRefusalTests {
    /// What is told to somebody who watches from 10.
    static let onWatch: [(event: [ReflectorEvent], actions: [String])] = [
        ([.error(410, "Expired", "too old resource version")], ["failed: expired", "send streaming list from 10"]),
        ([.error(410, "Gone")], ["failed: expired", "send streaming list from 10"]),
        ([.error(500, "Expired")], ["failed: expired", "send streaming list from 10"]),
        ([.error(504, "Timeout", "Too large resource version")], ["failed: server", "retry later"]),
        ([.error(500, "InternalError")], ["failed: server", "retry later"]),
        ([.error(429, "TooManyRequests", retryAfter: 3)], ["failed: throttled", "retry later"]),
        ([.error(403, "Forbidden")], ["failed: forbidden", "retry later"]),
        ([.error(401, "Unauthorized")], ["failed: unauthorized", "retry later"]),
        ([.undecodable(DecodingFault("odd"))], ["failed: garbled", "retry later"]),
        ([.failed(.cutShort)], ["failed: cut", "retry later"]),
        ([.failed(.garbled)], ["failed: garbled", "retry later"]),
        ([.failed(.unreachable)], ["failed: unreachable", "retry later"]),
    ]

    @Test("ends a watch that brings an error, and does what the error asks for", arguments: onWatch)
    func errorsOnWatch(_ events: [ReflectorEvent], _ actions: [String]) {
        var rig = ReflectorRig.watching(from: "10")
        let words = rig.take(events).filter { $0 != "refuse credentials" }
        #expect(words == ["cancel"] + actions)
    }

    /// What is answered to a watch from 10.
    static let onRequest: [(status: Int, events: [ReflectorEvent], actions: [String])] = [
        (410, [.error(410, "Expired")], ["failed: expired", "send streaming list from 10"]),
        (410, [.text("gone")], ["failed: expired", "send streaming list from 10"]),
        (401, [.error(401)], ["failed: unauthorized", "retry later"]),
        (403, [.error(403)], ["failed: forbidden", "retry later"]),
        (404, [.text("404 page not found")], ["failed: missing", "retry later"]),
        (406, [.error(406, "NotAcceptable")], ["send watch from 10 as JSON"]),
        (415, [.error(415, "UnsupportedMediaType")], ["send watch from 10 as JSON"]),
        (429, [.text("Too many requests")], ["failed: throttled", "retry later"]),
        (500, [.error(500)], ["failed: server", "retry later"]),
        (503, [.text("apiserver is shutting down")], ["failed: server", "retry later"]),
        (504, [.error(504, "Timeout")], ["failed: server", "retry later"]),
        (302, [.end], ["failed: server", "retry later"]),
        (503, [.failed(.cutShort)], ["failed: server", "retry later"]),
    ]

    @Test("takes a refused request for what its status says", arguments: onRequest)
    func refusedRequest(_ status: Int, _ events: [ReflectorEvent], _ actions: [String]) {
        var rig = ReflectorRig.watching(from: "10")
        rig.wait(.seconds(60))
        rig.take(.end, .sent)
        let words = rig.take([.refused(status)] + events).filter { $0 != "refuse credentials" }
        #expect(words == ["cancel"] + actions)
    }

    @Test("the content of a refusal is not waited for long")
    func refusalWithoutEnd() {
        var rig = ReflectorRig()
        rig.take(.start, .sent, .refused(503), .read)
        #expect(
            rig.wait(ReflectorLimits.refusalMax) == ["renew connections", "cancel", "failed: server", "retry later"])
    }

    @Test("refused credentials are forgotten before the next attempt")
    func unauthorized() {
        var rig = ReflectorRig()
        rig.take(.start, .sent, .refused(401))
        let words = rig.take(.error(401, "Unauthorized", "Unauthorized"))
        #expect(words == ["refuse credentials", "cancel", "failed: unauthorized", "retry later"])
        #expect(rig.lastTimer <= .milliseconds(250))
    }

    @Test(
        "a list from a version that the server has yet to reach is followed by one from scratch",
        arguments: [true, false])
    func futureVersion(_ isEvent: Bool) {
        var rig = ReflectorRig.watching(from: "10")
        rig.take(.error(410, "Expired"))
        rig.take(.sent, isEvent ? .ok : .refused(504, retryAfter: .seconds(1)))
        rig.take(.error(504, "Timeout", "Too large resource version: 10, current: 7", retryAfter: 1))
        #expect(rig.lastTimer >= .seconds(1))
        #expect(rig.awaitTimer() == ["send streaming list"])
    }

    @Test("pages that expire on the way are followed by a list in one piece")
    func expiredPages() {
        var rig = ReflectorRig()
        rig.memory.streamingLists = .refused
        rig.take(.start, .sent, .ok, .added("a", "1"), .metadata("5", then: "more"), .end, .sent, .refused(410))
        let status = APIStatus(code: 410, reason: "Expired", continueToken: "inconsistent")
        #expect(rig.take(.item(.status(status))) == ["cancel", "failed: expired", "send list from 1 in one piece"])
        #expect(rig.take(.sent, .ok, .added("b", "1"), .metadata("6"), .end).contains("retain b"))
    }

    @Test("expiry upon expiry is slowed down, and forgotten once a watch works")
    func expiryInALoop() {
        var rig = ReflectorRig.watching()
        for _ in 0..<12 {
            rig.take(.error(410, "Expired"))
            if rig.reflector.attempt == nil { rig.awaitTimer() }
            rig.take(.sent, .ok, .listEnd("12"))
        }
        let waits = rig.failures.map(\.retry)
        #expect(waits.first == .zero)
        #expect(waits.last.map { $0 >= ReflectorLimits.relistMax / 2 } == true)
        rig.wait(.seconds(1))
        #expect(rig.take(.error(410, "Expired")).last == "send streaming list from 12")
    }

    @Test("waits as long as the server asks, up to a limit", arguments: [(1, 1), (16, 16), (3_600, 60)])
    func retryAfter(_ asked: Int, _ waited: Int) {
        var rig = ReflectorRig()
        rig.take(.start, .sent, .refused(429, retryAfter: .seconds(asked)), .text("Too many requests"))
        #expect(rig.lastTimer >= .seconds(waited) && rig.lastTimer <= .seconds(waited) * 1.25)
    }

    // MARK: Streaming lists

    /// How servers without streaming lists put it.
    static let refusals: [(status: Int, message: String, memory: ServerMemory.StreamingLists)] = [
        (422, "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless …", .refused),
        (422, "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch", .refused),
        (403, "sendInitialEvents is forbidden", .refused),
        (400, "unknown query parameter", .untried),
        (405, "", .untried),
        (501, "", .untried),
    ]

    @Test("lists in pages where a streaming list is refused, and remembers it once that works", arguments: refusals)
    func streamingRefused(_ status: Int, _ message: String, _ memory: ServerMemory.StreamingLists) {
        var rig = ReflectorRig()
        rig.take(.start, .sent, .refused(status))
        #expect(rig.take(.error(status, "Invalid", message)) == ["cancel", "send list"])
        #expect(rig.memory.streamingLists == memory)
        rig.take(.sent, .ok, .metadata("5"), .end)
        #expect(rig.memory.streamingLists == .refused)
        rig.take(.sent, .ok)
        #expect(rig.take(.error(410)) == ["cancel", "failed: expired", "send list from 5"])
    }

    @Test("what one resource learnt about the server holds for the others")
    func commonMemory() {
        var rig = ReflectorRig(.pods)
        rig.memory.streamingLists = .refused
        #expect(rig.take(.start) == ["send list"])
    }

    @Test("a server that was out of reach is asked again for a streaming list, and for protobuf")
    func memoryEnds() {
        var rig = ReflectorRig()
        rig.memory.streamingLists = .refused
        rig.take(.start, .sent, .refused(406))
        #expect(rig.take(.error(406)) == ["cancel", "send list as JSON"])
        rig.take(.sent, .failed(.unreachable))
        #expect(rig.awaitTimer() == ["send streaming list"])
    }

    @Test("a refusal for another reason is not blamed on the streaming list for ever")
    func otherReason() {
        var rig = ReflectorRig()
        rig.take(.start, .sent, .refused(400))
        rig.take(.error(400, "BadRequest", "unable to parse requirement"))
        rig.take(.sent, .refused(400), .error(400, "BadRequest", "unable to parse requirement"))
        #expect(rig.memory.streamingLists == .untried)
        #expect(rig.awaitTimer() == ["send streaming list"])
    }

    @Test("a bookmark ahead of the end of the list shows that the server streams no list")
    func ignoredByBookmark() {
        var rig = ReflectorRig()
        rig.take(.start, .sent, .ok, .added("a", "1"))
        #expect(rig.take(.bookmark("5")) == ["cancel", "send list from 1"])
        rig.take(.sent, .ok, .added("a", "1"), .metadata("5"), .end)
        #expect(rig.memory.streamingLists == .ignored)
    }

    // MARK: Doubt

    @Test("a version that only brings errors is dropped", arguments: [400, 500])
    func distrustedVersion(_ status: Int) {
        var rig = ReflectorRig.watching(from: "abc")
        rig.wait(.seconds(5))
        rig.take(.end)
        for _ in 0..<2 {
            rig.take(.sent, .refused(status), .error(status, "", "Invalid value"))
            #expect(rig.awaitTimer() == ["send watch from abc"])
        }
        rig.take(.sent, .refused(status), .error(status, "", "Invalid value"))
        #expect(rig.awaitTimer() == ["send streaming list"])
    }

    @Test("what cannot be read as protobuf is asked for as JSON, and the other way round")
    func otherEncoding() {
        var rig = ReflectorRig()
        rig.take(.start)
        var encodings: [Bool] = []
        for _ in 0..<6 {
            encodings.append(rig.requests.last?.usesProtobuf == true)
            rig.take(.sent, .ok, .undecodable(DecodingFault("odd")))
            rig.awaitTimer()
        }
        #expect(encodings == [true, true, false, false, true, true])
    }

    @Test("what is no Kubernetes content is not read", arguments: ["text/html; charset=utf-8", "", nil])
    func otherContent(_ type: String?) throws {
        var rig = ReflectorRig()
        rig.take(.start, .sent)
        let words = rig.take(.head(status: 200, ContentType(type), retryAfter: nil), .added("a", "1"))
        #expect(words == ["cancel", "failed: garbled", "retry later"])
    }

    // MARK: Sentences

    static let sentences: [(resource: WatchedResource, status: APIStatus, text: String)] = [
        (
            .endpointSlices,
            APIStatus(
                code: 403,
                message: "endpointslices.discovery.k8s.io is forbidden: User \"system:serviceaccount:default:nobody\" "
                    + "cannot watch resource"),
            "the role of system:serviceaccount:default:nobody may not watch endpointslices in API group "
                + "\"discovery.k8s.io\" at the cluster scope: it needs the verbs list and watch; the API server says: "
                + "endpointslices.discovery.k8s.io is forbidden: User \"system:serviceaccount:default:nobody\" cannot "
                + "watch resource"
        ),
        (
            .services, APIStatus(code: 403),
            "our role may not watch services in API group \"\" at the cluster scope: "
                + "it needs the verbs list and watch"
        ),
        (
            .endpointSlices, APIStatus(code: 404, message: "404 page not found"),
            "the API server has no endpointslices (discovery.k8s.io/v1); Kubernetes 1.21 or newer is needed"
        ),
        (
            .serviceImports, APIStatus(code: 404),
            "the API server has no serviceimports (multicluster.x-k8s.io/v1alpha1); the custom resource definition of "
                + "ServiceImport is not installed"
        ),
        (
            .pods, APIStatus(code: 404),
            "the API server has no pods (v1); something else than an API server answers there"
        ),
        (
            .pods, APIStatus(code: 401, message: "Unauthorized"),
            "the API server does not accept our credentials: Unauthorized"
        ),
        (
            .pods, APIStatus(code: 503, message: "shutting\n\tdown\u{1b}"),
            "the list of pods was refused with 503: shutting down"
        ),
        (.pods, APIStatus(code: 429), "the list of pods was put off by the API server"),
    ]

    @Test("says in a sentence what is wrong", arguments: sentences)
    func sentence(_ resource: WatchedResource, _ status: APIStatus, _ text: String) {
        var rig = ReflectorRig(resource)
        rig.take(.start, .sent, .refused(status.code), .item(.status(status)))
        #expect(rig.failures.map(\.failure.description) == [text])
    }

    @Test("a long text of the server is cut")
    func longText() throws {
        var rig = ReflectorRig()
        rig.take(.start, .sent, .refused(503), .text(String(repeating: "word ", count: 10_000)))
        let text = try #require(rig.failures.first).failure.description
        #expect(text.count < 500 && text.hasSuffix("…"))
    }

    // MARK: What is not there

    @Test("a cluster without ServiceImports counts as one that has none, once it has said so twice")
    func missingDefinition() {
        var rig = ReflectorRig(.serviceImports)
        rig.take(.start, .sent, .refused(404))
        #expect(rig.take(.text("404 page not found")) == ["cancel", "failed: missing", "retry later"])
        rig.awaitTimer()
        let words = rig.take(.sent, .refused(404), .text("404 page not found"))
        #expect(words == ["cancel", "failed: missing", "retry later", "synced"])
        rig.awaitTimer()
        let listed = rig.take(.sent, .head(status: 200, .json, retryAfter: nil), .listEnd("4"))
        #expect(listed == ["relisting", "retain ", "recovered after 2", "fresh"])
    }

    @Test("a cluster without EndpointSlices never counts as in sync, and is asked again within seconds")
    func missingSlices() {
        var rig = ReflectorRig(.endpointSlices)
        rig.take(.start)
        for _ in 0..<20 {
            rig.take(.sent, .refused(404), .text("404 page not found"))
            rig.awaitTimer()
        }
        #expect(!rig.reports.contains(.synced))
        #expect(rig.failures.count == 20 && rig.failures.allSatisfy { $0.retry <= .seconds(5) })
    }

    @Test("ServiceImports are asked for as JSON")
    func customResource() {
        var rig = ReflectorRig(.serviceImports)
        #expect(rig.take(.start) == ["send streaming list as JSON"])
    }
}
