import Dispatch
import EventLoop
import HTTPClient

/// Fetches what servers tell of themselves. Everything happens on the queue.
final class Scraper: Sendable {
    /// What a server told, or a sentence about why it did not.
    enum Outcome: Sendable {
        case snapshot(ServerSnapshot)
        case failed(String)
    }

    /// Longest wait for each of a server's answers.
    private static let patienceSeconds = 2
    private static let metricsPath = "/metrics"
    private static let topPath = "/debug/top"

    private let http: HTTPFetcher

    init(queue: DispatchQueue) { http = HTTPFetcher(userAgent: "clusterdns-top", queue: queue) }

    /// Asks all servers at the same time and tells, once, what came of it when all have answered or failed. On the
    /// queue.
    func scrape(_ addresses: [MetricsAddress], _ done: @escaping ([(MetricsAddress, Outcome)]) -> Void) {
        var outcomes: [(MetricsAddress, Outcome)] = []
        for address in addresses {
            scrape(address) { outcome in
                outcomes.append((address, outcome))
                if outcomes.count == addresses.count { done(outcomes) }
            }
        }
    }

    private func scrape(_ address: MetricsAddress, _ done: @escaping (Outcome) -> Void) {
        fetch(address.base + Self.metricsPath) { [self] metrics in
            switch metrics {
            case .failure(let failure): done(.failed(failure.description))
            case .success(let metrics) where metrics.status != 200:
                done(.failed("\(Self.metricsPath) answers with HTTP status \(metrics.status)"))
            case .success(let metrics):
                var snapshot = ServerSnapshot(metrics: metrics.content, time: EventLoop.now)
                fetch(address.base + Self.topPath) { top in
                    if case .success(let top) = top, top.status == 200 { snapshot.state.add(top: top.content) }
                    done(.snapshot(snapshot))
                }
            }
        }
    }

    private func fetch(_ url: String, _ done: @escaping (Result<HTTPFetcher.Response, HTTPFetcher.Failure>) -> Void) {
        http.fetch(HTTPRequest(url: url), seconds: Self.patienceSeconds, done)
    }
}
