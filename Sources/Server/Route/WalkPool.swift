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
    /// The same to be read for each query without counting a reference.
    private var currentWalk: Unmanaged<Walk>?
    /// The router of the query at hand, which holds none of its own.
    private var router: Unmanaged<Router>?
    private var free: [Walk] = []
    /// What queries that wait have no use for.
    private var spareMemory: [WriterMemory] = []
    private(set) var parkedCount = 0
    private(set) var isClosed = false
    /// How many of a client's queries wait.
    private var parkedByClient: [IPAddress: Int] = [:]

    init(worker: WorkerSlot, loop: EventLoop, cookies: ServerCookies) {
        self.worker = worker
        self.loop = loop
        self.cookies = cookies
    }

    deinit {
        for memory in spareMemory { memory.deallocate() }
    }

    /// Nothing is answered any more, and no walk that waits goes on.
    func close() {
        isClosed = true
        forgetCurrent()
        free = []
    }

    /// Answers a request, or begins to.
    func resolve(_ arrival: Arrival) -> Resolution {
        let walk = currentWalk ?? takeCurrent()
        router = arrival.router
        let resolution = walk._withUnsafeGuaranteedRef { $0.start(arrival) }
        if case .later = resolution { forgetCurrent() }
        return resolution
    }

    private func takeCurrent() -> Unmanaged<Walk> {
        let walk = take()
        let unmanaged = Unmanaged.passUnretained(walk)
        (current, currentWalk) = (walk, unmanaged)
        return unmanaged
    }

    private func forgetCurrent() { (current, currentWalk) = (nil, nil) }

    /// Whether one more query of a client may wait: when half of the places are taken, nobody gets more than an even
    /// share of them all.
    func canPark(_ client: IPAddress) -> Bool {
        guard parkedCount >= Limits.parkedMax / 2 else { return true }
        guard parkedCount < Limits.parkedMax else { return false }
        return parkedByClient[client, default: 0] < Limits.parkedMax / (parkedByClient.count + 1)
    }

    /// Takes the memory of a query that waits.
    func keep(_ memory: WriterMemory) {
        spareMemory.count < Limits.spareWalksMax ? spareMemory.append(memory) : memory.deallocate()
    }

    /// Memory for a query that goes on.
    func writerMemory() -> WriterMemory { spareMemory.popLast() ?? WriterMemory() }

    func didPark(_ client: IPAddress) {
        parkedCount += 1
        parkedByClient[client, default: 0] += 1
    }

    func didResume(_ client: IPAddress) {
        parkedCount -= 1
        guard let index = parkedByClient.index(forKey: client) else { return }
        parkedByClient.values[index] -= 1
        if parkedByClient.values[index] == 0 { parkedByClient.remove(at: index) }
    }

    /// A walk besides the one at hand.
    func take() -> Walk { free.popLast() ?? Walk(self) }

    /// The router of a walk that does not wait.
    func router(of walk: Walk) -> Router? { walk === current ? router?.takeUnretainedValue() : nil }

    func giveBack(_ walk: Walk) {
        if free.count < Limits.spareWalksMax, !isClosed { free.append(walk) }
    }
}
