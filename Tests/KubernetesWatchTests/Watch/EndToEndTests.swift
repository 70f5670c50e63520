import ClusterIndex
import Dispatch
import Glibc
import HTTPClient
import Locking
import TestSupport
import Testing

@testable import KubernetesWatch

/// The watch over real sockets, from an API server for tests.
@Suite struct EndToEndTests {
    @Test(
        "is in sync and follows every change", arguments: [true, false],
        [
            APIServer.StreamingLists.offered, .switchedOff,
        ])
    func follows(_ offersProtobuf: Bool, _ streamingLists: APIServer.StreamingLists) async throws {
        var behaviour = APIServer.Behaviour()
        behaviour.offersProtobuf = offersProtobuf
        behaviour.streamingLists = streamingLists
        let server = try APIServer(behaviour)
        defer { server.stop() }
        server.apply(Self.objects(0..<1_200))
        let live = LiveWatch(server, untouched: 100..<1_100)
        #expect(await live.waitUntilSame())
        #expect(server.requests.allSatisfy { $0.parameters["resourceVersion"] != "0" } == (streamingLists == .offered))
        server.apply(Self.objects(1_100..<1_300))
        for number in 0..<100 { server.delete(.services, Self.key(number)) }
        #expect(await live.waitUntilSame())
        #expect(live.store.wrongDeletions.isEmpty)
    }

    @Test(
        "finds what was deleted while the server was away",
        arguments: [
            APIServer.Departure.killed, .reset, .terminated(drain: .milliseconds(300)),
        ])
    func outage(_ departure: APIServer.Departure) async throws {
        let server = try APIServer()
        defer { server.stop() }
        server.apply(Self.objects(0..<300))
        let live = LiveWatch(server, untouched: 100..<300)
        #expect(await live.waitUntilSame())
        server.goDown(departure)
        for number in 0..<100 { server.delete(.services, Self.key(number)) }
        server.apply(Self.objects(300..<400))
        try await Task.sleep(for: .microseconds(1_000_000))
        try server.comeBack()
        #expect(await live.waitUntilSame())
        #expect(live.store.wrongDeletions.isEmpty)
    }

    static let faults: [Fault] = [
        .close, .reset, .respond(.tooManyRequests(retryAfterSeconds: 1)), .respond(.internalError),
        .respond(.unavailable(retryAfterSeconds: 1)), .stream(.cut, .afterHead), .stream(.cut, .afterBytes(5_001)),
        .stream(.reset, .afterBytes(777)),
        .stream(.cutFrame, .afterBytes(3_333)), .stream(.end, .afterEvents(7)),
        .stream(.garbage, .afterEvents(3)), .stream(.garbledFraming, .afterEvents(5)),
        .stream(.wrongLength, .afterEvents(4)), .stream(.duplicates, .afterEvents(2)),
        .stream(.error(.tooOld(1, floor: 5)), .afterEvents(9)), .trickle(bytes: 4_000, every: .milliseconds(1)),
    ]

    @Test("gets over every fault, three times in a row, deleting nothing wrongly", arguments: faults)
    func fault(_ fault: Fault) async throws {
        let server = try APIServer()
        defer { server.stop() }
        server.apply(Self.objects(0..<50))
        server.inject(fault, times: 3)
        let live = LiveWatch(server, untouched: 8..<50)
        #expect(await live.waitUntilSame())
        server.inject(fault, times: 3)
        server.forceRelists()
        server.delete(.services, Self.key(7))
        server.apply(Self.objects(50..<60))
        #expect(await live.waitUntilSame())
        #expect(live.store.wrongDeletions.isEmpty)
    }

    @Test("stays right through cuts and changes without pause")
    func chaos() async throws {
        let server = try APIServer()
        defer { server.stop() }
        server.apply(Self.objects(0..<200))
        let live = LiveWatch(server, untouched: 0..<100)
        var random = SplitMix(4)
        for _ in 0..<200 {
            let number = Int.random(in: 100..<250, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0: server.strike([.cut, .reset, .cutFrame, .end, .garbage].randomElement(using: &random) ?? .cut)
            case 1: server.compact()
            case 2...5: server.delete(.services, Self.key(number))
            default: server.apply(Self.objects(number..<number + 3))
            }
            try await Task.sleep(for: .microseconds(10_000))
        }
        #expect(await live.waitUntilSame())
        #expect(live.store.wrongDeletions.isEmpty)
    }

