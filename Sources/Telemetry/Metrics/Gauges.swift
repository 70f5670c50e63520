import Locking
import Synchronization

/// One number that goes up and down, from any thread.
public final class Gauge: Sendable {
    private let bits = Atomic<UInt64>(0)

    /// The number.
    public var value: Double {
        get { Double(bitPattern: bits.load(ordering: .relaxed)) }
        set { bits.store(newValue.bitPattern, ordering: .relaxed) }
    }
}

/// Gauges of one name; each series has its own label values, and is either set or asked when it is time to export.
public final class GaugeFamily: MetricFamily {
    /// Says which closure was given, so that a later one is not removed by mistake.
    public struct Observation: Equatable, Sendable {
        fileprivate let values: [String]
        fileprivate let number: Int
    }

    private enum Source: Sendable {
        case set(Gauge)
        case ask(number: Int, @Sendable () -> Double)
    }

    private struct State {
        var series: [[String]: Source] = [:]
        var lastNumber = 0
    }

    let head: FamilyHead
    private let kind: String
    private let state = Lock(State())

    init(_ head: FamilyHead, kind: String = "gauge") {
        self.head = head
        self.kind = kind
    }

    /// The gauge with these label values, in the order in which the family's labels were declared; 0 when new.
    public func gauge(_ values: [String] = []) -> Gauge {
        precondition(values.count == head.labels.count)
        return state.withLock { state in
            if case .set(let gauge) = state.series[values] { return gauge }
            let gauge = Gauge()
            guard state.series.count < SeriesTable<Gauge>.seriesMax else { return gauge }
            state.series[values] = .set(gauge)
            return gauge
        }
    }

    /// Asks `ask` for the value at each export, instead of whoever was asked before. It must return at once.
    @discardableResult
    public func observe(_ values: [String] = [], _ ask: @escaping @Sendable () -> Double) -> Observation {
        precondition(values.count == head.labels.count)
        return state.withLock { state in
            state.lastNumber += 1
            if state.series.count < SeriesTable<Gauge>.seriesMax || state.series[values] != nil {
                state.series[values] = .ask(number: state.lastNumber, ask)
            }
            return Observation(values: values, number: state.lastNumber)
        }
    }

    /// Stops asking, unless another closure has taken the place already.
    public func remove(_ observation: Observation) {
        state.withLock { state in
            guard case .ask(observation.number, _) = state.series[observation.values] else { return }
            state.series[observation.values] = nil
        }
    }

    /// Drops the series with these label values.
    public func remove(_ values: [String]) {
        state.withLock { $0.series[values] = nil }
    }

    /// Drops every series.
    public func removeAll() {
        state.withLock { $0.series = [:] }
    }

    func export(to text: inout ExpositionText) {
        let samples = state.withLock { $0.series }.map { values, source in
            switch source {
            case .set(let gauge): (head.labelText(values), gauge.value)
            case .ask(_, let ask): (head.labelText(values), ask())
            }
        }
        text.begin(head, kind: kind, isEmpty: samples.isEmpty)
        for (labels, value) in samples.sorted(by: { $0.0 < $1.0 }) {
            text.sample(head.name, labels, Decimal.text(value))
        }
    }
}
