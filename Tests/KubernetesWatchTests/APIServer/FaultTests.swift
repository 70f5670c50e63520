import ClusterIndex
import KubernetesWatch
import TestSupport
import Testing

@Suite("What goes wrong with the test server, on command")
struct FaultTests {
    private let server: APIServer
    private static let services = WatchedResource.services.path

    init() throws {
        server = try APIServer()
        server.apply((0..<3).map { Samples.service("s\($0)") })
    }

    /// How long nothing must come before a test believes that nothing comes.
    private static let moment = Duration.milliseconds(30)

    @Test("are connections that end instead of an answer", arguments: [Fault.close, .reset])
    func noAnswer(fault: Fault) throws {
        server.inject(fault)
        #expect(try RawExchange(server, Self.services).status == 0)
        #expect(try RawExchange(server, Self.services).status == 200)
    }

    @Test(
        "are answers from elsewhere",
        arguments: [
            (CannedResponse.loginPage, 200), (.internalError, 500), (.unavailable(retryAfterSeconds: 7), 503),
        ])
    func elsewhere(canned: CannedResponse, status: Int) throws {
        server.inject(.respond(canned), into: .watches, times: nil)
        for _ in 0..<3 {
            let response = try RawExchange.streaming(server, .services)
            #expect(response.status == status)
            #expect(response.text() == canned.body)
            #expect(response.headers["retry-after"] == canned.headers["Retry-After"])
        }
        #expect(try RawExchange(server, Self.services).text().hasPrefix("{"))
        server.heal()
        #expect(try RawExchange.streaming(server, .services).words(1, .services) == ["upsert prod/s0 1001"])
    }

    @Test("concern a resource or a verb, once or for ever")
    func scope() throws {
        server.inject(.respond(.internalError), into: .requests(of: .pods), times: nil)
        server.inject(.respond(.loginPage), into: RequestSet(.services, .list))
        #expect(try RawExchange(server, WatchedResource.pods.path).status == 500)
        #expect(try RawExchange(server, WatchedResource.namespaces.path).status == 200)
        #expect(try RawExchange(server, Self.services).text().hasPrefix("<!DOCTYPE"))
        #expect(try RawExchange(server, Self.services).text().hasPrefix("{"))
        #expect(try RawExchange(server, WatchedResource.pods.path).status == 500)
    }

