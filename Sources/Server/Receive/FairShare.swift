import DNSMessage

/// While a worker cannot keep up and the kernel drops packets, each client of a batch gets at most so many answers, so
/// that one that asks without measure does not take the others' place. What is above is dropped unread, which is a
/// fraction of the cost of an answer, and so the queue empties sooner. Owned by the worker's queue.
///
/// Costs nothing before batches are full, and one system call for every 32 of them then.
struct FairShare {
    /// Full batches from one look at the kernel's drops to the next.
    private static let period = 32
    /// Answers that a client gets of a batch; the whole batch while nothing is dropped.
    private var limit = Limits.batch
    private var fullBatches = 0
    private var drops: UInt32?
    /// The same for the batch at hand: no less than if all of its clients had as many, so that a client that is alone
    /// has it for itself.
    private var share = Limits.batch
    private let table = ClientTable()

    /// Looks at the batch that was just taken; `dropped` tells how many packets the kernel dropped so far. Returns how
    /// many those are since the last look.
    mutating func note(_ count: Int, dropped: () -> UInt32) -> UInt32 {
        guard count == Limits.batch else { return 0 }
        fullBatches += 1
        guard fullBatches % Self.period == 0 else { return 0 }
        let now = dropped()
        // What was dropped before the first look is no reason: it may have been at the start.
        let isDropping = drops.map { $0 != now } ?? false
        let more = now &- (drops ?? 0)
        drops = now
        limit = isDropping ? max(limit * 3 / 4, 1) : min(limit + Limits.batch / 8, Limits.batch)
        return more
    }

    /// Whether a batch of so many packets is to be shared out: it is full while packets are dropped.
    func isNeeded(_ count: Int) -> Bool { limit < Limits.batch && count == Limits.batch }

    /// Shares a batch out among those who sent it.
    mutating func begin(_ count: Int, client: (Int) -> IPAddress) {
        table.clear()
        for index in 0..<count { table.enter(client(index)) }
        share = max(limit, Limits.batch / max(table.clientCount, 1))
    }

    /// Whether one more packet of a client is answered: the first few of everybody.
    func admits(_ client: IPAddress) -> Bool { table.count(client) <= share }

    func deallocate() { table.deallocate() }
}

/// How often each client occurs in a batch: open addressing in a table twice as large.
private struct ClientTable {
    private struct Entry {
        var client = IPAddress(v4: 0)
        var isTaken = false
        var count = 0
    }

    private static let size = 2 * Limits.batch
    private let entries: UnsafeMutablePointer<Entry>
    private let clients: UnsafeMutablePointer<Int>

    init() {
        entries = .allocate(capacity: Self.size)
        entries.initialize(repeating: Entry(), count: Self.size)
        clients = .allocate(capacity: 1)
        clients.initialize(to: 0)
    }

    func deallocate() {
        entries.deallocate()
        clients.deallocate()
    }

    var clientCount: Int { clients.pointee }

    func clear() {
        entries.update(repeating: Entry(), count: Self.size)
        clients.pointee = 0
    }

    func enter(_ client: IPAddress) {
        let slot = slot(client)
        guard !entries[slot].isTaken else { return }
        entries[slot] = Entry(client: client, isTaken: true, count: 0)
        clients.pointee += 1
    }

    /// How often the client was counted, this time included.
    func count(_ client: IPAddress) -> Int {
        let slot = slot(client)
        entries[slot].count += 1
        return entries[slot].count
    }

    /// Where the client is, or the free place that it would have: there are twice as many as a batch has clients.
    private func slot(_ client: IPAddress) -> Int {
        var slot = Int(truncatingIfNeeded: (client.high ^ client.low) &* 0x9E37_79B9_7F4A_7C15 >> 40) % Self.size
        while entries[slot].isTaken, entries[slot].client != client { slot = (slot + 1) % Self.size }
        return slot
    }
}
