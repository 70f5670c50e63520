import DNSMessage
import EventLoop
import PluginKit
import Telemetry

/// The walks of one worker: the one at hand, those that wait, those that are free. Owned by the worker's queue.
final class WalkPool {
    let worker: WorkerSlot
    let loop: EventLoop
    let cookies: ServerCookies
    var copyScratch = NameScratch()
    private var current: Walk?
    /// The router of the query at hand, which holds none of its own.
    private var router: Unmanaged<Router>?
    private var free: [Walk] = []
    private(set) var parkedCount = 0

    init(worker: WorkerSlot, loop: EventLoop, cookies: ServerCookies) {
        self.worker = worker
        self.loop = loop
        self.cookies = cookies
    }

    /// Answers a request, or begins to.
    func resolve(_ arrival: Arrival) -> Resolution {
        let walk = current ?? take()
        current = walk
        router = arrival.router
        let resolution = walk.start(arrival)
        if case .later = resolution { current = nil }
        return resolution
    }

    /// Whether one more query may wait.
    var canPark: Bool { parkedCount < Limits.parkedMax }
    /// Whether so many wait that their memory counts.
    var isCrowded: Bool { parkedCount > Limits.roomyWalksMax }

    func didPark() { parkedCount += 1 }
    func didResume() { parkedCount -= 1 }

    /// A walk besides the one at hand.
    func take() -> Walk { free.popLast() ?? Walk(self) }

    /// The router of a walk that does not wait.
    func router(of walk: Walk) -> Router? { walk === current ? router?.takeUnretainedValue() : nil }

    func giveBack(_ walk: Walk) {
        if free.count < Limits.roomyWalksMax { free.append(walk) }
    }
}
