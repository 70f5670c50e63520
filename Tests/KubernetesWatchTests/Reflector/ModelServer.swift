import ClusterIndex
import HTTPClient

@testable import KubernetesWatch

/// A cluster that changes, as numbers: each change has the next revision.
struct ModelCluster {
    private(set) var revision = 1
    /// The revision of each object's last change, by name.
    private(set) var objects: [String: Int] = [:]
    private(set) var history: [(revision: Int, name: String, isDeletion: Bool)] = []
    /// Watches from before this have expired.
    private(set) var compacted = 0

    mutating func put(_ name: String) {
        revision += 1
        objects[name] = revision
        history.append((revision, name, false))
    }

    mutating func remove(_ name: String) {
        guard objects[name] != nil else { return }
        revision += 1
        objects[name] = nil
        history.append((revision, name, true))
    }

    mutating func compact() { compacted = revision }

    /// The objects as they were.
    func state(at revision: Int) -> [String: Int] {
        var state: [String: Int] = [:]
        for change in history.prefix(while: { $0.revision <= revision }) {
            state[change.name] = change.isDeletion ? nil : change.revision
        }
        return state
    }

    /// Whether the object was deleted at some time after it had this revision.
    func wasDeleted(_ name: String, after revision: Int) -> Bool {
        history.contains { $0.name == name && $0.isDeletion && $0.revision > revision }
    }
}

/// One response of a model API server: what comes next is asked for, one thing at a time.
struct ModelResponse {
    enum Kind {
        case refused(Int, APIStatus?, retryAfter: Duration?)
        /// The rest of the objects of a list, then what a list says of itself.
        case list([String], at: Int, continueToken: String)
        /// The rest of the initial objects, then perhaps the mark of their end, then the changes after a revision.
        case watch(initial: [String], mark: Bool, from: Int)
        case error(APIStatus)
        /// Never says anything.
        case silent
    }

    var kind: Kind
    var hasHead = false

    /// What comes next, in one read; empty while there is nothing to say. Ends with `.ended` where it is over.
    mutating func next(_ cluster: ModelCluster) -> [ReflectorEvent] {
        guard hasHead else {
            hasHead = true
            if case .refused(let code, _, let wait) = kind {
                return [.sent, .head(status: code, .json, retryAfter: wait)]
            }
            return [.sent, .head(status: 200, .protobuf, retryAfter: nil)]
        }
        switch kind {
        case .silent: return []
        case .refused(_, let status, _): return [status.map { .item(.status($0)) } ?? .text("no"), .read, .end]
        case .error(let status): return [.item(.status(status)), .read, .end]
        case .list(let names, let revision, let token): return nextOfList(names, revision, token, cluster)
        case .watch(let names, let mark, let revision): return nextOfWatch(names, mark, revision, cluster)
        }
    }

    private mutating func nextOfList(
        _ names: [String], _ revision: Int, _ token: String, _ cluster: ModelCluster
    ) -> [ReflectorEvent] {
        guard let name = names.first else { return [.metadata("\(revision)", then: token), .read, .end] }
        kind = .list(Array(names.dropFirst()), at: revision, continueToken: token)
        let state = cluster.state(at: revision)
        return [.added(name, "\(state[name] ?? 0)"), .read]
    }

    private mutating func nextOfWatch(
        _ names: [String], _ mark: Bool, _ revision: Int, _ cluster: ModelCluster
    ) -> [ReflectorEvent] {
        if let name = names.first {
            kind = .watch(initial: Array(names.dropFirst()), mark: mark, from: revision)
            return [.added(name, "\(cluster.state(at: revision)[name] ?? 0)"), .read]
        }
        if mark {
            kind = .watch(initial: [], mark: false, from: revision)
            return [.listEnd("\(revision)"), .read]
        }
        guard let change = cluster.history.first(where: { $0.revision > revision }) else { return [] }
        kind = .watch(initial: [], mark: false, from: change.revision)
        let version = "\(change.revision)"
        return [change.isDeletion ? .deleted(change.name, version) : .added(change.name, version), .read]
    }
}

