package import DNSMessage

/// What was found of all types together.
struct Found {
    private(set) var records: [Record] = []
    private(set) var additional: [Record] = []
    /// Those of the records, in order; only where addresses were asked for.
    private(set) var addresses: [IPAddress] = []
    private var canonicalName = Name.root
    private var timeToLive = Limits.timeToLiveMax
    private var source = AnswerSource.literal

    init(_ findings: [Finding]) {
        for (index, finding) in findings.enumerated() {
            guard case .records(let records, let owner, let additional) = finding.outcome else { continue }
            self.records += records
            self.additional += additional
            timeToLive = min(timeToLive, finding.timeToLive)
            if index == 0 { (canonicalName, source) = (owner, finding.source ?? .literal) }
        }
    }

    mutating func readAddresses(_ sorted: ([IPAddress]) -> [IPAddress]) {
        addresses = sorted(records.compactMap(\.address).unique)
    }

    /// Records whose data does not fit their type leave nothing to tell.
    func answers<Value>(_ values: [Value], of name: String) throws(LookupError) -> Answers<Value> {
        guard !values.isEmpty else { throw LookupError(name, .malformedReply) }
        return Answers(values, canonicalName: canonicalName, timeToLive: .seconds(timeToLive), source: source)
    }
}

extension Record {
    /// Of an A or AAAA record.
    package var address: IPAddress? {
        switch data {
        case .a(let address), .aaaa(let address): address
        default: nil
        }
    }
}

extension ServiceTarget {
    /// Of an SRV record, with the addresses among the other records.
    init?(_ record: Record, _ others: [Record]) {
        guard case .srv(let priority, let weight, let port, let target) = record.data else { return nil }
        let own = others.filter { $0.name == target }.compactMap(\.address).unique
        self.init(
            priority: priority, weight: weight, port: port, host: target, addresses: AddressOrder.sorted(own))
    }
}

extension Array where Element: Hashable {
    /// Each once, in their order.
    var unique: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
