public import ClusterIndex

/// Endpoint changes as if pods were replaced: slice after slice gets a new last endpoint, and the next time round the
/// old one again. Those of `Tests/Benchmarks/changes.py`.
public struct EndpointChurn: Sendable {
    /// More slices than this do not take turns.
    private static let slicesMax = 2_000

    /// A change, and how to see that it has arrived.
    public struct Move: Hashable, Sendable {
        /// The slice.
        public let slice: ObjectKey
        /// Where its last endpoint is now.
        public let address: String
        /// The name that has this address alone.
        public let name: String
        /// What came of it.
        public let change: APIServer.Change
    }

    private struct Turn {
        let slice: EndpointSlice
        let domain: String
        var isMoved = false
    }

    private var turns: [Turn] = []
    private var next = 0
    private var moves = 0

    /// Changes to the slices of a cluster that is in a server.
    public init(_ cluster: GeneratedCluster) {
        let slices = cluster.services.flatMap { service in
            cluster.slices(service).filter { slice in
                slice.addressType == .ipv4 && slice.endpoints.count > 1 && slice.endpoints.last?.hostname == ""
            }.map { (service.domain, $0) }
        }
        for place in stride(from: 0, to: slices.count, by: max(1, slices.count / Self.slicesMax)) {
            turns.append(Turn(slice: slices[place].1, domain: slices[place].0))
        }
    }

    /// Whether there is anything to change.
    public var isEmpty: Bool { turns.isEmpty }

    /// Makes the next change.
    public mutating func move(_ server: APIServer) -> Move {
        defer { next = (next + 1) % turns.count }
        return move(next, server)
    }

    /// Changes the slice of this name, or `namespace/name`; nil if there is none that could change.
    public mutating func move(_ name: String, _ server: APIServer) -> Move? {
        turns.firstIndex { $0.slice.key.name == name || $0.slice.key.description == name }.map { move($0, server) }
    }

    private mutating func move(_ place: Int, _ server: APIServer) -> Move {
        var slice = turns[place].slice
        let last = slice.endpoints.count - 1
        if !turns[place].isMoved {
            moves += 1
            slice.endpoints[last].addresses = [GeneratedCluster.changedAddress(moves)]
        }
        turns[place].isMoved.toggle()
        let address = slice.endpoints[last].addresses[0]
        let label = String(address.map { $0 == "." ? "-" : $0 })
        return Move(
            slice: slice.key, address: address, name: "\(label).\(turns[place].domain)",
            change: server.apply(.endpointSlice(slice)))
    }
}
