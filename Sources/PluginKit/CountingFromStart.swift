public import Telemetry

/// A word that has metrics without labels: like CoreDNS, `prometheus` exports them as 0 from the start, whether the
/// Corefile uses the word or not.
public protocol CountingFromStart: PluginKind {
    /// Asks the registry for the metrics once.
    static func registerMetrics(in registry: MetricsRegistry)
}
