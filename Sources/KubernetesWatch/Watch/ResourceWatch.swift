import ClusterIndex
import HTTPClient

/// Runs the reflector of one resource: carries out what it wants and tells it what happens.
///
/// Sendable, unchecked: all state belongs to the session's queue.
final class ResourceWatch: @unchecked Sendable {
    private let session: WatchSession
    private let selection: ClusterWatch.Selection
    private let resource: WatchedResource
    private var reflector: Reflector
    private var timer: (any WatchTimer)?

    /// The request that is out, and where it can be ended.
    private var response: WatchResponse?
    private var exchange: (any Cancellable)?

    /// Events that came while one was handled, and whose they are.
    private var waiting: [(event: ReflectorEvent, response: WatchResponse?)] = []
    private var isHandling = false
    /// Whether the observer was told something since it was told that all is told.
    private var hasTold = false

    init(
        _ resource: WatchedResource, _ selection: ClusterWatch.Selection, _ session: WatchSession, seed: UInt64,
        isUntold: Bool
    ) {
        self.session = session
        self.selection = selection
        self.resource = resource
        reflector = Reflector(resource, seed: seed, isUntold: isUntold)
        timer = session.clock.makeTimer { [weak self] in self?.awake() }
    }

    deinit { timer?.cancel() }

    func start() { take(.start, of: nil) }

    func stop() {
        timer?.cancel()
        timer = nil
        end()
        waiting = []
    }

    // MARK: What happens

    /// An event; that of a response which is no longer waited for is none.
    func take(_ event: ReflectorEvent, of response: WatchResponse?) {
        guard !isHandling else { return waiting.append((event, response)) }
        isHandling = true
        handle(event, of: response)
        var index = 0
        while index < waiting.count {
            let (event, response) = waiting[index]
            handle(event, of: response)
            index += 1
        }
        waiting.removeAll(keepingCapacity: true)
        isHandling = false
    }

    private func handle(_ event: ReflectorEvent, of response: WatchResponse?) {
        guard !session.isStopped, response == nil || response === self.response else { return }
        for action in reflector.handle(event, at: session.clock.now, &session.memory) {
            guard !session.isStopped else { return }
            perform(action)
        }
    }

    /// All that one read, one end or one moment brought has been taken.
    func settle() {
        guard hasTold else { return }
        hasTold = false
        session.observer?.settled()
    }

    private func awake() {
        take(.timer, of: nil)
        settle()
    }

    // MARK: What is to be done

    private func perform(_ action: ReflectorAction) {
        switch action {
        case .send(let request): send(request)
        case .cancel: end()
        case .renewConnections: session.transport.renew()
        case .setTimer(let delay): timer?.set(after: delay)
        case .refuseCredentials: session.credentials.refused()
        case .upsert(let object, let isInitial):
            hasTold = true
            session.observer?.upsert(object, isInitial: isInitial)
        case .delete(let key):
            hasTold = true
            session.observer?.delete(resource.kind, key)
        case .retainOnly(let keys):
            hasTold = true
            session.observer?.retainOnly(resource.kind, keys)
        case .report(let report):
            // Who hears that everything is told may publish it.
            if report == .synced { settle() }
            session.observer?.report(resource, report)
        }
    }

    private func send(_ request: WatchRequest) {
        let response = WatchResponse(request, self)
        self.response = response
        exchange = nil
        session.credentials.current { [weak self] result in self?.send(request, response, as: result) }
    }

    private func send(
        _ request: WatchRequest, _ response: WatchResponse, as result: Result<RequestCredentials, CredentialFault>
    ) {
        guard !session.isStopped, self.response === response else { return }
        switch result {
        case .failure(let fault): take(.unauthenticated(fault), of: response)
        case .success(let credentials):
            take(.sent, of: response)
            let http = session.httpRequest(request, selection, as: credentials)
            let exchange = session.transport.send(http, to: response)
            if self.response === response { self.exchange = exchange }
        }
    }

    private func end() {
        response = nil
        exchange?.cancel()
        exchange = nil
    }
}
