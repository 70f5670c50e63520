/// The endpoints of a service as they change: first those of now, then every other set. Equal sets are not repeated,
/// and whoever is slow gets the newest one and not what was between.
///
/// Each iterator is a subscription of its own and ends with the task that waits for it, with `close()`, or when it is
/// let go. As long as the cluster is not in sync there is nothing to tell, and it waits.
public struct EndpointChanges: AsyncSequence, Sendable {
    private let directory: ClusterDirectory
    private let topic: EndpointTopic

    init(_ directory: ClusterDirectory, _ topic: EndpointTopic) {
        self.directory = directory
        self.topic = topic
    }

    /// Subscribes.
    public func makeAsyncIterator() -> Iterator { Iterator(Subscription(directory, topic)) }

    /// One subscription.
    public struct Iterator: AsyncIteratorProtocol {
        private let subscription: Subscription

        fileprivate init(_ subscription: Subscription) { self.subscription = subscription }

        /// Waits for a set that is not the last one; nil at the end.
        public mutating func next() async -> EndpointSet? { await subscription.mailbox.next()?.set }

        /// The same for a caller that belongs to an actor.
        public mutating func next(isolation actor: isolated (any Actor)?) async -> EndpointSet? {
            await subscription.mailbox.next(isolation: actor)?.set
        }
    }
}

/// Keeps the directory alive, and ends with the iterator that has it.
private final class Subscription: Sendable {
    let mailbox = Mailbox<EndpointNews>()
    private let directory: ClusterDirectory
    private let topic: EndpointTopic
    private let id: UInt64

    init(_ directory: ClusterDirectory, _ topic: EndpointTopic) {
        self.directory = directory
        self.topic = topic
        id = directory.feed.subscribe(mailbox, to: topic)
    }

    deinit { directory.feed.unsubscribe(id, from: topic) }
}
