/// Samples in Prometheus's text format, read from a server that may be any.
struct MetricsText {
    /// A line: a figure with its labels.
    struct Sample: Equatable {
        let name: String
        let labels: [String: String]
        let value: Double
    }

    /// Samples that are kept; a server with thousands of zones has that many.
    private static let samplesMax = 200_000

    /// Samples whose name begins with one of `prefixes`; lines that are none are passed over.
    static func samples(_ text: [UInt8], prefixes: [String]) -> [Sample] {
        let wanted = prefixes.map { Array($0.utf8) }
        var samples: [Sample] = []
        for line in text.split(separator: UInt8(ascii: "\n")) where wanted.contains(where: line.starts) {
            guard samples.count < samplesMax else { break }
            var reader = LineReader(rest: line)
            if let sample = reader.read() { samples.append(sample) }
        }
        return samples
    }

    /// Reads `name{label="value",…} figure [time]`.
    private struct LineReader {
        var rest: ArraySlice<UInt8>

        mutating func read() -> Sample? {
            let name = take { $0 != UInt8(ascii: "{") && $0 != UInt8(ascii: " ") }
            var labels: [String: String] = [:]
            if rest.first == UInt8(ascii: "{") {
                guard let found = readLabels() else { return nil }
                labels = found
            }
            _ = take { $0 == UInt8(ascii: " ") }
            guard let value = Double(take { $0 != UInt8(ascii: " ") }) else { return nil }
            return Sample(name: name, labels: labels, value: value)
        }

        private mutating func readLabels() -> [String: String]? {
            var labels: [String: String] = [:]
            rest = rest.dropFirst()
            while let first = rest.first, first != UInt8(ascii: "}") {
                let name = take { $0 != UInt8(ascii: "=") }
                guard rest.starts(with: "=\"".utf8) else { return nil }
                rest = rest.dropFirst(2)
                guard let value = readValue() else { return nil }
                labels[name] = value
                if rest.first == UInt8(ascii: ",") { rest = rest.dropFirst() }
            }
            guard !rest.isEmpty else { return nil }
            rest = rest.dropFirst()
            return labels
        }

        /// Up to the closing quote; `\\`, `\"` and `\n` are escaped.
        private mutating func readValue() -> String? {
            var value: [UInt8] = []
            while let byte = rest.popFirst() {
                switch byte {
                case UInt8(ascii: "\""): return String(decoding: value, as: UTF8.self)
                case UInt8(ascii: "\\"):
                    guard let escaped = rest.popFirst() else { return nil }
                    value.append(escaped == UInt8(ascii: "n") ? UInt8(ascii: "\n") : escaped)
                default: value.append(byte)
                }
            }
            return nil
        }

        private mutating func take(while isPart: (UInt8) -> Bool) -> String {
            let part = rest.prefix(while: isPart)
            rest = rest.dropFirst(part.count)
            return String(decoding: part, as: UTF8.self)
        }
    }
}
