import Locking

/// One number that only grows.
public struct Counter: Sendable {
    @usableFromInline let cells: Cells

    /// Adds on a worker's queue: no lock, no allocation.
    @inlinable public func add(_ amount: UInt64 = 1, by worker: WorkerSlot) { cells.add(amount, at: 0, by: worker) }

    /// Adds from any thread.
    public func add(_ amount: UInt64 = 1) { cells.add(amount, at: 0) }

    /// The sum of what everybody added.
    public var value: UInt64 { cells.total(at: 0) }
}

/// Counters of one name; each series has its own label values.
public final class CounterFamily: MetricFamily {
    private struct Dense: Sendable {
        let fixed: [String]
        let layout: String
        let cells: Cells
        let labels: @Sendable (Int) -> [String]
    }

    private struct State {
        var series = SeriesTable<Counter>()
        var dense: [Dense] = []
    }

    let head: FamilyHead
    private let workers: Int
    private let state = Lock(State())

    init(_ head: FamilyHead, workers: Int) {
        self.head = head
        self.workers = workers
    }

    /// The counter with these label values, in the order in which the family's labels were declared.
    public func counter(_ values: [String] = []) -> Counter {
        precondition(values.count == head.labels.count)
        return state.withLock { state in
            state.series.find(values) { Counter(cells: Cells(count: 1, workers: workers)) }
        }
    }

    /// `count` counters that are told apart by number; only those above 0 are exported.
    ///
    /// The first labels have the values `fixed`; `labels` tells the values of the others when it is time to export.
    /// A second call with the same `fixed` and `layout` returns the same counters, whose numbers must mean the same;
    /// another `layout` counts apart, and what reads alike is added up.
    public func dense(
        _ fixed: [String], count: Int, layout: String = "", labels: @escaping @Sendable (Int) -> [String]
    ) -> Cells {
        precondition(fixed.count <= head.labels.count)
        return state.withLock { state in
            if let known = state.dense.first(where: { $0.fixed == fixed && $0.layout == layout }) {
                precondition(known.cells.count == count, "\(head.name) changed its number of cells")
                return known.cells
            }
            let cells = Cells(count: count, workers: workers)
            state.dense.append(Dense(fixed: fixed, layout: layout, cells: cells, labels: labels))
            return cells
        }
    }

    func export(to text: inout ExpositionText) {
        let (series, dense) = state.withLock { ($0.series.all, $0.dense) }
        var samples: [(labels: String, value: UInt64)] = []
        for (values, counter) in series where counter.value > 0 || head.showsZero {
            samples.append((head.labelText(values), counter.value))
        }
        for group in dense {
            for index in 0..<group.cells.count where group.cells.total(at: index) > 0 {
                samples.append((head.labelText(group.fixed + group.labels(index)), group.cells.total(at: index)))
            }
        }
        samples.sort { $0.labels < $1.labels }
        text.begin(head, kind: "counter", isEmpty: samples.isEmpty)
        for (position, sample) in samples.enumerated() {
            // Numbers whose labels read alike ("other") are one series.
            if position + 1 < samples.count, samples[position + 1].labels == sample.labels {
                samples[position + 1].value &+= samples[position].value
            } else {
                text.sample(head.name, sample.labels, String(samples[position].value))
            }
        }
    }
}
