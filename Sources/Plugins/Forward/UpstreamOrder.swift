/// What is known of an upstream when a question is about to be asked.
enum UpstreamStanding {
    case good
    /// It fails often, or is much slower than others.
    case poor
    /// Its health checks fail.
    case down
    /// It leads back to this server.
    case quarantined
}

/// Which upstreams are asked, and in which order: the policy's, those in poor standing last.
struct UpstreamOrder {
    private let policy: ForwardOptions.Policy
    private var rotation: Int
    private var random: UInt64

    init(_ policy: ForwardOptions.Policy, seed: UInt64 = .random(in: 1 ... .max)) {
        self.policy = policy
        random = seed | 1
        rotation = Int(truncatingIfNeeded: seed >> 33)
    }

    /// Fills `order`; false where all upstreams are down, which are then listed at random.
    mutating func arrange(_ order: inout [Int], _ count: Int, _ standing: (Int) -> UpstreamStanding) -> Bool {
        order.removeAll(keepingCapacity: true)
        for index in 0..<count { order.append(index) }
        switch policy {
        case .random: shuffle(&order)
        case .roundRobin:
            rotation = (rotation + 1) % count
            for index in 0..<count { order[index] = (index + rotation) % count }
        case .sequential: break
        }
        return sort(&order, standing)
    }

    private mutating func sort(_ order: inout [Int], _ standing: (Int) -> UpstreamStanding) -> Bool {
        var poor: [Int] = []
        var down: [Int] = []
        order.removeAll { index in
            switch standing(index) {
            case .good: return false
            case .poor: poor.append(index)
            case .down: down.append(index)
            case .quarantined: break
            }
            return true
        }
        order += poor
        guard order.isEmpty, !down.isEmpty else { return true }
        shuffle(&down)
        order = down
        return false
    }

    private mutating func shuffle(_ list: inout [Int]) {
        guard list.count > 1 else { return }
        for index in 1..<list.count { list.swapAt(index, below(index + 1)) }
    }

    /// A number below `bound`, by xorshift: for sharing load, not for secrets.
    private mutating func below(_ bound: Int) -> Int {
        random ^= random << 13
        random ^= random >> 7
        random ^= random << 17
        return Int(random >> 33) % bound
    }
}
