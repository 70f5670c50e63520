import DNSMessage
import PluginKit

/// Names and clients that one worker saw most, in the minute that runs and the one before. Guarded by its owner's lock.
struct TopWindows: ~Copyable {
    /// How long a window is open.
    static let windowNanoseconds: UInt64 = 60_000_000_000
    /// One query in so many is counted, on average.
    static let sampledEvery: UInt64 = 64

    /// A minute.
    struct Window: ~Copyable {
        var names = TopSketch(keyBytesMax: Name.maximumLength)
        var clients = TopSketch(keyBytesMax: TopWindows.addressBytes)

        mutating func clear() {
            names.clear()
            clients.clear()
        }
    }

    /// Family and address.
    fileprivate static let addressBytes = 17

    private var current = Window()
    private var previous = Window()
    private var openedAt: UInt64

    /// Windows that begin now.
    init(now: UInt64) { openedAt = now }

    /// Counts a query.
    mutating func count(_ query: borrowing Query, now: UInt64) {
        turn(now)
        current.names.count(
            UnsafeRawBufferPointer(start: query.question.name.folded, count: query.question.name.length))
        withUnsafeTemporaryAllocation(byteCount: Self.addressBytes, alignment: 8) { key in
            key[0] = query.client.address.family == .v4 ? 4 : 6
            guard let base = key.baseAddress else { return }
            let length = query.client.address.store(to: base + 1)
            current.clients.count(UnsafeRawBufferPointer(start: base, count: 1 + length))
        }
    }

    /// Closes the window if its time is over; what is older than two is forgotten.
    mutating func turn(_ now: UInt64) {
        let age = now &- openedAt
        guard age >= Self.windowNanoseconds, age < UInt64.max / 2 else { return }
        swap(&current, &previous)
        current.clear()
        if age >= 2 * Self.windowNanoseconds { previous.clear() }
        openedAt = now
    }

    /// Nanoseconds that the windows cover.
    func covered(now: UInt64) -> UInt64 { now &- openedAt &+ Self.windowNanoseconds }

    /// Adds everything to a report.
    func add(to report: inout TopReport) {
        current.add(to: &report)
        previous.add(to: &report)
    }
}

extension TopWindows.Window {
    fileprivate func add(to report: inout TopReport) {
        var (names, clients) = (report.names, report.clients)
        self.names.forEach { key, entry in
            guard let wire = key.baseAddress else { return }
            names[NameText.text(wire: wire), default: TopSketch.Entry(count: 0, error: 0)].add(entry)
        }
        self.clients.forEach { key, entry in
            guard let address = IPAddress(key: key) else { return }
            clients["\(address)", default: TopSketch.Entry(count: 0, error: 0)].add(entry)
        }
        (report.names, report.clients) = (names, clients)
    }
}

extension TopSketch.Entry {
    fileprivate mutating func add(_ other: TopSketch.Entry) {
        count += other.count
        error += other.error
    }
}

extension IPAddress {
    fileprivate init?(key: UnsafeRawBufferPointer) {
        guard let base = key.baseAddress else { return nil }
        switch (base.byte(0), key.count) {
        case (4, 5): self.init(v4: (base + 1).bigEndian32(0))
        case (6, 17): self.init(v6At: base + 1)
        default: return nil
        }
    }
}
