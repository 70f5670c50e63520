import Glibc

/// The random numbers of Python's `random.Random`, so that a cluster made here is the one that
/// `Tests/Benchmarks/cluster.py` makes.
struct PythonRandom {
    private static let size = 624
    private var state: [UInt32]
    private var next = Self.size

    /// `random.Random(seed)` of a text.
    init(seed: String) {
        let text = Array(seed.utf8)
        let bytes = Array((text + SHA512.digest(text)).reversed())
        let key = stride(from: 0, to: bytes.count, by: 4).map { start in
            bytes[start..<min(start + 4, bytes.count)].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
        state = Self.mixed(key)
    }

    /// `init_by_array` of the Mersenne Twister.
    private static func mixed(_ key: [UInt32]) -> [UInt32] {
        var state: [UInt32] = [19_650_218]
        for index in 1..<UInt32(size) {
            let last = state[Int(index) - 1]
            state.append(1_812_433_253 &* (last ^ last >> 30) &+ index)
        }
        var (place, part) = (1, 0)
        for _ in 0..<max(size, key.count) {
            let last = state[place - 1]
            state[place] = (state[place] ^ (last ^ last >> 30) &* 1_664_525) &+ key[part] &+ UInt32(part)
            place = advance(place, &state)
            part = (part + 1) % key.count
        }
        for _ in 0..<size - 1 {
            let last = state[place - 1]
            state[place] = (state[place] ^ (last ^ last >> 30) &* 1_566_083_941) &- UInt32(place)
            place = advance(place, &state)
        }
        state[0] = 0x8000_0000
        return state
    }

    private static func advance(_ place: Int, _ state: inout [UInt32]) -> Int {
        guard place + 1 == size else { return place + 1 }
        state[0] = state[size - 1]
        return 1
    }

    private mutating func word() -> UInt32 {
        if next == Self.size { turn() }
        var word = state[next]
        next += 1
        word ^= word >> 11
        word ^= word << 7 & 0x9D2C_5680
        word ^= word << 15 & 0xEFC6_0000
        return word ^ word >> 18
    }

    private mutating func turn() {
        for index in 0..<Self.size {
            let mixed = state[index] & 0x8000_0000 | state[(index + 1) % Self.size] & 0x7FFF_FFFF
            state[index] = state[(index + 397) % Self.size] ^ mixed >> 1 ^ (mixed & 1 == 0 ? 0 : 0x9908_B0DF)
        }
        next = 0
    }

    // MARK: What Python makes of them

    /// `random()`.
    mutating func fraction() -> Double {
        let (high, low) = (word() >> 5, word() >> 6)
        return (Double(high) * 67_108_864 + Double(low)) / 9_007_199_254_740_992
    }

    /// `getrandbits(count)`, up to 64.
    mutating func bits(_ count: Int) -> UInt64 {
        if count <= 32 { return UInt64(word() >> UInt32(32 - count)) }
        let low = UInt64(word())
        return low | UInt64(word() >> UInt32(64 - count)) << 32
    }

    /// `randrange(bound)`.
    mutating func below(_ bound: Int) -> Int {
        let count = Int.bitWidth - bound.leadingZeroBitCount
        var number = bits(count)
        while number >= bound { number = bits(count) }
        return Int(number)
    }

    /// `choice(values)`.
    mutating func choice<Value>(_ values: [Value]) -> Value { values[below(values.count)] }

    /// `choices(range(len(weights)), weights)[0]`.
    mutating func index(weights: [Double]) -> Int {
        var sums: [Double] = []
        for weight in weights { sums.append((sums.last ?? 0) + weight) }
        let place = fraction() * (sums.last ?? 0)
        return sums.dropLast().firstIndex { $0 > place } ?? sums.count - 1
    }

    /// `sample(values, count)` of few values.
    mutating func sample<Value>(_ values: [Value], _ count: Int) -> [Value] {
        var pool = values
        return (0..<count).map { taken in
            let place = below(pool.count - taken)
            let value = pool[place]
            pool[place] = pool[pool.count - taken - 1]
            return value
        }
    }

    /// `lognormvariate(0, 1)`.
    mutating func logNormal() -> Double {
        let magic = 4 * exp(-0.5) / 2.0.squareRoot()
        while true {
            let first = fraction()
            let second = 1 - fraction()
            let normal = magic * (first - 0.5) / second
            if normal * normal / 4 <= -log(second) { return exp(normal) }
        }
    }
}
