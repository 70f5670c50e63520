import Dispatch

/// One sample: what happens at the servers within one interval.
struct TopSample {
    /// Asks all servers twice, an interval apart. Blocks.
    static func take(_ addresses: [MetricsAddress], milliseconds: Int) -> ServerWatch {
        let queue = DispatchQueue(label: "clusterdns.top")
        let scraper = Scraper(queue: queue)
        var watch = ServerWatch(addresses)
        for round in 0..<2 {
            if round > 0 { wait(milliseconds) }
            for (address, outcome) in awaited(on: queue, { scraper.scrape(addresses, $0) }) {
                watch.note(outcome, of: address)
            }
            // Without one that answers there is nothing to wait for.
            if watch.servers.allSatisfy({ $0.trouble != nil }) { break }
        }
        return watch
    }

    private static func wait(_ milliseconds: Int) {
        _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(milliseconds))
    }
}
