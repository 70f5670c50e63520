/// Where entries of one kind of tenure lie: in order of arrival, the oldest goes first. Entries are whole, so the end
/// of the memory may stay unused until the next round.
struct Ring {
    /// Where the ring starts in its shard's memory.
    let start: Int
    /// Bytes, a multiple of eight.
    let capacity: Int
    /// Offset of the oldest entry.
    private(set) var head = 0
    private var tail = 0
    /// Bytes in use, dead entries and unused ends included.
    private(set) var used = 0

    init(start: Int, capacity: Int) {
        self.start = start
        self.capacity = capacity
    }

    /// Room that a new entry would get.
    enum Room {
        case none
        /// Right behind the newest entry.
        case behind
        /// At the start; so many bytes at the end stay unused.
        case atStart(unused: Int)
    }

    func room(for size: Int) -> Room {
        if used > 0, tail <= head { return head - tail >= size ? .behind : .none }
        if capacity - tail >= size { return .behind }
        return head >= size ? .atStart(unused: capacity - tail) : .none
    }

    /// Where the unused end begins.
    var end: Int { tail }

    /// Passes over the end.
    mutating func wrap() {
        used += capacity - tail
        tail = 0
    }

    /// Takes room that `room` promised; the offset of the new entry.
    mutating func append(_ size: Int) -> Int {
        let offset = tail
        tail += size
        used += size
        return offset
    }

    /// Lets go of the oldest entry.
    mutating func removeFirst(_ size: Int) {
        head += size
        used -= size
        if head == capacity { head = 0 }
        if used == 0 {
            head = 0
            tail = 0
        }
    }
}
