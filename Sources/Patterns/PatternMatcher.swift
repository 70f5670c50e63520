/// Runs a program on a text, all possible matches side by side (Thompson's way, as RE2's): no step goes back in the
/// text, and at no place are there more threads than instructions.
struct PatternMatcher {
    /// Threads in order of preference, each with what it remembers.
    private struct Threads {
        /// The instructions at which threads wait.
        let waiting: UnsafeMutablePointer<Int32>
        /// For each instruction where in `waiting` it may stand.
        let places: UnsafeMutablePointer<Int32>
        /// For each thread its slots.
        let slots: UnsafeMutablePointer<Int32>
        var count = 0

        func contains(_ instruction: Int32) -> Bool {
            let place = Int(places[Int(instruction)])
            return place < count && waiting[place] == instruction
        }
    }

    private let program: PatternProgram
    private let subject: UnsafeRawBufferPointer
    private let slotCount: Int
    private var threads: Threads
    private var next: Threads
    /// The slots of the thread that is being followed.
    private let current: UnsafeMutablePointer<Int32>
    /// Pairs: an instruction to follow and 0, or a slot to put back, as its complement, and its value.
    private let stack: UnsafeMutablePointer<Int32>

    /// The slots of the first match, -1 where nothing was remembered; nil without a match.
    static func run(_ program: PatternProgram, on subject: UnsafeRawBufferPointer, slotCount: Int) -> [Int32]? {
        let count = program.count
        // Two lists of threads, the slots at hand, and a stack: an instruction that is followed adds two pairs at most.
        let total = 2 * (2 * count + count * slotCount) + slotCount + 2 * (2 * count + 2)
        return withUnsafeTemporaryAllocation(of: Int32.self, capacity: total) { memory in
            // The capacity is above 0, so there is a base address.
            var rest = memory.baseAddress.unsafelyUnwrapped
            func take(_ length: Int) -> UnsafeMutablePointer<Int32> {
                defer { rest += length }
                return rest
            }
            let threads = Threads(waiting: take(count), places: take(count), slots: take(count * slotCount))
            let next = Threads(waiting: take(count), places: take(count), slots: take(count * slotCount))
            // What else is read was written before.
            threads.places.initialize(repeating: 0, count: count)
            next.places.initialize(repeating: 0, count: count)
            var matcher = PatternMatcher(
                program: program, subject: subject, slotCount: slotCount, threads: threads, next: next,
                current: take(slotCount), stack: take(2 * (2 * count + 2)))
            return matcher.run()
        }
    }

    private mutating func run() -> [Int32]? {
        var found: [Int32]?
        for position in 0...subject.count {
            // A match is only outdone by threads that began before it.
            if found == nil, position == 0 || !program.isAnchored {
                for slot in 0..<slotCount { current[slot] = -1 }
                follow(from: 0, at: position, into: &threads)
            }
            if threads.count == 0, found != nil || program.isAnchored { break }
            step(at: position, &found)
            swap(&threads, &next)
            next.count = 0
        }
        return found
    }

    /// Feeds one byte to every thread; those behind one that has matched are given up.
    private mutating func step(at position: Int, _ found: inout [Int32]?) {
        for index in 0..<threads.count {
            let number = threads.waiting[index]
            let instruction = program.instructions[Int(number)]
            if instruction.operation == .match {
                found = Array(UnsafeBufferPointer(start: threads.slots + index * slotCount, count: slotCount))
                return
            }
            guard position < subject.count, takes(subject[position], instruction) else { continue }
            for slot in 0..<slotCount { current[slot] = threads.slots[index * slotCount + slot] }
            follow(from: number + 1, at: position + 1, into: &next)
        }
    }

    private func takes(_ byte: UInt8, _ instruction: PatternProgram.Instruction) -> Bool {
        switch instruction.operation {
        case .byte: byte == instruction.argument
        case .set: program.sets[Int(instruction.target)].contains(byte)
        case .leadByte: byte >= 0xC0
        case .nextByte: byte & 0xC0 == 0x80
        case .split, .jump, .save, .condition, .match: false
        }
    }

    /// Adds the threads that come of an instruction without a byte being taken, the preferred ones first.
    private func follow(from start: Int32, at position: Int, into list: inout Threads) {
        var depth = 0
        push(start, 0, &depth)
        while depth > 0 {
            depth -= 1
            let (number, value) = (stack[2 * depth], stack[2 * depth + 1])
            guard number >= 0 else {
                current[Int(~number)] = value
                continue
            }
            guard !list.contains(number) else { continue }
            list.places[Int(number)] = Int32(list.count)
            list.waiting[list.count] = number
            for slot in 0..<slotCount { list.slots[list.count * slotCount + slot] = current[slot] }
            list.count += 1
            let instruction = program.instructions[Int(number)]
            switch instruction.operation {
            case .split:
                push(instruction.other, 0, &depth)
                push(instruction.target, 0, &depth)
            case .jump: push(instruction.target, 0, &depth)
            case .save:
                let slot = Int(instruction.target)
                if slot < slotCount {
                    push(~instruction.target, current[slot], &depth)
                    current[slot] = Int32(truncatingIfNeeded: position)
                }
                push(number + 1, 0, &depth)
            case .condition: if holds(instruction.argument, at: position) { push(number + 1, 0, &depth) }
            case .byte, .set, .leadByte, .nextByte, .match: break
            }
        }
    }

    private func push(_ number: Int32, _ value: Int32, _ depth: inout Int) {
        stack[2 * depth] = number
        stack[2 * depth + 1] = value
        depth += 1
    }

    private func holds(_ condition: UInt8, at position: Int) -> Bool {
        switch PatternNode.Condition(rawValue: condition) {
        case .textStart: position == 0
        case .textEnd: position == subject.count
        case .lineStart: position == 0 || subject[position - 1] == UInt8(ascii: "\n")
        case .lineEnd: position == subject.count || subject[position] == UInt8(ascii: "\n")
        case .wordBoundary: isWord(position - 1) != isWord(position)
        case .noWordBoundary: isWord(position - 1) == isWord(position)
        case nil: false
        }
    }

    private func isWord(_ position: Int) -> Bool {
        subject.indices.contains(position) && ByteSet.word.contains(subject[position])
    }
}
