import ClusterIndex

/// What somebody wants to hear of: the endpoints of one port of one service.
struct EndpointTopic: Hashable, Sendable {
    /// As the index spells it.
    let service: ObjectKey
    let port: PortChoice

    init(_ service: ObjectKey, _ port: PortChoice) {
        self.service = service.folded
        self.port = port
    }
}
