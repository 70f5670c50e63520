import AdminHTTP
import PluginKit
import Telemetry

/// Counts each query on its way back, and answers scrapes.
final class PrometheusPlugin: ResponseHandling {
    private let counters: QueryCounters
    private let metrics: MetricsRegistry
    private let path: MountedPath
    // Written by `start`, before the first query; read only afterwards.
    private nonisolated(unsafe) var sites = UnsafeMutableBufferPointer<SiteCounters>(start: nil, count: 0)

    init(_ counters: QueryCounters, _ metrics: MetricsRegistry, _ path: MountedPath) {
        self.counters = counters
        self.metrics = metrics
        self.path = path
    }

    /// Where metrics are served; nil while they are not.
    var listening: ListenAddress? { path.listening }

    func onResponse(_ query: inout Query) { count(&query) }

    private func count(_ query: inout Query) {
        guard let base = sites.baseAddress else { return }
        precondition(query.site < sites.count)
        SiteCounters.count(&query, in: base + query.site)
    }
}

extension PrometheusPlugin: RefusalObserving {
    func onRefusal(_ query: inout Query) { count(&query) }
}

extension PrometheusPlugin: Starting, Stopping {
    func start(_ context: StartContext) throws(StartError) {
        sites = counters.sites(context)
        try path.start { [metrics] _ in
            HTTPResponse(contentType: MetricsRegistry.contentType, body: metrics.exposition())
        }
    }

    func stop() { path.stop() }
}
