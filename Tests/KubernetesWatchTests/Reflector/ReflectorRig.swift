import ClusterIndex
import HTTPClient

@testable import KubernetesWatch

/// A reflector with a clock that the test turns; what it does is told in words.
struct ReflectorRig {
    var reflector: Reflector
    var memory = ServerMemory()
    var now = Duration.seconds(1_000)
    /// Everything that was done so far.
    private(set) var actions: [ReflectorAction] = []

    init(_ resource: WatchedResource = .services, seed: UInt64 = 7, isUntold: Bool = false) {
        reflector = Reflector(resource, seed: seed, isUntold: isUntold)
    }

    /// Events one after the other; what follows from them, without requests counted and without patience.
    @discardableResult
    mutating func take(_ events: ReflectorEvent...) -> [String] { take(events) }

    @discardableResult
    mutating func take(_ events: [ReflectorEvent]) -> [String] {
        var words: [String] = []
        for event in events {
            let new = reflector.handle(event, at: now, &memory)
            actions += new
            words += new.compactMap { Self.words($0, isWaiting: reflector.attempt == nil) }
        }
        return words
    }

    /// Lets time go by, then tells that the timer has fired.
    @discardableResult
    mutating func wait(_ duration: Duration) -> [String] {
        now += duration
        return take(.timer)
    }

    /// Lets the time go by that the last timer was set to.
    @discardableResult
    mutating func awaitTimer() -> [String] { wait(lastTimer) }

    var lastTimer: Duration {
        for case .setTimer(let delay) in actions.reversed() { return delay }
        return .zero
    }

    var reports: [WatchReport] {
        actions.compactMap { if case .report(let report) = $0 { report } else { nil } }
    }

    /// What failed, in order.
    var failures: [(failure: WatchFailure, retry: Duration)] {
        reports.compactMap { if case .failed(let failure, let retry) = $0 { (failure, retry) } else { nil } }
    }

    var requests: [WatchRequest] {
        actions.compactMap { if case .send(let request) = $0 { request } else { nil } }
    }

    /// In sync by a streaming list that holds services of these names, and watching from `version`.
    static func watching(_ names: [String] = ["a"], from version: String = "10") -> ReflectorRig {
        var rig = ReflectorRig()
        rig.take(.start)
        rig.take(.sent, .ok)
        rig.take(names.map { .added($0, "1") } + [.listEnd(version), .read])
        rig.actions = []
        return rig
    }

    mutating func forgetActions() { actions = [] }

    // MARK: Words

    private static func words(_ action: ReflectorAction, isWaiting: Bool) -> String? {
        switch action {
        case .send(let request): "send \(words(request))"
        case .cancel: "cancel"
        case .renewConnections: "renew connections"
        case .setTimer: isWaiting ? "retry later" : nil
        case .refuseCredentials: "refuse credentials"
        case .upsert(let object, let isInitial): "upsert \(object.key.name)\(isInitial ? " initially" : "")"
        case .delete(let key): "delete \(key.name)"
        case .retainOnly(let keys): "retain \(keys.map(\.name).sorted().joined(separator: " "))"
        case .report(let report): words(report)
        }
    }

    static func words(_ request: WatchRequest) -> String {
        let from = request.version.map { " from \($0)" } ?? ""
        let encoding = request.usesProtobuf ? "" : " as JSON"
        return switch request.purpose {
        case .streamingList: "streaming list\(from)\(encoding)"
        case .list(_, let limit): "list\(from)\(limit == nil ? " in one piece" : "")\(encoding)"
        case .page(let token, _): "page \(token)\(encoding)"
        case .watch: "watch\(from)\(encoding)"
        }
    }

    private static func words(_ report: WatchReport) -> String? {
        switch report {
        case .requested: nil
        case .failed(let failure, _): "failed: \(failure.kind.rawValue)"
        case .recovered(let failures): "recovered after \(failures)"
        case .unusable(let key, _): "unusable \(key?.name ?? "?")"
        case .synced: "synced"
        case .relisting: "relisting"
        case .resumed: "resumed"
        case .fresh: "fresh"
        }
    }
}

extension ReflectorEvent {
    /// A response of protobuf.
    static let ok = Self.head(status: 200, .protobuf, retryAfter: nil)

    static func refused(_ status: Int, retryAfter: Duration? = nil) -> Self {
        .head(status: status, .json, retryAfter: retryAfter)
    }

    /// A service that tells its version.
    static func added(_ name: String, _ version: String) -> Self {
        let service = Service(key: ObjectKey(namespace: "n", name: name), externalName: version)
        return .item(.upsert(.service(service), ResourceVersion(version)))
    }

    static func deleted(_ name: String, _ version: String) -> Self {
        .item(.delete(ObjectKey(namespace: "n", name: name), ResourceVersion(version)))
    }

    static func bookmark(_ version: String) -> Self {
        .item(.bookmark(ResourceVersion(version), endsInitialEvents: false))
    }

    /// The end of a streaming list.
    static func listEnd(_ version: String) -> Self {
        .item(.bookmark(ResourceVersion(version), endsInitialEvents: true))
    }

    /// What a list says of itself.
    static func metadata(_ version: String, then token: String = "") -> Self {
        .item(.listMetadata(ResourceVersion(version), continueToken: token))
    }

    static func error(_ code: Int, _ reason: String = "", _ message: String = "", retryAfter: Int = 0) -> Self {
        .item(.status(APIStatus(code: code, reason: reason, message: message, retryAfterSeconds: retryAfter)))
    }

    static let end = Self.ended(.complete)

    static func failed(_ kind: HTTPFailure.Kind) -> Self { .ended(.failed(HTTPFailure(kind, "the reason"))) }
}
