import CLinux
import ClusterIndex
import Dispatch
import Glibc
import KubernetesWatch
import Locking
import TestSupport

// `cluster` and `churn` are guarded by their locks; the rest never changes, and the server and the front look after
// themselves.
/// A server that is told what to do.
final class Session: @unchecked Sendable {
    enum Outcome { case goOn, quit }

    /// So much may wait for clients while changes come as fast as can be.
    private static let waitingBytesMax = 4 << 20
    private static let countMax = 100_000_000

    private let server: APIServer
    private let front: TLSFront?
    private let cluster: Lock<GeneratedCluster>
    private let churn: Lock<EndpointChurn>
    private let isEnding = Lock(false)
    private let churning = DispatchGroup()

    init(_ server: APIServer, _ cluster: GeneratedCluster, _ front: TLSFront?) {
        self.server = server
        self.front = front
        self.cluster = Lock(cluster)
        churn = Lock(EndpointChurn(cluster))
    }

    /// Does what a line says.
    func obey(_ words: [String]) -> Outcome {
        switch words.first {
        case nil: break
        case "quit": return .quit
        case "churn": startChurn(words.dropFirst().compactMap { Int($0) })
        case "touch": touch(words.count > 1 ? words[1] : nil)
        case "service" where words.count > 2: makeService(words[1], words[2])
        case "delete" where words.count > 1: deleteService(words[1])
        case "stats": tellStats()
        case "restart": restart(words.count > 1 ? Double(words[1]) : 1)
        case let word?: obeyAtOnce(word)
        }
        return .goOn
    }

    /// Waits for what goes on in the background, and closes everything.
    func end() {
        isEnding.withLock { $0 = true }
        churning.wait()
        front?.stop()
        server.stop()
    }

    private func obeyAtOnce(_ word: String) {
        switch word {
        case "bookmark": server.sendBookmarks()
        case "compact": server.compact()
        case "relist": server.forceRelists()
        case "down": server.goDown()
        case "renew": renew()
        case "hang": server.strike(.hang)
        case "heal": server.heal()
        case "up":
            do {
                try server.comeBack()
            } catch {
                return Self.tell(["error": .text("\(error)")])
            }
        default: return Self.tell(["error": .text("'\(word)' is no command, or lacks something; see --help")])
        }
        Self.tell(["done": .text(word), "version": .number(server.version), "ns": .number(now())])
    }

    private func restart(_ seconds: Double?) {
        guard let seconds, seconds >= 0, seconds < 86_400 else {
            return Self.tell(["error": .text("restart takes a number of seconds")])
        }
        server.restart(awayFor: .milliseconds(Int(seconds * 1_000)))
        Self.tell(["done": .text("restart"), "ns": .number(now())])
    }

    // MARK: Changes

    /// Every Service and every slice is another, under its name, and what they were is gone.
    private func renew() {
        let next = cluster.withLock { cluster in
            cluster.generation += 1
            return cluster
        }
        churn.withLock { $0 = EndpointChurn(next) }
        server.apply(next.objects)
        server.compact()
        server.warm()
    }

    private func touch(_ name: String?) {
        let move = churn.withLock { churn in
            guard !churn.isEmpty else { return EndpointChurn.Move?.none }
            return name.map { churn.move($0, server) } ?? churn.move(server)
        }
        guard let move else {
            return Self.tell(["error": .text("no slice \(name ?? "") has an endpoint that could move")])
        }
        tell(move)
    }

    private func tell(_ move: EndpointChurn.Move) {
        Self.tell([
            "slice": .text(move.slice.description), "address": .text(move.address), "name": .text(move.name),
            "version": .number(move.change.version), "ns": .number(move.change.nanoseconds),
        ])
    }

    private func startChurn(_ numbers: [Int]) {
        guard numbers.count >= 2, numbers.allSatisfy({ (0...Self.countMax).contains($0) }) else {
            return Self.tell(["error": .text("churn takes a rate and a count")])
        }
        churn(numbers[0], numbers[1], every: numbers.count > 2 ? numbers[2] : 0)
    }

