import Locking

/// All metrics of a process, by name.
///
/// Asking for a name again returns the same family, so that server blocks and reloaded configurations count on.
public final class MetricsRegistry: Sendable {
    /// The media type of `exposition()`.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Workers that have counters of their own.
    public let workers: Int
    private let families = Lock<[String: any MetricFamily]>([:])

    /// A registry whose counters have one row for each of `workers` workers.
    public init(workers: Int) {
        self.workers = workers
    }

    /// The counters called `name`. With `showsZero` a series is exported before it counted anything.
    public func counters(
        _ name: String, help: String, labels: [String] = [], showsZero: Bool = false
    ) -> CounterFamily {
        find(FamilyHead(name: name, help: help, labels: labels, showsZero: showsZero)) {
            CounterFamily($0, workers: workers)
        }
    }

    /// The counter called `name`, which has no labels and is exported from the start.
    public func counter(_ name: String, help: String) -> Counter {
        counters(name, help: help).counter()
    }

    /// The counter called `name` whose value somebody else keeps.
    public func observeCounter(_ name: String, help: String, _ ask: @escaping @Sendable () -> Double) {
        let head = FamilyHead(name: name, help: help, labels: [], showsZero: true)
        find(head) { GaugeFamily($0, kind: "counter") }.observe([], ask)
    }

    /// The gauges called `name`.
    public func gauges(_ name: String, help: String, labels: [String] = []) -> GaugeFamily {
        find(FamilyHead(name: name, help: help, labels: labels, showsZero: true)) { GaugeFamily($0) }
    }

    /// The histograms called `name`.
    public func histograms<Layout: BucketLayout>(
        _ name: String, help: String, labels: [String] = [], buckets: Layout.Type
    ) -> HistogramFamily<Layout> {
        find(FamilyHead(name: name, help: help, labels: labels, showsZero: false)) {
            HistogramFamily<Layout>($0, workers: workers)
        }
    }

    /// Every metric as text, sorted by name.
    public func exposition() -> [UInt8] {
        var text = ExpositionText()
        for family in families.withLock({ Array($0.values) }).sorted(by: { $0.head.name < $1.head.name }) {
            family.export(to: &text)
        }
        return text.bytes
    }

    private func find<Family: MetricFamily>(_ head: FamilyHead, make: (FamilyHead) -> Family) -> Family {
        families.withLock { families in
            if let known = families[head.name] {
                guard let family = known as? Family, known.head.labels == head.labels else {
                    preconditionFailure("\(head.name) is registered twice, as different metrics")
                }
                return family
            }
            let family = make(head)
            families[head.name] = family
            return family
        }
    }
}
