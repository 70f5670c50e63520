/// The servers that are watched, and what is known of each. Pure: what came goes in, what is shown comes out.
struct ServerWatch {
    private struct Entry {
        let address: MetricsAddress
        var last: ServerSnapshot?
        var rates: ServerRates?
        var trouble: String?
    }

    private var entries: [Entry]

    /// Servers of which nothing is known yet.
    init(_ addresses: [MetricsAddress]) { entries = addresses.map { Entry(address: $0) } }

    /// Notes what a server told. After a failure its figures begin anew.
    mutating func note(_ outcome: Scraper.Outcome, of address: MetricsAddress) {
        guard let index = entries.firstIndex(where: { $0.address == address }) else { return }
        switch outcome {
        case .snapshot(let snapshot):
            entries[index].rates = entries[index].last.map { ServerRates(from: $0, to: snapshot) }
            entries[index].last = snapshot
            entries[index].trouble = nil
        case .failed(let reason):
            entries[index].rates = nil
            entries[index].last = nil
            entries[index].trouble = reason
        }
    }

    /// All that answer, together; nil while there are no two moments of any.
    var rates: ServerRates? {
        let known = entries.compactMap(\.rates)
        return known.isEmpty ? nil : ServerRates.sum(known)
    }

    var servers: [TopScreen.Server] {
        entries.map { TopScreen.Server(name: $0.address.base, trouble: $0.trouble) }
    }
}
