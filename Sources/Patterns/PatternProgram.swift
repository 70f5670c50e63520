/// A regular expression as instructions for `PatternMatcher`.
final class PatternProgram: Sendable {
    enum Operation: UInt8 {
        /// Takes the byte `argument`.
        case byte
        /// Takes an ASCII byte of the set numbered `target`.
        case set
        /// Takes the first byte of a character above ASCII.
        case leadByte
        /// Takes a further byte of a character above ASCII.
        case nextByte
        /// Goes on at `target`, and if that leads nowhere at `other`.
        case split
        case jump
        /// Remembers the position in slot `target`.
        case save
        /// Goes on if the condition numbered `argument` holds.
        case condition
        case match
    }

    struct Instruction {
        var operation: Operation
        var argument: UInt8 = 0
        var target: Int32 = 0
        var other: Int32 = 0
    }

    let count: Int
    /// Matches begin nowhere but at the start of the text.
    let isAnchored: Bool
    // Written in `init`, read only afterwards.
    nonisolated(unsafe) let instructions: UnsafeMutablePointer<Instruction>
    nonisolated(unsafe) let sets: UnsafeMutablePointer<ByteSet>

    init(_ node: PatternNode, groupCount: Int) throws(GoPatternError) {
        var compiler = PatternCompiler()
        try compiler.compile(.group(node, number: 0))
        compiler.emit(Instruction(operation: .match))
        count = compiler.instructions.count
        instructions = .allocate(capacity: count)
        instructions.initialize(from: compiler.instructions, count: count)
        sets = .allocate(capacity: max(compiler.sets.count, 1))
        sets.initialize(from: compiler.sets, count: compiler.sets.count)
        isAnchored =
            count > 1 && instructions[1].operation == .condition
            && instructions[1].argument == PatternNode.Condition.textStart.rawValue
    }

    deinit {
        instructions.deallocate()
        sets.deallocate()
    }
}

/// Writes the instructions for a parsed expression.
private struct PatternCompiler {
    typealias Instruction = PatternProgram.Instruction

    private(set) var instructions: [Instruction] = []
    private(set) var sets: [ByteSet] = []
    private var setNumbers: [ByteSet: Int32] = [:]

    private var here: Int32 { Int32(instructions.count) }

    mutating func emit(_ instruction: Instruction) { instructions.append(instruction) }

    mutating func compile(_ node: PatternNode) throws(GoPatternError) {
        guard instructions.count < PatternLimits.instructionsMax else {
            throw GoPatternError("the expression is too large")
        }
        switch node {
        case .empty: break
        case .set(let set): compile(set)
        case .bytes(let bytes): for byte in bytes { emit(Instruction(operation: .byte, argument: byte)) }
        case .sequence(let nodes): for node in nodes { try compile(node) }
        case .choice(let nodes): try compile(nodes)
        case .group(let node, let number):
            emit(Instruction(operation: .save, target: Int32(number * 2)))
            try compile(node)
            emit(Instruction(operation: .save, target: Int32(number * 2 + 1)))
        case .repetition(let node, let minimum, let maximum, let isLazy):
            try compile(node, minimum, maximum, isLazy)
        case .condition(let condition): emit(Instruction(operation: .condition, argument: condition.rawValue))
        }
    }

    private mutating func compile(_ set: ByteSet) {
        let ascii = Instruction(operation: .set, target: number(of: set))
        guard set.hasOthers else { return emit(ascii) }
        let split = here
        emit(Instruction(operation: .split, target: split + 1))
        emit(ascii)
        let end = here
        emit(Instruction(operation: .jump))
        instructions[Int(split)].other = here
        emit(Instruction(operation: .leadByte))
        let loop = here
        emit(Instruction(operation: .split, target: loop + 1, other: loop + 3))
        emit(Instruction(operation: .nextByte))
        emit(Instruction(operation: .jump, target: loop))
        instructions[Int(end)].target = here
    }

    private mutating func number(of set: ByteSet) -> Int32 {
        if let known = setNumbers[set] { return known }
        let number = Int32(sets.count)
        sets.append(set)
        setNumbers[set] = number
        return number
    }

    private mutating func compile(_ choices: [PatternNode]) throws(GoPatternError) {
        var ends: [Int] = []
        for (index, choice) in choices.enumerated() {
            guard index < choices.count - 1 else {
                try compile(choice)
                break
            }
            let split = Int(here)
            emit(Instruction(operation: .split, target: here + 1))
            try compile(choice)
            ends.append(Int(here))
            emit(Instruction(operation: .jump))
            instructions[split].other = here
        }
        for end in ends { instructions[end].target = here }
    }

    private mutating func compile(
        _ node: PatternNode, _ minimum: Int, _ maximum: Int?, _ isLazy: Bool
    ) throws(GoPatternError) {
        guard let maximum else { return try compileEndless(node, minimum, isLazy) }
        let start = here
        for copy in 0..<minimum {
            try compile(node)
            // What takes no instructions takes none any number of times.
            if copy == 0, here == start { return }
        }
        var splits: [Int] = []
        for _ in minimum..<maximum {
            splits.append(emitSplit())
            try compile(node)
        }
        close(splits, isLazy)
    }

    /// A loop tests behind its body whether to go on, and where the body may take nothing so does one that need not be
    /// entered: then an empty round counts as Go counts it.
    private mutating func compileEndless(
        _ node: PatternNode, _ minimum: Int, _ isLazy: Bool
    ) throws(GoPatternError) {
        if minimum == 0, !node.canBeEmpty {
            let split = emitSplit()
            try compile(node)
            emit(Instruction(operation: .jump, target: Int32(split)))
            return close([split], isLazy)
        }
        let skip = minimum == 0 ? [emitSplit()] : []
        var body = here
        for copy in 0..<max(minimum, 1) {
            body = here
            try compile(node)
            if copy == 0, here == body { break }
        }
        let split = emitSplit()
        instructions[split].target = isLazy ? here : body
        instructions[split].other = isLazy ? body : here
        close(skip, isLazy)
    }

    private mutating func emitSplit() -> Int {
        emit(Instruction(operation: .split))
        return Int(here) - 1
    }

    /// Points splits to what follows them and to what follows here, in the order of preference.
    private mutating func close(_ splits: [Int], _ isLazy: Bool) {
        for split in splits {
            let (more, enough) = (Int32(split) + 1, here)
            instructions[split].target = isLazy ? enough : more
            instructions[split].other = isLazy ? more : enough
        }
    }
}
