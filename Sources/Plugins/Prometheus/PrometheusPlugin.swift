import AdminHTTP
import PluginKit
import Telemetry

/// Counts each query on its way back, and answers scrapes.
final class PrometheusPlugin: ResponseHandling {
    private let counters: QueryCounters
    private let metrics: MetricsRegistry
    private let top: TopTalkers
    private let explain: ExplainReport
    private let paths: Paths
    // Written by `start`, before the first query; read only afterwards.
    private nonisolated(unsafe) var sites = UnsafeMutableBufferPointer<SiteCounters>(start: nil, count: 0)

    /// What is answered over HTTP.
    struct Paths {
        let metrics: MountedPath
        let top: MountedPath
        let explain: MountedPath
    }

    init(
        _ counters: QueryCounters, _ metrics: MetricsRegistry, _ top: TopTalkers, _ explain: ExplainReport,
        _ paths: Paths
    ) {
        self.counters = counters
        self.metrics = metrics
        self.top = top
        self.explain = explain
        self.paths = paths
    }

    /// Where metrics are served; nil while they are not.
    var listening: ListenAddress? { paths.metrics.listening }

    func onResponse(_ query: inout Query) { count(&query) }

    private func count(_ query: inout Query) {
        guard let base = sites.baseAddress else { return }
        top.see(&query)
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
        do throws(StartError) {
            try paths.metrics.start { [metrics] _ in
                HTTPResponse(contentType: MetricsRegistry.contentType, body: metrics.exposition())
            }
            try paths.top.start { [top] _ in
                HTTPResponse(contentType: "application/json", body: Array(top.report().json.utf8))
            }
            try paths.explain.start { [explain] request in explain.answer(request.query) }
        } catch {
            stop()
            throw error
        }
    }

    /// Paths that are not answered stay so.
    func stop() {
        paths.explain.stop()
        paths.top.stop()
        paths.metrics.stop()
    }
}