    @Test("is silence after the head, until all is well")
    func hangAfterHead() throws {
        server.inject(.stream(.hang, .afterHead))
        let stream = try RawExchange.streaming(server, .services)
        #expect(stream.status == 200)
        #expect(stream.next(within: Self.moment) == .silence)
        server.apply(Samples.service("late"))
        server.heal()
        #expect(
            stream.words(5, .services) == [
                "upsert prod/s0 1001", "upsert prod/s1 1002", "upsert prod/s2 1003", "bookmark 1003 end",
                "upsert prod/late 1004",
            ])
    }

    @Test("is silence from the beginning, of lists too")
    func hangBeforeHead() throws {
        server.inject(.silence)
        let list = try RawExchange(server, Self.services, readsHead: false)
        #expect(server.waitForRequests(.lists))
        #expect(list.next(within: Self.moment) == .silence)
        server.heal()
        list.readHead()
        #expect(list.text().hasPrefix(#"{"kind":"ServiceList""#))
    }

    @Test(
        "is silence after some events, or some bytes",
        arguments: [
            (Fault.Moment.afterEvents(2), ["upsert prod/s0 1001", "upsert prod/s1 1002"]), (.afterBytes(10), []),
        ])
    func hang(moment: Fault.Moment, words: [String]) throws {
        server.inject(.stream(.hang, moment))
        let stream = try RawExchange.streaming(server, .services)
        #expect(stream.words(words.count, .services) == words)
        #expect(stream.next(within: Self.moment) == .silence)
        server.heal()
        #expect(stream.words(4 - words.count, .services).last == "bookmark 1003 end")
    }

    @Test(
        "cuts streams in the middle of a chunk",
        arguments: [
            Fault.Moment.afterHead, .afterEvents(2), .afterEvents(4), .afterBytes(1), .afterBytes(1_500),
        ])
    func cut(moment: Fault.Moment) throws {
        for encoding in [StreamDecoder.Encoding.json, .protobuf] {
            server.inject(.stream(.cut, moment))
            let (bytes, end) = try RawExchange.streaming(server, .services, "", encoding).rest()
            guard case .cut(let count) = end else { return #expect(Bool(false), "\(end)") }
            #expect(count > 0)
            switch moment {
            case .afterHead: #expect(bytes.isEmpty)
            case .afterBytes(let limit): #expect(bytes.count + count == limit)
            case .afterEvents(let events):
                #expect(Transcript(Stream(encoding, .watch, .service), bytes).items.count == events)
            }
        }
    }

    @Test(
        "ends streams as HTTP wants it, but in the middle of an event",
        arguments: [
            Fault.Moment.afterHead, .afterEvents(1), .afterBytes(1_700),
        ])
    func cutFrame(moment: Fault.Moment) throws {
        for encoding in [StreamDecoder.Encoding.json, .protobuf] {
            server.inject(.stream(.cutFrame, moment))
            let (bytes, end) = try RawExchange.streaming(server, .services, "", encoding).rest()
            #expect(end == .last)
            #expect(Transcript(Stream(encoding, .watch, .service), bytes).fault != nil, "\(encoding)")
        }
    }

    @Test("ends streams early, but in order")
    func earlyEnd() throws {
        server.inject(.stream(.end, .afterEvents(2)))
        let (bytes, end) = try RawExchange.streaming(server, .services).rest()
        #expect(end == .last)
        #expect(
            Transcript(Stream(.json, .watch, .service), bytes).words == ["upsert prod/s0 1001", "upsert prod/s1 1002"])
    }

    @Test("puts bytes into streams that no decoder takes", arguments: [StreamFault.garbage, .wrongLength])
    func garbage(fault: StreamFault) throws {
        for encoding in [StreamDecoder.Encoding.json, .protobuf] {
            server.inject(.stream(fault, .afterEvents(1)))
            let stream = try RawExchange.streaming(server, .services, "&timeoutSeconds=1", encoding)
            let (bytes, end) = stream.rest()
            #expect(end == .last)
            let transcript = Transcript(Stream(encoding, .watch, .service), bytes)
            #expect(transcript.words.first == "upsert prod/s0 1001")
            #expect(transcript.fault != nil, "\(encoding) \(transcript.words)")
        }
    }

    @Test("breaks the chunks themselves")
    func garbledFraming() throws {
        server.inject(.stream(.garbledFraming, .afterEvents(1)))
        let stream = try RawExchange.streaming(server, .services)
        #expect(stream.words(1, .services) == ["upsert prod/s0 1001"])
        #expect(stream.next() == .garbled)
    }

    @Test("sends ERROR events of any kind", arguments: [StreamDecoder.Encoding.json, .protobuf])
    func errorEvents(encoding: StreamDecoder.Encoding) throws {
        let status = APIServerStatus(code: 500, reason: "InternalError", message: "etcd is gone")
        server.inject(.stream(.error(status), .afterEvents(2)))
        let (bytes, end) = try RawExchange.streaming(server, .services, "", encoding).rest()
        #expect(end == .last)
        let items = Transcript(Stream(encoding, .watch, .service), bytes).items
        #expect(items.last == .status(APIStatus(code: 500, reason: "InternalError", message: "etcd is gone")))
    }

    @Test("sends events twice")
    func duplicates() throws {
        server.inject(.stream(.duplicates, .afterEvents(2)))
        let stream = try RawExchange.streaming(server, .services)
        #expect(
            stream.words(6, .services).dropFirst(2) == [
                "upsert prod/s2 1003", "upsert prod/s2 1003", "bookmark 1003 end", "bookmark 1003 end",
            ])
    }

    @Test("lets bytes trickle, and all of them arrive")
    func trickle() throws {
        server.inject(.trickle(bytes: 400, every: .milliseconds(1)))
        let stream = try RawExchange.streaming(server, .services)
        #expect(stream.words(4, .services).last == "bookmark 1003 end")
    }

    @Test("sends slices of any size in one piece")
    func hugeEvent() throws {
        let stream = try RawExchange.streaming(server, .endpointSlices, "", .protobuf)
        #expect(stream.words(1, .endpointSlices, .protobuf) == ["bookmark 1003 end"])
        #expect(server.waitForWatches())
        let endpoints = (0..<1_000).map {
            Endpoint(addresses: ["10.1.\($0 / 250).\($0 % 250)"], targetName: "pod-\($0)")
        }
        let slice = ClusterObject.endpointSlice(
            EndpointSlice(key: Samples.key("huge"), serviceName: "huge", endpoints: endpoints))
        server.apply(slice)
        guard case .chunk(let chunk) = stream.next() else { return #expect(Bool(false), "the stream ended") }
        #expect(chunk.count > 64_000)
        #expect(server.objects(.endpointSlices) == [slice])
    }

    @Test("strikes streams that are open")
    func strike() throws {
        let hit = try RawExchange.streaming(server, .services)
        let spared = try RawExchange.streaming(server, .namespaces)
        #expect(hit.words(4, .services).count == 4)
        #expect(server.waitForWatches(count: 2))
        server.strike(.cut, .requests(of: .services))
        guard case .cut = hit.next() else { return #expect(Bool(false), "the stream goes on") }
        server.apply(.namespace(Namespace(name: "new")))
        #expect(spared.words(2, .namespaces) == ["bookmark 1003 end", "upsert new 1004"])
        #expect(server.watchCount() == 1)
    }

    @Test("makes every client list again")
    func relists() throws {
        let stream = try RawExchange.streaming(server, .services)
        #expect(server.waitForWatches())
        server.forceRelists()
        guard case .cut = stream.rest().end else { return #expect(Bool(false), "the stream goes on") }
        let resumed = try RawExchange(server, "\(Self.services)?watch=true&resourceVersion=1003")
        #expect(resumed.words(2, .services) == ["status 410 Expired"])
    }
}
