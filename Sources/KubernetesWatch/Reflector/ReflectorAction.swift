import ClusterIndex

/// What a reflector wants done.
enum ReflectorAction: Hashable, Sendable {
    /// Make a request; the one before it is over.
    case send(WatchRequest)
    /// End the request that is out, and listen to it no more.
    case cancel
    /// Make further requests over other connections than those that are open: they may lead nowhere.
    case renewConnections
    /// Tell when this much time is over; replaces the timer set before.
    case setTimer(after: Duration)
    /// The server did not accept the credentials: forget them.
    case refuseCredentials
    /// Tell the observer.
    case upsert(ClusterObject, isInitial: Bool)
    /// Tell the observer.
    case delete(ObjectKey)
    /// Tell the observer.
    case retainOnly(Set<ObjectKey>)
    /// Tell the observer.
    case report(WatchReport)
}
