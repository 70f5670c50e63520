/// Timers by time: a binary heap whose entries know their place, so that one that is taken back leaves at once.
struct TimerHeap {
    private struct Entry {
        let time: UInt64
        let slot: Int
    }

    private struct Slot {
        var handler: (any TimerHandler)?
        var generation: UInt32
        /// Place in the heap.
        var place: Int
    }

    private var heap: [Entry] = []
    private var slots: [Slot] = []
    private var freeSlots: [Int] = []

    /// When the next timer is due.
    var earliest: UInt64? { heap.first?.time }

    mutating func insert(_ time: UInt64, _ handler: any TimerHandler) -> TimerToken {
        let index = freeSlots.popLast() ?? slots.count
        if index == slots.count { slots.append(Slot(handler: nil, generation: 0, place: 0)) }
        slots[index].handler = handler
        slots[index].generation &+= 1
        heap.append(Entry(time: time, slot: index))
        rise(heap.count - 1)
        return TimerToken(index: index, generation: slots[index].generation)
    }

    mutating func remove(_ token: TimerToken) {
        guard slots.indices.contains(token.index), slots[token.index].generation == token.generation,
            slots[token.index].handler != nil
        else { return }
        take(at: slots[token.index].place)
    }

    /// The earliest timer, if its time has come.
    mutating func popDue(_ now: UInt64) -> (any TimerHandler, TimerToken)? {
        guard let first = heap.first, first.time <= now, let handler = slots[first.slot].handler else { return nil }
        let token = TimerToken(index: first.slot, generation: slots[first.slot].generation)
        take(at: 0)
        return (handler, token)
    }

    /// Frees the slot of an entry and closes the gap with the last one.
    private mutating func take(at place: Int) {
        let slot = heap[place].slot
        slots[slot].handler = nil
        freeSlots.append(slot)
        let last = heap.removeLast()
        guard place < heap.count else { return }
        heap[place] = last
        slots[last.slot].place = place
        rise(place)
        sink(slots[last.slot].place)
    }

    private mutating func rise(_ start: Int) {
        var place = start
        let entry = heap[place]
        while place > 0, heap[(place - 1) / 2].time > entry.time {
            move(heap[(place - 1) / 2], to: place)
            place = (place - 1) / 2
        }
        move(entry, to: place)
    }

    private mutating func sink(_ start: Int) {
        var place = start
        let entry = heap[place]
        while true {
            var child = 2 * place + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1].time < heap[child].time { child += 1 }
            guard heap[child].time < entry.time else { break }
            move(heap[child], to: place)
            place = child
        }
        move(entry, to: place)
    }

    private mutating func move(_ entry: Entry, to place: Int) {
        heap[place] = entry
        slots[entry.slot].place = place
    }
}
