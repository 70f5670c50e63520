/// What `MessageWriter.shuffleRecords` goes by: chance, and addresses that come first.
public struct RecordShuffle {
    /// State of a SplitMix64 generator (Steele, Lea and Flood 2014): a few instructions a number, and good enough to
    /// spread load.
    private var state: UInt64
    /// Addresses in these come first, in the order of the prefixes.
    let preferred: UnsafeBufferPointer<AddressPrefix>
    /// Length that the message will be cut to, in bytes; what lies behind need not be shuffled.
    let limit: Int
    /// Who says how likely an address is to come first; nil shuffles all of them alike.
    unowned(unsafe) let weights: (any AddressWeighing)?

    /// A shuffle; equal seeds shuffle alike. The prefixes must stay where they are while it is used.
    public init(
        seed: UInt64, limit: Int = MessageWriter.maximumLength,
        preferred: UnsafeBufferPointer<AddressPrefix> = UnsafeBufferPointer(start: nil, count: 0),
        weights: (any AddressWeighing)? = nil
    ) {
        state = seed
        self.limit = limit
        self.preferred = preferred
        self.weights = weights
    }

    /// One of several by chance, the likelier the greater its weight.
    mutating func choice(_ weights: [Int]) -> Int {
        var place = number(below: weights.reduce(0, +))
        for (index, weight) in weights.enumerated() {
            place -= weight
            if place < 0 { return index }
        }
        return 0
    }

    /// A number from 0 to below `bound`; its bias is at most `bound` / 2³².
    mutating func number(below bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        let fraction = (mixed ^ mixed >> 31) >> 32
        return Int(truncatingIfNeeded: (fraction &* UInt64(truncatingIfNeeded: bound)) >> 32)
    }
}

/// Knows how much of the load addresses are to have.
public protocol AddressWeighing: AnyObject {
    /// The weight of an A or AAAA record among others, 1 to 255.
    func weight(of record: RecordView) -> Int
}
