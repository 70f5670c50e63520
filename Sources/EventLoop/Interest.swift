/// What the owner of a descriptor waits for at the moment, kept in step with its loop. On the loop's queue.
public struct Interest {
    private let descriptor: Int32
    private var token: WatchToken?
    private var current: Readiness = []

    /// No interest yet.
    public init(in descriptor: Int32) { self.descriptor = descriptor }

    /// Waits for this and nothing else. Who waits for nothing leaves the loop altogether: there it would still be told
    /// of errors, again and again. Before the descriptor is closed the interest is empty.
    public mutating func change(to wanted: Readiness, in loop: EventLoop, _ handler: any EventHandler) {
        guard wanted != current else { return }
        current = wanted
        switch (token, wanted.isEmpty) {
        case (let token?, true):
            loop.unwatch(token)
            self.token = nil
        case (let token?, false): loop.change(token, to: wanted)
        case (nil, true): break
        case (nil, false): token = loop.watch(descriptor, for: wanted, handler)
        }
    }
}
