/// Numbers as ASCII digits, written without allocating.
enum Decimal {
    /// Room that every function here needs at its target, in bytes.
    static let lengthMax = 32

    /// Writes an unsigned number and returns how many bytes it took.
    static func write(_ value: UInt64, to target: UnsafeMutablePointer<UInt8>) -> Int {
        var rest = value
        var length = 1
        while rest >= 10 {
            rest /= 10
            length += 1
        }
        rest = value
        for index in stride(from: length - 1, through: 0, by: -1) {
            target[index] = UInt8(truncatingIfNeeded: 0x30 + rest % 10)
            rest /= 10
        }
        return length
    }

    /// Writes nanoseconds as seconds, with the fewest digits that say the same: `0.000550701`, `1.5`, `2`.
    static func writeSeconds(nanoseconds: UInt64, to target: UnsafeMutablePointer<UInt8>) -> Int {
        let (seconds, fraction) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        var length = write(seconds, to: target)
        guard fraction > 0 else { return length }
        target[length] = UInt8(ascii: ".")
        var rest = fraction
        for index in stride(from: 9, through: 1, by: -1) {
            target[length + index] = UInt8(truncatingIfNeeded: 0x30 + rest % 10)
            rest /= 10
        }
        length += 10
        while target[length - 1] == UInt8(ascii: "0") { length -= 1 }
        return length
    }

    /// Nanoseconds as the text of `writeSeconds`.
    static func seconds(nanoseconds: UInt64) -> String {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: lengthMax) { room in
            guard let target = room.baseAddress else { return "" }
            let length = writeSeconds(nanoseconds: nanoseconds, to: target)
            return String(decoding: UnsafeBufferPointer(start: target, count: length), as: UTF8.self)
        }
    }

    /// A floating-point number, whole ones without a fraction; Prometheus spells the infinities and NaN this way.
    static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        let text = value.description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