/// An API server in front of a model cluster.
struct ModelServer {
    enum StreamingLists: CaseIterable { case work, refused, ignored }

    var cluster = ModelCluster()
    var streamingLists = StreamingLists.work
    var isUp = true
    /// Without etcd, consistent reads never come.
    var hasEtcd = true
    /// How many revisions its cache is behind: it is one of several servers.
    var lag = 0
    /// Said in place of the next answer.
    var nextRefusal: APIStatus?
    private let pageSize = 3

    private var cached: Int { max(cluster.revision - lag, 1) }

    /// The answer, or the reason why there is none.
    mutating func answer(_ request: WatchRequest) -> Result<ModelResponse, HTTPFailure> {
        guard isUp else { return .failure(HTTPFailure(.unreachable, "connection refused")) }
        if let refusal = nextRefusal {
            nextRefusal = nil
            return .success(refused(refusal))
        }
        let answer =
            switch request.purpose {
            case .watch(let version): watch(from: number(version))
            case .streamingList(let version): streamingList(version.map(number))
            case .list(let version, let limit): list(version.map(number) ?? 0, limit)
            case .page(let token, let limit): page(token, limit)
            }
        return .success(answer)
    }

    private func number(_ version: ResourceVersion) -> Int { Int(version.description) ?? 0 }

    private func refused(_ status: APIStatus) -> ModelResponse {
        let wait: Duration? = status.retryAfterSeconds > 0 ? .seconds(status.retryAfterSeconds) : nil
        return ModelResponse(kind: .refused(status.code, status, retryAfter: wait))
    }

    private func watch(from version: Int) -> ModelResponse {
        if version < cluster.compacted {
            return ModelResponse(kind: .error(APIStatus(code: 410, reason: "Expired", message: "too old")))
        }
        return ModelResponse(
            kind: version > cluster.revision ? .silent : .watch(initial: [], mark: false, from: version))
    }

    private mutating func streamingList(_ version: Int?) -> ModelResponse {
        switch streamingLists {
        case .refused: return refused(APIStatus(code: 422, message: "sendInitialEvents: Forbidden"))
        case .ignored:
            return ModelResponse(
                kind: .watch(initial: cluster.state(at: cached).keys.sorted(), mark: false, from: cached))
        case .work:
            guard let version else {
                let revision = cluster.revision
                return ModelResponse(
                    kind: hasEtcd
                        ? .watch(initial: cluster.objects.keys.sorted(), mark: true, from: revision) : .silent)
            }
            if version > cached { return tooNew(asEvent: true) }
            return ModelResponse(
                kind: .watch(initial: cluster.state(at: cached).keys.sorted(), mark: true, from: cached))
        }
    }

    /// The version has yet to be reached; by the next request it is.
    private mutating func tooNew(asEvent: Bool) -> ModelResponse {
        lag = 0
        let status = APIStatus(
            code: 504, reason: "Timeout", message: "Too large resource version", retryAfterSeconds: 1)
        return asEvent ? ModelResponse(kind: .error(status)) : refused(status)
    }

    private mutating func list(_ version: Int, _ limit: Int?) -> ModelResponse {
        version > cached ? tooNew(asEvent: false) : page(cached, after: "", limit)
    }

    private func page(_ token: String, _ limit: Int?) -> ModelResponse {
        let parts = token.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let revision = Int(parts[0]), revision >= cluster.compacted else {
            return refused(APIStatus(code: 410, reason: "Expired", message: "too old", continueToken: "-1:"))
        }
        return page(revision, after: String(parts[1]), limit)
    }

    private func page(_ revision: Int, after name: String, _ limit: Int?) -> ModelResponse {
        let rest = cluster.state(at: revision).keys.sorted().filter { $0 > name }
        let names = limit == nil ? rest : Array(rest.prefix(pageSize))
        let token = names.count < rest.count ? "\(revision):\(names.last ?? "")" : ""
        return ModelResponse(kind: .list(names, at: revision, continueToken: token))
    }
}
