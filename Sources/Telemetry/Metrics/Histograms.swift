import Locking

/// How often amounts of each size were observed.
public struct Histogram<Layout: BucketLayout>: Sendable {
    /// Cell 0 is the sum, cell n + 1 the number of amounts in bucket n.
    @usableFromInline let cells: Cells

    init(workers: Int) {
        cells = Cells(count: Layout.upperBounds.count + 2, workers: workers)
    }

    /// Observes on a worker's queue: no lock, no allocation.
    @inlinable public func observe(_ amount: UInt64, by worker: WorkerSlot) {
        cells.add(amount, at: 0, by: worker)
        cells.add(1, at: Layout.index(of: amount) &+ 1, by: worker)
    }

    /// Observes from any thread.
    public func observe(_ amount: UInt64) {
        cells.add(amount, at: 0)
        cells.add(1, at: Layout.index(of: amount) + 1)
    }

    /// How many amounts were observed.
    public var count: UInt64 { (1..<cells.count).reduce(0) { $0 &+ cells.total(at: $1) } }

    /// The sum of all amounts.
    public var sum: UInt64 { cells.total(at: 0) }
}

/// Histograms of one name; each series has its own label values.
public final class HistogramFamily<Layout: BucketLayout>: MetricFamily {
    let head: FamilyHead
    private let workers: Int
    private let bounds: [String]
    private let series = Lock(SeriesTable<Histogram<Layout>>())

    init(_ head: FamilyHead, workers: Int) {
        self.head = head
        self.workers = workers
        bounds = Layout.upperBounds.map(Layout.unit.text) + ["+Inf"]
    }

    /// The histogram with these label values, in the order in which the family's labels were declared.
    public func histogram(_ values: [String] = []) -> Histogram<Layout> {
        precondition(values.count == head.labels.count)
        return series.withLock { $0.find(values) { Histogram(workers: workers) } }
    }

    func export(to text: inout ExpositionText) {
        let samples = series.withLock { $0.all }.map { (head.labelText($0), $1) }
            .filter { head.showsZero || $1.count > 0 }
            .sorted { $0.0 < $1.0 }
        text.begin(head, kind: "histogram", isEmpty: samples.isEmpty)
        for (labels, histogram) in samples { export(histogram, labels, to: &text) }
    }

    private func export(_ histogram: Histogram<Layout>, _ labels: String, to text: inout ExpositionText) {
        let prefix = labels.isEmpty ? "" : labels + ","
        var count: UInt64 = 0
        for (bucket, bound) in bounds.enumerated() {
            count &+= histogram.cells.total(at: bucket + 1)
            text.sample(head.name + "_bucket", "\(prefix)le=\"\(bound)\"", String(count))
        }
        text.sample(head.name + "_sum", labels, Layout.unit.text(histogram.sum))
        text.sample(head.name + "_count", labels, String(count))
    }
}
