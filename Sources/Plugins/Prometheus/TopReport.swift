import Telemetry
import YAML

/// What `/debug/top` tells: the names and clients with most queries in the last minute or two, estimated from a sample.
struct TopReport {
    /// Names and clients listed, each.
    static let listedMax = 50

    var names: [String: TopSketch.Entry] = [:]
    var clients: [String: TopSketch.Entry] = [:]

    /// `{"sampled_every": 64, "names": [{"name": …, "queries": …, "error": …}], "clients": …}`.
    var json: String {
        """
        {"sampled_every":\(TopWindows.sampledEvery),"window_seconds":\(TopWindows.windowNanoseconds / 1_000_000_000),\
        "names":[\(Self.list("name", names))],"clients":[\(Self.list("client", clients))]}

        """
    }

    private static func list(_ field: String, _ entries: [String: TopSketch.Entry]) -> String {
        let sorted = entries.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
        return sorted.prefix(listedMax).map { key, entry in
            let (queries, error) = (entry.count * TopWindows.sampledEvery, entry.error * TopWindows.sampledEvery)
            return "{\"\(field)\":\"\(JSONOutput.escaped(key))\",\"queries\":\(queries),\"error\":\(error)}"
        }.joined(separator: ",")
    }
}