    @Test(
        "watches over one HTTP/2 connection, and makes a new one when the server says goodbye",
        .enabled(if: TLSFront.isAvailable))
    func http2() async throws {
        let server = try APIServer()
        defer { server.stop() }
        server.apply(Self.objects(0..<500))
        let front = try TLSFront(
            backendPort: server.port, clientCertificates: .required, directives: ["keepalive_requests 40;"])
        let live = LiveWatch(server, untouched: 0..<500, through: front)
        #expect(await live.waitUntilSame())
        let connections = Set(server.requests.compactMap { $0.headers["x-front-connection"] })
        #expect(connections.count == 1)
        for _ in 0..<30 {
            server.strike(.end)
            server.apply(Self.objects(500..<520))
            try await Task.sleep(for: .microseconds(100_000))
        }
        #expect(await live.waitUntilSame())
        #expect(live.store.wrongDeletions.isEmpty)
    }

    @Test("closes its connections when it is stopped")
    func closes() async throws {
        let server = try APIServer()
        defer { server.stop() }
        let live = LiveWatch(server, untouched: 0..<0)
        #expect(await live.waitUntilSame())
        live.stop()
        #expect(await eventually { server.connectionCount == 0 })
    }

    private static func key(_ number: Int) -> ObjectKey { ObjectKey(namespace: "n\(number % 7)", name: "s\(number)") }

    private static func objects(_ numbers: Range<Int>) -> [ClusterObject] {
        numbers.map {
            .service(
                Service(key: key($0), clusterIPs: ["10.0.\($0 / 250).\($0 % 250)"], externalIPs: ["\(numbers.count)"]))
        }
    }
}

/// A watch of a test server and what it has told.
private final class LiveWatch {
    let store: LiveStore
    private let server: APIServer
    private let queue = DispatchQueue(label: "test.watch")
    private let watch: ClusterWatch

    init(_ server: APIServer, untouched: Range<Int>, through front: TLSFront? = nil) {
        self.server = server
        store = LiveStore(untouched)
        var connection = APIConnection(server: server.url)
        if let front {
            connection.server = "https://127.0.0.1:\(front.port)"
            connection.transport.authorities = .pem(front.authority)
            connection.transport.clientCertificate = HTTPTransport.ClientCertificate(
                certificate: front.clientCertificate.certificate, key: front.clientCertificate.key)
        }
        let selections: [WatchedResource: ClusterWatch.Selection] = [
            .services: .init(), .namespaces: .init(), .endpointSlices: .init(),
        ]
        let options = ClusterWatch.Options(connection: connection, selections: selections, userAgent: "test")
        watch = ClusterWatch(options, queue: queue, observer: store)
        queue.sync { [watch] in watch.start() }
    }

    deinit { stop() }

    func stop() { queue.sync { [watch] in watch.stop() } }

    /// Waits until all that the server has was told, and nothing else.
    func waitUntilSame() async -> Bool {
        await eventually { [store, server] in
            guard store.isSynced else { return false }
            return store.objects == Set(server.objects(.services))
        }
    }
}

/// What the watch told.
private final class LiveStore: ClusterWatchObserver, Sendable {
    private struct State {
        var services: [ObjectKey: ClusterObject] = [:]
        var synced: Set<WatchedResource> = []
        var wrongDeletions: [ObjectKey] = []
    }

    private let state = Lock(State())
    /// The numbers of the services that are there all the time.
    private let untouched: Range<Int>

    init(_ untouched: Range<Int>) { self.untouched = untouched }

    var isSynced: Bool { state.withLock { $0.synced.count == 3 } }
    var objects: Set<ClusterObject> { state.withLock { Set($0.services.values) } }
    var wrongDeletions: [ObjectKey] { state.withLock { $0.wrongDeletions } }

    func upsert(_ object: ClusterObject, isInitial: Bool) {
        if object.kind == .service { state.withLock { $0.services[object.key] = object } }
    }

    func delete(_ kind: ObjectKind, _ key: ObjectKey) { if kind == .service { remove([key]) } }

    func retainOnly(_ kind: ObjectKind, _ keys: Set<ObjectKey>) {
        guard kind == .service else { return }
        remove(state.withLock { $0.services.keys.filter { !keys.contains($0) } })
    }

    private func remove(_ keys: [ObjectKey]) {
        state.withLock { state in
            for key in keys where state.services.removeValue(forKey: key) != nil {
                if let number = Int(key.name.dropFirst()), untouched.contains(number) {
                    state.wrongDeletions.append(key)
                }
            }
        }
    }

    func settled() {}

    func report(_ resource: WatchedResource, _ report: WatchReport) {
        state.withLock { state in
            if report == .synced { state.synced.insert(resource) }
        }
    }
}