    /// So many changes, in the background.
    func churn(_ rate: Int, _ count: Int, every sample: Int) {
        guard !churn.withLock({ $0.isEmpty }) else {
            return Self.tell(["error": .text("no slice has an endpoint that could move")])
        }
        DispatchQueue.global().async(group: churning) { [self] in
            let start = now()
            var made = 0
            while made < count, !isEnding.withLock({ $0 }) {
                wait(rate, made, since: start)
                let move = churn.withLock { $0.move(server) }
                if sample > 0, made % sample == 0 { tell(move) }
                made += 1
            }
            let seconds = Double(now() - start) / 1e9
            Self.tell(["done": .text("churn"), "count": .number(UInt64(made)), "seconds": .decimal(seconds)])
        }
    }

    private func wait(_ rate: Int, _ number: Int, since start: UInt64) {
        guard rate > 0 else {
            while server.waitingBytes > Self.waitingBytesMax, !isEnding.withLock({ $0 }) { usleep(500) }
            return
        }
        let due = start + UInt64(number) * 1_000_000_000 / UInt64(rate)
        let early = Int64(bitPattern: due &- now())
        if early > 0 { usleep(UInt32(clamping: early / 1_000)) }
    }

    private func makeService(_ name: String, _ address: String) {
        guard let key = key(name) else { return }
        let service = Service(
            key: key, clusterIPs: [address], ports: [ServicePort(name: "http", number: 80)])
        let label = ["kubernetes.io/metadata.name": key.namespace]
        server.apply(.namespace(Namespace(name: key.namespace, labels: label)))
        let change = server.apply(.service(service))
        Self.tell(["version": .number(change.version), "ns": .number(change.nanoseconds)])
    }

    private func deleteService(_ name: String) {
        guard let key = key(name) else { return }
        guard let change = server.delete(.services, key) else {
            return Self.tell(["error": .text("there is no Service \(name)")])
        }
        Self.tell(["version": .number(change.version), "ns": .number(change.nanoseconds)])
    }

    private func key(_ name: String) -> ObjectKey? {
        let parts = name.split(separator: "/").map(String.init)
        guard parts.count == 2 else {
            Self.tell(["error": .text("'\(name)' is not of the form NAMESPACE/NAME")])
            return nil
        }
        return ObjectKey(namespace: parts[0], name: parts[1])
    }

    private func now() -> UInt64 { clinux_monotonic_nanoseconds() }
}

extension Session {
    /// Prints the line that clients wait for.
    func tellReady(_ directory: String?) {
        Self.tell([
            "ready": .yes, "url": .text(url), "port": .number(UInt64(front?.port ?? server.port)),
            "plain_port": .number(UInt64(server.port)), "version": .number(server.version),
            "kubeconfig": .text(directory.map { "\($0)/kubeconfig" } ?? ""), "pid": .number(UInt64(getpid())),
        ])
    }

    private func tellStats() {
        Self.tell([
            "version": .number(server.version), "connections": .number(UInt64(server.connectionCount)),
            "watches": .number(UInt64(server.watchCount())), "requests": .number(UInt64(server.requests.count)),
            "waiting_bytes": .number(UInt64(server.waitingBytes)), "ns": .number(now()),
        ])
    }

    private var url: String { front.map { "https://127.0.0.1:\($0.port)" } ?? server.url }

    /// Writes what a client needs to know.
    func writeFiles(to directory: String) throws {
        mkdir(directory, 0o755)
        var files = ["token": Array("test-token".utf8)]
        if let front {
            files["ca.crt"] = front.authority
            files["client.crt"] = front.clientCertificate.certificate
            files["client.key"] = front.clientCertificate.key
        }
        files["kubeconfig"] = Array(kubeconfig.utf8)
        for (name, bytes) in files {
            guard let file = fopen("\(directory)/\(name)", "w") else {
                throw ClientError(reason: "cannot write \(directory)/\(name)")
            }
            fwrite(bytes, 1, bytes.count, file)
            fclose(file)
        }
    }

    /// Two contexts, one for each kind of credentials.
    private var kubeconfig: String {
        let authority = front == nil ? "" : "\n    certificate-authority: ca.crt"
        let certificate = front == nil ? "" : "\n    client-certificate: client.crt\n    client-key: client.key"
        return """
            apiVersion: v1
            kind: Config
            current-context: token
            clusters:
            - name: test
              cluster:
                server: \(url)\(authority)
            users:
            - name: token
              user:
                token: test-token
            - name: certificate
              user:\(certificate.isEmpty ? " {}" : certificate)
            contexts:
            - name: token
              context: {cluster: test, user: token}
            - name: certificate
              context: {cluster: test, user: certificate}

            """
    }
}
