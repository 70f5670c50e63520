import ClusterIndex
import Corefile
import Dispatch
import Glibc
import KubernetesWatch
import Logging

/// Keeps what is known of a cluster on disk, for a start while the API server is away. On the feed's queue.
final class SnapshotKeeper {
    private let file: SnapshotFile
    private let fingerprint: String
    private let log: Logger
    private let writer: SnapshotWriter

    init(_ path: String, _ options: APIFeed.Options, of cluster: LiveCluster, queue: DispatchQueue, log: Logger) {
        file = SnapshotFile(path)
        fingerprint = options.fingerprint
        self.log = log
        writer = SnapshotWriter(
            file, fingerprint: fingerprint, queue: queue, index: { cluster.current },
            report: { report in
                switch report {
                case .failed(let error): log.error("\(error)")
                case .recovered: log.info("snapshot \(path): written again")
                }
            })
    }

    /// Lets the snapshot stand in for the API server; nil if there is none that can, else how old it is.
    func load(into cluster: LiveCluster) -> Duration? {
        var count = 0
        do {
            let header = try file.read(fingerprint: fingerprint) { object in
                cluster.upsert(object)
                count += 1
            }
            cluster.setSerials(cluster: header.serial, clusterSet: header.clusterSetSerial)
            let age = Duration.seconds(max(0, Int64(time(nil)) - header.time))
            let text = "\(file.path), written \(GoDuration.text(age)) ago, \(count) objects"
            log.warning("answering from the snapshot \(text), until the API server has been heard")
            return age
        } catch {
            cluster.reset()
            log.log(level: error.cause == .missing ? .info : .error, "\(error)")
            return nil
        }
    }

    /// The cluster is not any more what was written last.
    func noteChange() { writer.changed() }

    /// Writes what is not written yet.
    func close() { writer.stop() }
}

extension APIFeed.Options {
    /// Equal for options under which a snapshot means the same; the order of sets does not matter.
    fileprivate var fingerprint: String {
        var parts = [watch.connection.server]
        for (resource, selection) in watch.selections.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            parts.append("\(resource.rawValue) labels=\(selection.labels) fields=\(selection.fields)")
        }
        let flags = [
            index.endpointPodNames, index.ignoresEndpoints, index.ignoresEmptyServices, index.isZonal,
        ]
        parts.append("pods=\(index.pods) flags=\(flags.map { $0 ? "1" : "0" }.joined())")
        switch index.namespaces {
        case .all: parts.append("namespaces all")
        case .named(let names): parts.append("namespaces \(names.sorted().joined(separator: " "))")
        case .labelled: parts.append("namespaces labelled")
        }
        return parts.joined(separator: "\n")
    }
}
