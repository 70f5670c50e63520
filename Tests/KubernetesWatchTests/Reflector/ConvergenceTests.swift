import ClusterIndex
import HTTPClient
import Testing

@testable import KubernetesWatch

/// Whatever goes wrong, in whatever order: in the end the reflector's objects are those of the cluster, and none was
/// taken away that was there all the time.
@Suite struct ConvergenceTests {
    @Test("always arrives at the cluster's state, deleting nothing wrongly on the way", arguments: 0..<20)
    func converges(_ batch: Int) {
        for run in 0..<100 {
            let seed = UInt64(batch * 100 + run)
            var simulation = Simulation(seed: seed)
            simulation.misbehave(steps: 300)
            let isCalm = simulation.calmDown()
            #expect(isCalm, "seed \(seed)")
            #expect(simulation.store == simulation.server.cluster.objects, "seed \(seed)")
            #expect(simulation.wrongDeletions.isEmpty, "seed \(seed)")
            #expect(simulation.syncs == 1, "seed \(seed)")
            #expect(simulation.mostRequestsInASecond <= 12, "seed \(seed)")
        }
    }
}

/// A reflector, its server, and chance.
private struct Simulation {
    var server = ModelServer()
    /// What the observer has: the revision of each object.
    private(set) var store: [String: Int] = [:]
    private(set) var wrongDeletions: [String] = []
    private(set) var syncs = 0
    /// When requests were made that do not continue a list.
    private var requestTimes: [Duration] = []

    private var reflector: Reflector
    private var memory = ServerMemory()
    private var now = Duration.zero
    private var timerAt: Duration?
    private var request: WatchRequest?
    private var requestNumber = 0
    private var response: ModelResponse?
    private var random: SplitMix
    private let names = (0..<12).map { "s\($0)" }

    init(seed: UInt64) {
        random = SplitMix(seed &* 77 &+ 1)
        reflector = Reflector(.services, seed: seed, isUntold: seed.isMultiple(of: 2))
        for name in names.prefix(6) { server.cluster.put(name) }
        server.streamingLists = ModelServer.StreamingLists.allCases.randomElement(using: &random) ?? .work
        tell([.start])
    }

    var mostRequestsInASecond: Int {
        requestTimes.indices.map { first in
            requestTimes[first...].prefix { $0 < requestTimes[first] + .seconds(1) }.count
        }.max() ?? 0
    }

    // MARK: Chaos

    mutating func misbehave(steps: Int) {
        for _ in 0..<steps {
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<20: change()
            case 20..<70: proceed()
            case 70..<75: cut()
            case 75..<78: endCleanly()
            case 78..<80: server.cluster.compact()
            case 80..<82: server.isUp.toggle()
            case 82..<83: server.hasEtcd.toggle()
            case 83..<86: server.nextRefusal = [401, 403, 404, 429, 500, 503].randomElement(using: &random).map(status)
            case 86..<87: if response != nil { response?.kind = .silent }
            case 87..<89: server.lag = Int.random(in: 0..<4, using: &random)
            case 89..<91: errorEvent()
            case 91..<92: tell([.undecodable(DecodingFault("odd"))])
            default: awaitTimer()
            }
            now += .milliseconds(Int.random(in: 0..<40, using: &random))
            fireTimer()
        }
    }

    private mutating func change() {
        let name = names.randomElement(using: &random) ?? ""
        Bool.random(using: &random) ? server.cluster.put(name) : server.cluster.remove(name)
    }

    private func status(_ code: Int) -> APIStatus { APIStatus(code: code, message: "no", retryAfterSeconds: 1) }

    private mutating func cut() {
        guard response?.hasHead == true else { return }
        tell([.failed(.cutShort)])
    }

    private mutating func endCleanly() {
        // Nothing but a stream ends cleanly in the middle of it.
        guard case .watch = response?.kind, response?.hasHead == true else { return }
        tell([.end])
    }

    private mutating func errorEvent() {
        guard case .watch = response?.kind, response?.hasHead == true else { return }
        let code = [410, 410, 429, 500].randomElement(using: &random) ?? 410
        tell([.item(.status(status(code))), .read])
    }

    // MARK: Calm

    /// Lets everything work, until there is no more to say. Returns whether that came to pass.
    mutating func calmDown() -> Bool {
        server.isUp = true
        server.hasEtcd = true
        server.lag = 0
        server.nextRefusal = nil
        let latest = now + .seconds(600)
        for _ in 0..<5_000 where now < latest {
            if store == server.cluster.objects, syncs > 0, isIdle { return true }
            if proceed() { now += .milliseconds(1) } else { awaitTimer() }
            fireTimer()
        }
        return false
    }

    /// Whether a watch is under way that has nothing more to tell.
    private var isIdle: Bool {
        guard let response, case .watch(let initial, false, let revision) = response.kind else { return false }
        return initial.isEmpty && revision == server.cluster.history.last?.revision
            && reflector.attempt?.isWatching == true
    }

    // MARK: Steps

    /// The next thing of the response; false if nothing came.
    @discardableResult
    private mutating func proceed() -> Bool {
        if response == nil, let request {
            switch server.answer(request) {
            case .success(let answer): response = answer
            case .failure(let failure):
                tell([.sent, .ended(.failed(failure))])
                return true
            }
        }
        let events = response?.next(server.cluster) ?? []
        tell(events)
        return !events.isEmpty
    }

    private mutating func awaitTimer() {
        if let timerAt { now = max(now, timerAt) }
    }

    private mutating func fireTimer() {
        guard let due = timerAt, due <= now else { return }
        timerAt = nil
        tell([.timer])
    }

    /// Events of the response, as long as it is that of the request which is out.
    private mutating func tell(_ events: [ReflectorEvent]) {
        let number = requestNumber
        for event in events where requestNumber == number {
            for action in reflector.handle(event, at: now, &memory) { perform(action) }
        }
    }

    private mutating func perform(_ action: ReflectorAction) {
        switch action {
        case .send(let next):
            request = next
            response = nil
            requestNumber += 1
            if case .page = next.purpose {} else { requestTimes.append(now) }
        case .cancel:
            request = nil
            response = nil
            requestNumber += 1
        case .setTimer(let delay): timerAt = now + delay
        case .upsert(let object, _):
            if case .service(let service) = object { store[service.key.name] = Int(service.externalName) }
        case .delete(let key): delete(key.name)
        case .retainOnly(let keys):
            for name in store.keys where !keys.contains(ObjectKey(namespace: "n", name: name)) { delete(name) }
        case .report(.synced): syncs += 1
        case .report, .refuseCredentials, .renewConnections: break
        }
    }

    private mutating func delete(_ name: String) {
        guard let known = store.removeValue(forKey: name) else { return }
        if !server.cluster.wasDeleted(name, after: known) { wrongDeletions.append(name) }
    }
}
