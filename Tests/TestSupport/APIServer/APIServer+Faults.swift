import Dispatch

/// A fault that waits for requests.
struct FaultRule {
    let requests: RequestSet
    let fault: Fault
    /// How often still; nil for ever.
    var times: Int?
}

extension APIServer {
    /// Has requests go wrong from now on: so many, or all until `heal()`. Of several faults that concern a request, the
    /// one that was injected first happens.
    public func inject(_ fault: Fault, into requests: RequestSet = .all, times: Int? = 1) {
        perform { $0.faults.append(FaultRule(requests: requests, fault: fault, times: times)) }
    }

    /// Has something go wrong now with the watches that are open.
    public func strike(_ fault: StreamFault, _ requests: RequestSet = .all) {
        perform { core in
            for exchange in core.watches.values.joined() where requests.contains(exchange.request) {
                exchange.strike(fault)
            }
        }
    }

    /// Has the open watches trickle from now on.
    public func slowDown(to bytes: Int, every interval: Duration, _ requests: RequestSet = .all) {
        perform { core in
            for exchange in core.watches.values.joined() where requests.contains(exchange.request) {
                exchange.slowDown(to: bytes, every: interval)
            }
        }
    }

    /// No more faults; what was withheld is sent.
    public func heal() {
        perform { core in
            core.faults = []
            for connection in core.connections.values { connection.exchange?.release() }
        }
    }

    // MARK: Outages

    /// How a server goes away.
    public enum Departure: Sendable {
        /// SIGKILL: streams end without their last chunk.
        case killed
        /// SIGKILL as seen through a network that says so: connections are reset.
        case reset
        /// SIGTERM: new connections are refused at once; watches stay open and silent so long, and then end cleanly.
        case terminated(drain: Duration)
    }

    /// Goes away; the port refuses connections. Objects can still be changed, as if through another server.
    public func goDown(_ departure: Departure = .killed) {
        perform { $0.leave(departure) }
    }

    /// Comes back on the same port. A new process has no history: watches from before it get 410, unless nothing has
    /// changed since their version.
    public func comeBack(keepingHistory: Bool = false) throws {
        try perform { try $0.arrive(keepingHistory) }
    }

    /// Goes away and comes back by itself.
    public func restart(
        _ departure: Departure = .killed, awayFor duration: Duration, keepingHistory: Bool = false
    ) {
        perform { core in
            core.leave(departure)
            core.arrive(after: duration, keepingHistory)
        }
    }
}

extension ServerCore {
    /// The fault that a request meets.
    func takeFault(_ request: APIRequest) -> Fault? {
        guard let index = faults.firstIndex(where: { $0.requests.contains(request) }) else { return nil }
        let fault = faults[index].fault
        if let times = faults[index].times {
            faults[index].times = times - 1
            if times <= 1 { faults.remove(at: index) }
        }
        return fault
    }

    fileprivate func leave(_ departure: APIServer.Departure) {
        switch departure {
        case .killed: shutDown()
        case .reset: shutDown(resets: true)
        case .terminated(let drain):
            listener.close()
            let open = watches.values.joined().map { $0 }
            for connection in connections.values where connection.exchange == nil { connection.close() }
            for exchange in open { exchange.hold() }
            timers.append(
                QueueTimer(queue, after: drain) { [weak self] in self?.endHeld(open) })
        }
    }

    private func endHeld(_ exchanges: [Exchange]) {
        for exchange in exchanges where !exchange.isOver {
            exchange.endForGood()
        }
    }

    fileprivate func arrive(_ keepingHistory: Bool) throws(ClientError) {
        if !keepingHistory { store.compact() }
        try open()
    }

    fileprivate func arrive(after duration: Duration, _ keepingHistory: Bool) {
        timers.append(
            QueueTimer(queue, after: duration) { [weak self] in
                do {
                    try self?.arrive(keepingHistory)
                } catch {
                    preconditionFailure("the port is ours: \(error)")
                }
            })
    }
}
