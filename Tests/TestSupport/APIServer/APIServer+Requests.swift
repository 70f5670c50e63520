import Glibc

extension APIServer {
    /// The requests so far, oldest first.
    public var requests: [APIRequest] { perform { $0.requestLog } }

    /// Forgets the requests so far.
    public func forgetRequests() { perform { $0.requestLog = [] } }

    /// How many watches are open, of one resource or of all.
    public func watchCount(_ set: RequestSet = .all) -> Int {
        perform { $0.watches.values.joined().count { exchange in set.contains(exchange.request) } }
    }

    /// How many connections are open.
    public var connectionCount: Int { perform { $0.connections.count } }

    /// Bytes that wait for clients to read.
    public var waitingBytes: Int { perform { $0.connections.values.reduce(0) { $0 + $1.bytesWaiting } } }

    /// Waits until so many requests of a set have come; false if they do not come in time.
    public func waitForRequests(
        _ set: RequestSet = .all, count: Int = 1, within timeout: Duration = .seconds(60)
    ) -> Bool {
        wait(within: timeout) { requests.count { set.contains($0) } >= count }
    }

    /// Waits until so many watches of a set are open; false if they do not come in time.
    public func waitForWatches(
        _ set: RequestSet = .all, count: Int = 1, within timeout: Duration = .seconds(60)
    ) -> Bool {
        wait(within: timeout) { watchCount(set) >= count }
    }

    private func wait(within timeout: Duration, until isMet: () -> Bool) -> Bool {
        let clock = ContinuousClock()
        let end = clock.now + timeout
        repeat {
            if isMet() { return true }
            usleep(2_000)
        } while clock.now < end
        return isMet()
    }
}

extension ServerCore {
    /// More requests than this are not remembered; the oldest are forgotten.
    private static let requestsMax = 20_000

    func remember(_ request: APIRequest) {
        if requestLog.count >= Self.requestsMax { requestLog.removeFirst(Self.requestsMax / 2) }
        requestLog.append(request)
    }
}
