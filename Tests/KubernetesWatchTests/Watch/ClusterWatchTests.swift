import ClusterIndex
import HTTPClient
import Testing

@testable import KubernetesWatch

/// What the driver adds to the reflector: requests, credentials, order, and an end.
@Suite struct ClusterWatchTests {
    // MARK: Requests

    @Test("asks as who we are, for what is wanted")
    func request() throws {
        var selection = ClusterWatch.Selection()
        selection.labels = "tier in (gold,silver)"
        var connection = APIConnection(
            server: "https://api:6443/prefix", headers: [HTTPHeader("Impersonate-User", "somebody")])
        connection.transport.serverName = "kubernetes"
        let playback = Playback([.services], [.nothing], selection: selection, connection: connection)
        let certificate = HTTPTransport.ClientCertificate(certificate: [1], key: [2])
        playback.credentials.result = .success(
            RequestCredentials(authorization: "Bearer token", clientCertificate: certificate))
        playback.start()
        let request = try #require(playback.transport.requests.first)
        #expect(
            request.url.hasPrefix("https://api:6443/prefix/api/v1/services?allowWatchBookmarks=true&labelSelector="))
        #expect(request.url.contains("labelSelector=tier%20in%20%28gold%2Csilver%29&"))
        #expect(
            request.headers == [
                HTTPHeader("Accept", "application/vnd.kubernetes.protobuf;stream=watch"),
                HTTPHeader("Authorization", "Bearer token"), HTTPHeader("Impersonate-User", "somebody"),
            ])
        #expect(request.transport.clientCertificate == certificate)
        #expect(request.transport.serverName == "kubernetes")
    }

    @Test(
        "watches what was selected and nothing else, all from the start",
        arguments: [
            [.services], [.namespaces, .services, .endpointSlices, .pods, .serviceImports], [WatchedResource](),
        ])
    func selections(_ resources: [WatchedResource]) {
        let playback = Playback(resources, []).start()
        let paths = playback.transport.requests.map { $0.url.dropFirst(16).split(separator: "?")[0] }
        #expect(paths.map(String.init) == resources.map(\.path))
    }

    @Test("no resource waits for another")
    func independence() {
        let playback = Playback(
            [.namespaces, .services], [.failure(.unreachable), .recorded("watchlist-services-pb")])
        playback.start().pass(.milliseconds(100))
        #expect(playback.diary.lines.contains("synced"))
    }

    @Test("what one resource learns about the server spares the others the attempt")
    func commonMemory() {
        let playback = Playback(
            [.namespaces, .services],
            [
                .recorded("422-watchlist-without-match"), .content(500, [], [], .complete), .nothing,
                .recorded("list-services-rv0"),
            ])
        playback.start().pass(.seconds(1))
        #expect(playback.diary.lines.filter { $0 == "ask streaming list" }.count == 2)
        #expect(playback.diary.lines.filter { $0 == "ask list from 0" }.count == 2)
        #expect(playback.diary.lines.contains("synced"))
    }

    // MARK: Credentials

    @Test("nothing is sent before there are credentials")
    func lateCredentials() {
        let playback = Playback([.services], [.recorded("watchlist-services-pb")])
        playback.credentials.result = nil
        playback.start().pass(.seconds(60))
        #expect(playback.transport.requests.isEmpty && playback.diary.lines.isEmpty)
        playback.credentials.arrive()
        playback.pass(.seconds(1))
        #expect(playback.transport.requests.first?.headers[1].value == "Bearer late")
        #expect(playback.diary.lines.last == "synced")
    }

    @Test("credentials that come after they were given up are not used")
    func tooLateCredentials() {
        let playback = Playback([.services], [])
        playback.credentials.result = nil
        playback.start().pass(.seconds(95))
        #expect(playback.diary.failures.map(\.kind) == [.credentials])
        playback.credentials.arrive()
        #expect(playback.transport.requests.count == 1)
    }

    @Test("says why there are none, and asks again")
    func credentialFault() {
        let playback = Playback([.services], [.recorded("watchlist-services-pb")])
        playback.credentials.result = .failure(CredentialFault("token file /token: not found"))
        playback.start().pass(.seconds(1))
        #expect(playback.diary.failures.map(\.description).first == "token file /token: not found")
        playback.credentials.result = .success(RequestCredentials())
        playback.pass(.seconds(5))
        #expect(playback.diary.lines.contains("synced"))
    }

    @Test("credentials that the server refuses are forgotten")
    func refusedCredentials() {
        let playback = Playback([.services], [.recorded("401-bad-token"), .recorded("watchlist-services-pb")])
        playback.start().pass(.seconds(1))
        #expect(playback.credentials.refusals == 1)
        #expect(playback.diary.lines.last == "synced")
    }

    // MARK: Order

    @Test("tells that all is told after each read, and before that everything is there")
    func settled() {
        let playback = Playback([.services], [.trickled("watchlist-services-pb")])
        playback.diary.isCountingSettled = true
        playback.start().pass(.seconds(1))
        let lines = playback.diary.lines
        #expect(lines.filter { $0 == "settled" }.count == 89)
        #expect(lines.filter { $0 == "1 upserted initially" }.count == 88)
        #expect(lines.firstIndex(of: "synced").map { lines[$0 - 1] } == "settled")
    }

    @Test("a page that ends with its list settles too")
    func settledAtEnd() {
        let playback = Playback(
            [.services], [.recorded("422-watchlist-without-match"), .recorded("services-page-17")])
        playback.diary.isCountingSettled = true
        playback.start().pass(.seconds(1))
        let expected = ["3 upserted initially", "settled", "3 retained", "fresh", "settled", "synced"]
        #expect(playback.diary.lines.dropFirst(5).prefix(6) == expected[...])
    }

    // MARK: End

    @Test("after the stop nothing is told, asked or left open")
    func stop() {
        let playback = Playback([.services, .namespaces], [.recorded("watchlist-services-pb"), .nothing])
        playback.start().pass(.seconds(1))
        playback.stop()
        let lines = playback.diary.lines
        playback.pass(.seconds(1_000))
        #expect(playback.diary.lines == lines)
        #expect(playback.transport.isClosed && playback.transport.open == 0)
    }

    @Test("a stop from within the observer is an end too")
    func stopWithin() {
        let playback = Playback([.services], [.recorded("watchlist-services-pb")])
        var count = 0
        playback.diary.willUpsert = { [unowned playback] in
            count += 1
            if count == 10 { playback.stop() }
        }
        playback.start().pass(.seconds(1_000))
        #expect(count == 10)
        #expect(playback.diary.lines == ["ask streaming list", "watch 200", "relisting", "10 upserted initially"])
        #expect(playback.transport.open == 0)
    }

    @Test("is released with everything that it holds, stopped or not", arguments: [true, false])
    func release(_ isStopped: Bool) {
        weak var watch: ClusterWatch?
        weak var transport: PlayedTransport?
        do {
            let playback = Playback([.services], [.recorded("watchlist-services-pb"), .failure(.unreachable)])
            playback.start().pass(.seconds(5))
            watch = playback.watch
            transport = playback.transport
            if isStopped { playback.stop() }
        }
        #expect(watch == nil && transport == nil)
    }

    @Test("an observer that has gone is not missed")
    func goneObserver() {
        let transport: PlayedTransport
        let clock: VirtualClock
        let watch: ClusterWatch
        do {
            let playback = Playback([.services], [.recorded("watchlist-services-pb")])
            (transport, clock, watch) = (playback.transport, playback.clock, playback.watch)
            transport.willSend = { _ in }
            playback.start()
        }
        clock.pass(.seconds(2))
        withExtendedLifetime(watch) { #expect(transport.requests.count == 1) }
    }

    // MARK: Trouble

    @Test(
        "a server that fails at once is asked a few times a minute, not a few thousand times",
        arguments: [
            .failure(.unreachable), .content(503, [], [], .complete), .content(200, [], [], .complete),
            .content(200, protobuf, [], .complete), .content(200, protobuf, [0, 0, 0, 1, 0], .complete),
            .content(200, protobuf, [], .failed(HTTPFailure(.cutShort, "cut"))),
            .content(404, [], [], .complete), PlayedTransport.Answer.content(406, [], [], .complete),
        ])
    func failsAtOnce(_ answer: PlayedTransport.Answer) {
        let playback = Playback([.services], Array(repeating: answer, count: 1_000))
        playback.start().pass(.seconds(60))
        #expect((4...80).contains(playback.transport.requests.count))
    }

    private static let protobuf = [HTTPHeader("Content-Type", "application/vnd.kubernetes.protobuf;stream=watch")]

    @Test("wherever a streaming list is cut, the next one brings everything", arguments: 0..<60)
    func cut(_ part: Int) throws {
        let whole = Playback([.services], [.recorded("watchlist-services-pb")]).start().pass(.seconds(2))
        let length = try RecordedResponse("watchlist-services-pb").bytes.count
        let playback = Playback(
            [.services],
            [.cut("watchlist-services-pb", length * part / 59), .failure(.unreachable)]
                + Array(repeating: .recorded("watchlist-services-pb"), count: 2))
        playback.start().pass(.seconds(3))
        #expect(playback.diary.objects == whole.diary.objects && whole.diary.objects.count == 88)
    }

    @Test("after silence, further requests do not use the connection that was silent")
    func renewal() {
        let playback = Playback([.services], [.recorded("watchlist-services-pb"), .hanging("watch-future-rv")])
        playback.start().pass(.seconds(153))
        #expect(playback.transport.renewals == 0)
        playback.pass(.seconds(3))
        #expect(playback.transport.renewals == 1 && playback.transport.requests.count == 3)
    }

    @Test(
        "of a long refusal only the beginning is kept, and web pages are not quoted",
        arguments: [
            ("text/plain", "the list of services was refused with 502: xxxxxxxxxx"),
            ("text/html", "the list of services was refused with 502"),
            ("application/json", "the list of services was refused with 502"),
        ])
    func longRefusal(_ type: String, _ beginning: String) throws {
        let answer = PlayedTransport.Answer.content(
            502, [HTTPHeader("content-type", type)], Array(repeating: UInt8(ascii: "x"), count: 1 << 20), .complete)
        let playback = Playback([.services], [answer]).start()
        let sentence = try #require(playback.diary.failures.first).description
        #expect(sentence.hasPrefix(beginning) && sentence.count < 500)
    }

    @Test(
        "waits as long as Retry-After says; a date, or nonsense, is as if it were not there",
        arguments: [
            ("7", 7...9), ("Fri, 20 Nov 2026 20:43:52 GMT", 0...1), ("-5", 0...1), ("", 0...1),
        ])
    func retryAfter(_ value: String, _ seconds: ClosedRange<Int>) {
        let answer = PlayedTransport.Answer.content(429, [HTTPHeader("Retry-After", value)], [], .complete)
        let playback = Playback([.services], [answer]).start().pass(.seconds(seconds.lowerBound))
        #expect(playback.transport.requests.count == 1)
        playback.pass(.seconds(seconds.upperBound - seconds.lowerBound))
        #expect(playback.transport.requests.count == 2)
    }
}
