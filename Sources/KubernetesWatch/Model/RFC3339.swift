/// Moments as the API writes them (RFC 3339): `2026-10-17T09:30:00.25Z`.
public enum RFC3339 {
    /// Seconds since 1970 in UTC, with fractions; nil where the text is anything else.
    public static func seconds(_ text: String) -> Double? {
        var text = text
        return text.withUTF8 { bytes in
            var reader = Reader(bytes: bytes)
            return reader.seconds()
        }
    }

    private struct Reader {
        let bytes: UnsafeBufferPointer<UInt8>
        var index = 0

        init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

        mutating func seconds() -> Double? {
            guard let year = number(digits: 4, upTo: 9999), skip("-"), let month = number(digits: 2, upTo: 12),
                skip("-"), let day = number(digits: 2, upTo: 31), skip("T") || skip("t"), month > 0, day > 0,
                day <= Self.days(in: month, of: year), let hour = number(digits: 2, upTo: 23), skip(":"),
                let minute = number(digits: 2, upTo: 59), skip(":"),
                // A leap second counts as the one behind it.
                let second = number(digits: 2, upTo: 60), let fraction = fraction(), let offset = offset(),
                index == bytes.count
            else { return nil }
            let days = Self.days(before: year, month) + day - 1
            return Double(days * 86_400 + hour * 3600 + minute * 60 + second - offset) + fraction
        }

        private mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
            index += 1
            return true
        }

        private mutating func digit() -> Int? {
            guard index < bytes.count, 0x30...0x39 ~= bytes[index] else { return nil }
            defer { index += 1 }
            return Int(bytes[index] - 0x30)
        }

        private mutating func number(digits: Int, upTo most: Int) -> Int? {
            var value = 0
            for _ in 0..<digits {
                guard let digit = digit() else { return nil }
                value = value * 10 + digit
            }
            return value <= most ? value : nil
        }

        /// What follows a point; 0 without one.
        private mutating func fraction() -> Double? {
            guard skip(".") else { return 0 }
            guard var value = digit().map(Double.init) else { return nil }
            var scale = 10.0
            while let digit = digit() {
                // More than a double can tell apart.
                guard scale < 1e15 else { continue }
                value = value * 10 + Double(digit)
                scale *= 10
            }
            return value / scale
        }

        /// Seconds to the east of Greenwich.
        private mutating func offset() -> Int? {
            if skip("Z") || skip("z") { return 0 }
            let isEast = skip("+")
            guard isEast || skip("-"), let hours = number(digits: 2, upTo: 23), skip(":"),
                let minutes = number(digits: 2, upTo: 59)
            else { return nil }
            return (hours * 3600 + minutes * 60) * (isEast ? 1 : -1)
        }

        /// From 1970-01-01 to the first of a month.
        private static func days(before year: Int, _ month: Int) -> Int {
            let past = year - 1
            let leapDays = past / 4 - past / 100 + past / 400
            // 719,162 days lie between 0001-01-01 and 1970-01-01; year 0 is a leap year before those.
            let start = year == 0 ? -366 : past * 365 + leapDays
            return (1..<month).reduce(start - 719_162) { $0 + days(in: $1, of: year) }
        }

        private static func days(in month: Int, of year: Int) -> Int {
            switch month {
            case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
            case 4, 6, 9, 11: 30
            default: 31
            }
        }
    }
}
