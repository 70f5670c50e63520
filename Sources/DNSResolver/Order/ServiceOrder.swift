/// Services by priority, those of one priority by weight at random (RFC 2782).
enum ServiceOrder {
    static func sorted(
        _ targets: [ServiceTarget], using random: inout some RandomNumberGenerator
    ) -> [ServiceTarget] {
        var rest = targets.sorted { $0.priority < $1.priority }[...]
        var ordered: [ServiceTarget] = []
        ordered.reserveCapacity(targets.count)
        while let first = rest.first {
            let group = rest.prefix { $0.priority == first.priority }
            rest = rest.dropFirst(group.count)
            ordered += drawn(Array(group), using: &random)
        }
        return ordered
    }

    /// Draws one after the other, each with the share of its weight among those that are left. Those of weight 0 stand
    /// in front, so that they have a small chance.
    private static func drawn(
        _ group: [ServiceTarget], using random: inout some RandomNumberGenerator
    ) -> [ServiceTarget] {
        let shuffled = group.shuffled(using: &random)
        var left = shuffled.filter { $0.weight == 0 } + shuffled.filter { $0.weight > 0 }
        var total = left.reduce(0) { $0 + Int($1.weight) }
        var ordered: [ServiceTarget] = []
        while !left.isEmpty {
            let mark = Int.random(in: 0...total, using: &random)
            var sum = 0
            let index = left.firstIndex {
                sum += Int($0.weight)
                return sum >= mark
            }
            let drawn = left.remove(at: index ?? 0)
            total -= Int(drawn.weight)
            ordered.append(drawn)
        }
        return ordered
    }
}
