/// What a registry needs from a family: its name, and its lines at a scrape.
protocol MetricFamily: Sendable {
    var head: FamilyHead { get }
    func export(to text: inout ExpositionText)
}

/// Name, help and label names of a family.
struct FamilyHead: Hashable, Sendable {
    let name: String
    let help: String
    let labels: [String]
    /// Whether a series is exported before anything was counted; so it is for a family without labels.
    let showsZero: Bool
    /// Positions of the labels, sorted by name, which is the order in which CoreDNS exports them.
    private let order: [Int]

    init(name: String, help: String, labels: [String], showsZero: Bool) {
        self.name = name
        self.help = help
        self.labels = labels
        self.showsZero = showsZero || labels.isEmpty
        order = labels.indices.sorted { labels[$0] < labels[$1] }
    }

    /// `a="x",b="y"`
    func labelText(_ values: [String]) -> String {
        precondition(values.count == labels.count, "\(name) has other labels")
        return order.map { "\(labels[$0])=\"\(Self.escape(values[$0]))\"" }.joined(separator: ",")
    }

    private static func escape(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 == 0x5C || $0 == 0x22 || $0 == 0x0A }) else { return value }
        var escaped = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}

/// Metrics as text, Prometheus format 0.0.4.
struct ExpositionText {
    private(set) var bytes: [UInt8] = []

    /// Opens a family; one without series leaves no trace.
    mutating func begin(_ head: FamilyHead, kind: String, isEmpty: Bool) {
        guard !isEmpty else { return }
        bytes += "# HELP \(head.name) \(head.help)\n# TYPE \(head.name) \(kind)\n".utf8
    }

    mutating func sample(_ name: String, _ labels: String, _ value: String) {
        bytes += name.utf8
        if !labels.isEmpty {
            bytes.append(UInt8(ascii: "{"))
            bytes += labels.utf8
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(UInt8(ascii: " "))
        bytes += value.utf8
        bytes.append(UInt8(ascii: "\n"))
    }
}

/// Series by their label values. When it is full, everything new is counted in one series called "overflow".
struct SeriesTable<Series: Sendable>: Sendable {
    /// Label values can come from outside; their number must not grow without bound.
    static var seriesMax: Int { 10_000 }

    private(set) var all: [[String]: Series] = [:]

    mutating func find(_ values: [String], make: () -> Series) -> Series {
        if let known = all[values] { return known }
        if all.count >= Self.seriesMax {
            let overflow = values.map { _ in "overflow" }
            if let known = all[overflow] { return known }
            return insert(overflow, make())
        }
        return insert(values, make())
    }

    private mutating func insert(_ values: [String], _ series: Series) -> Series {
        all[values] = series
        return series
    }
}
