/// The queries of a client by deadline, first to last, linked through their ports. Deadlines mostly come in order, so
/// that the place of a new one is at the end.
struct DeadlineList {
    /// Ends of the list, and of its links.
    static let none = -1

    private var head = none
    private var tail = none

    var isEmpty: Bool { head == Self.none }

    func first(in ports: [DatagramPort]) -> DatagramPort? { isEmpty ? nil : ports[head] }

    mutating func insert(_ port: DatagramPort, in ports: [DatagramPort]) {
        var before = tail
        while before != Self.none, ports[before].deadline > port.deadline { before = ports[before].earlier }
        let after = before == Self.none ? head : ports[before].later
        (port.earlier, port.later, port.isListed) = (before, after, true)
        if before == Self.none { head = port.index } else { ports[before].later = port.index }
        if after == Self.none { tail = port.index } else { ports[after].earlier = port.index }
    }

    mutating func remove(_ port: DatagramPort, in ports: [DatagramPort]) {
        guard port.isListed else { return }
        if port.earlier == Self.none { head = port.later } else { ports[port.earlier].later = port.later }
        if port.later == Self.none { tail = port.earlier } else { ports[port.later].earlier = port.earlier }
        port.isListed = false
    }
}
