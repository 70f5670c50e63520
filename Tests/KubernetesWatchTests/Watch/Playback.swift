import ClusterIndex
import Dispatch
import HTTPClient

@testable import KubernetesWatch

/// A watch whose server is a script and whose time is virtual, with a diary of what it asked and told.
final class Playback {
    let clock = VirtualClock()
    let transport: PlayedTransport
    let credentials = PlayedCredentials()
    let diary = Diary()
    let watch: ClusterWatch
    private let queue = DispatchQueue(label: "test")
    private var isPassing = false

    init(
        _ resources: [WatchedResource] = [.services], _ script: [PlayedTransport.Answer],
        selection: ClusterWatch.Selection = ClusterWatch.Selection(),
        connection: APIConnection = APIConnection(server: "https://api:6443")
    ) {
        transport = PlayedTransport(clock, script)
        let selections = Dictionary(uniqueKeysWithValues: resources.map { ($0, selection) })
        let options = ClusterWatch.Options(connection: connection, selections: selections, userAgent: "test")
        let session = WatchSession(
            connection, queue: queue, observer: diary, transport: transport, credentials: credentials, clock: clock)
        watch = ClusterWatch(options, session)
        transport.willSend = { [diary] in diary.note($0) }
    }

    @discardableResult
    func start() -> Playback {
        queue.sync { watch.start() }
        return self
    }

    /// Also from within.
    func stop() { isPassing ? watch.stop() : queue.sync { watch.stop() } }

    @discardableResult
    func pass(_ duration: Duration) -> Playback {
        isPassing = true
        queue.sync { clock.pass(duration) }
        isPassing = false
        return self
    }
}

/// Credentials that are there at once, unless the test says otherwise.
final class PlayedCredentials: CredentialProvider {
    var result: Result<RequestCredentials, CredentialFault>? = .success(RequestCredentials())
    private(set) var refusals = 0
    private var waiting: [(Result<RequestCredentials, CredentialFault>) -> Void] = []

    func current(_ handle: @escaping (Result<RequestCredentials, CredentialFault>) -> Void) {
        if let result { handle(result) } else { waiting.append(handle) }
    }

    func refused() { refusals += 1 }

    /// Hands them over to whoever waits.
    func arrive() {
        let handlers = waiting
        waiting = []
        handlers.forEach { $0(.success(RequestCredentials(authorization: "Bearer late"))) }
    }
}

/// What a watch asked and told, in words; changes of objects that follow each other are counted.
final class Diary: ClusterWatchObserver {
    private(set) var lines: [String] = []
    private(set) var objects: [ObjectKey: ClusterObject] = [:]
    private(set) var failures: [WatchFailure] = []
    var isCountingSettled = false
    var willUpsert: () -> Void = {}
    private var counted: (what: String, count: Int)?

    func note(_ request: HTTPRequest) {
        let query = request.url.split(separator: "?").last?.split(separator: "&").map(String.init) ?? []
        let version = query.first { $0.hasPrefix("resourceVersion=") }.map { " from \($0.dropFirst(16))" } ?? ""
        let kind =
            if query.contains("sendInitialEvents=true") { "streaming list" } else if query.contains("watch=true") {
                "watch"
            } else if query.contains(where: { $0.hasPrefix("continue=") }) { "page" } else { "list" }
        let isJSON = request.headers.first { $0.name == "Accept" }?.value == "application/json"
        write("ask \(kind)\(version)\(isJSON ? " as JSON" : "")")
    }

    func upsert(_ object: ClusterObject, isInitial: Bool) {
        willUpsert()
        objects[object.key] = object
        count(isInitial ? "upserted initially" : "upserted")
    }

    func delete(_ kind: ObjectKind, _ key: ObjectKey) {
        objects[key] = nil
        count("deleted")
    }

    func retainOnly(_ kind: ObjectKind, _ keys: Set<ObjectKey>) {
        for key in objects.keys where !keys.contains(key) { objects[key] = nil }
        write("\(keys.count) retained")
    }

    func settled() { if isCountingSettled { write("settled") } }

    func report(_ resource: WatchedResource, _ report: WatchReport) {
        switch report {
        case .synced: write("synced")
        case .relisting: write("relisting")
        case .resumed: write("resumed")
        case .fresh: count("fresh")
        case .recovered(let failures): write("recovered after \(failures)")
        case .failed(let failure, let retry):
            failures.append(failure)
            write("\(failure.kind): \(failure); again \(retry > .zero ? "later" : "at once")")
        case .unusable(let key, let fault): write("unusable \(key.map(\.description) ?? "?"): \(fault)")
        case .requested(let verb, let code, _): write("\(verb) \(code)")
        }
    }

    private func write(_ line: String) {
        counted = nil
        lines.append(line)
    }

    /// The signs of freshness among changes are not worth a line of their own.
    private func count(_ what: String) {
        if what == "fresh", counted != nil { return }
        if let counted, counted.what == what {
            self.counted?.count += 1
            lines[lines.count - 1] = "\(counted.count + 1) \(what)"
        } else {
            lines.append(what == "fresh" ? what : "1 \(what)")
            counted = (what, 1)
        }
    }
}
