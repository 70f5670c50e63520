import KubernetesWatch
import PluginKit
import TestSupport

extension APIServer {
    /// A Corefile that watches this server, and waits for it unless `options` say otherwise: machines may be slow.
    func corefile(_ options: String = "", at place: String? = nil, behind: String = "") -> String {
        let patience = options.contains("startup_timeout") ? "" : "startup_timeout 60s"
        return """
            .:{$PORT} {
                ready 127.0.0.1:{$PORT1}
                prometheus 127.0.0.1:{$PORT2}
                kubernetes cluster.local in-addr.arpa ip6.arpa {
                    \(place ?? "endpoint \(url)")
                    \(patience)
            \(options)
                }
            \(behind)
            }
            """
    }
}

extension TestServer {
    /// A server that watches an API server.
    convenience init(
        watching api: APIServer, _ options: String = "", at place: String? = nil, behind: String = ""
    ) throws {
        var setting = Setting()
        // Behind the others, so that a test sees what falls through.
        setting.kinds = setting.kinds.filter { $0.name != Fixture.name } + [Fixture.self]
        try self.init(api.corefile(options, at: place, behind: behind), setting)
    }

    /// What becomes of a query.
    func outcome(_ query: String) throws -> String { try ask(QueryText("\(query) bufsize=4096")).outcome }

    /// The status of `/ready`.
    func readiness() throws -> Int { try AdminClient.get("/ready", from: .loopback(ports[1])).status }

    /// The value of a metric that has these labels among its own; nil if there is none.
    func metric(_ name: String, _ labels: String...) throws -> Double? {
        let lines = try metricLines("coredns_kubernetes_\(name)")
        return lines.first { line in labels.allSatisfy { line.contains($0) } }
            .flatMap { $0.split(separator: " ").last.flatMap { Double($0) } }
    }

    /// The lines of a metric: its name, and then what is neither letter nor digit.
    func metricLines(_ name: String) throws -> [String] {
        try AdminClient.get("/metrics", from: .loopback(ports[2])).body.split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix(name + "{") || $0.hasPrefix(name + " ") }
    }
}

/// Waits until exactly what an API server has is answered; what is still wrong after a minute.
func differences(
    _ server: TestServer, from api: APIServer, gone: [String: String] = [:]
) async throws -> [String] {
    let expectation = Expectation(api)
    var last: [String] = []
    _ = try await eventually(every: .milliseconds(25)) {
        last = try expectation.differences(from: server, gone: gone)
        return last.isEmpty
    }
    return last
}

/// The lines that a server has logged so far.
final class Journal {
    private let log: LogLines
    private(set) var lines: [String] = []

    init(_ server: TestServer) { log = server.log }

    /// The lines that have all of these words.
    func lines(with words: String...) -> [String] {
        lines += log.take()
        return lines.filter { line in words.allSatisfy { line.contains($0) } }
    }
}
