import ClusterIndex
import Corefile
import KubernetesWatch
import PluginKit

/// The lines of a `kubernetes` block that say how to reach an API server.
struct ConnectionOptions {
    /// Limits of client-go. A few requests in a process's life want no limit, so they change nothing here.
    private static let limits: Set<String> = ["apiserver_qps", "apiserver_burst", "apiserver_max_inflight"]
    /// The options read here.
    static let names = ["endpoint", "tls", "kubeconfig", "snapshot"] + limits.sorted()

    private var endpoint: Directive?
    private var tls: Directive?
    private var kubeconfig: Directive?
    private(set) var snapshot: String?

    /// Whether something was said about an API server.
    var isGiven: Directive? { kubeconfig ?? endpoint ?? tls }

    /// Reads a line if it is one of these; false if it is not.
    mutating func read(_ line: Directive, _ setup: inout Setup) -> Bool {
        switch line.name.text {
        case "endpoint":
            guard line.hasArguments(1..., usage: "endpoint URL", &setup.diagnostics) else { return true }
            for extra in line.arguments.dropFirst() {
                setup.diagnostics.warning(at: extra, "only the first endpoint is used")
            }
            endpoint = line
        case "tls": if line.hasArguments(3...3, usage: "tls CERT KEY CACERT", &setup.diagnostics) { tls = line }
        case "kubeconfig":
            if line.hasArguments(1...2, usage: "kubeconfig FILE [CONTEXT]", &setup.diagnostics) { kubeconfig = line }
        case "snapshot":
            if line.hasArguments(1...1, usage: "snapshot FILE", &setup.diagnostics) {
                snapshot = setup.path(line.arguments[0])
            }
        case let name where Self.limits.contains(name): checkLimit(line, &setup)
        default: return false
        }
        return true
    }

    private func checkLimit(_ line: Directive, _ setup: inout Setup) {
        guard line.hasArguments(1...1, usage: "\(line.name.text) NUMBER", &setup.diagnostics) else { return }
        if Double(line.arguments[0].text).map({ $0 >= 0 }) != true {
            setup.diagnostics.error(at: line.arguments[0], "\(line.name.text) must be a number of 0 or more")
        }
    }

    /// How to reach the API server: by kubeconfig, else at the endpoint, else as a pod does. Nil after a mistake.
    func connection(_ directive: Directive, _ setup: inout Setup) -> APIConnection? {
        do throws(ConnectionError) {
            if let kubeconfig {
                let words = kubeconfig.arguments
                return try .kubeconfig(setup.path(words[0]), context: words.dropFirst().first?.text)
            }
            if let endpoint {
                return try .endpoint(endpoint.arguments[0].text, tls: tls.map { files($0, setup) })
            }
            // Only a pod has a service account; who checks a Corefile elsewhere learns nothing from that.
            if setup.host.onlyChecks, setup.host.environment.value(of: "KUBERNETES_SERVICE_HOST") == nil {
                return try .endpoint("https://kubernetes.default")
            }
            return try .inCluster(
                environment: { [environment = setup.host.environment] in environment.value(of: $0) })
        } catch {
            let culprit = (kubeconfig ?? endpoint)?.arguments[0] ?? directive.name
            for mistake in error.mistakes { setup.diagnostics.error(at: culprit, mistake) }
            return nil
        }
    }

    private func files(_ line: Directive, _ setup: Setup) -> APIConnection.TLSFiles {
        let paths = line.arguments.map { setup.path($0) }
        return APIConnection.TLSFiles(certificate: paths[0], key: paths[1], authority: paths[2])
    }
}

extension KubernetesOptions {
    /// What must be watched to answer, and what the server selects.
    var selections: [WatchedResource: ClusterWatch.Selection] {
        var objects = ClusterWatch.Selection()
        objects.labels = labels
        var namespaces = ClusterWatch.Selection()
        namespaces.labels = namespaceLabels
        var imports = ClusterWatch.Selection()
        if case .named(let names) = index.namespaces, names.count == 1, let only = names.first {
            // Field selectors know no "or": with several namespaces the index itself must choose.
            objects.fields = "metadata.namespace=\(only)"
            imports.fields = objects.fields
            namespaces.fields = "metadata.name=\(only)"
        }
        var chosen: [WatchedResource: ClusterWatch.Selection] = [.namespaces: namespaces, .services: objects]
        if !index.ignoresEndpoints { chosen[.endpointSlices] = objects }
        if index.pods == .verified {
            var pods = objects
            let live = "status.phase!=Succeeded,status.phase!=Failed,status.phase!=Unknown"
            pods.fields = pods.fields.isEmpty ? live : "\(pods.fields),\(live)"
            chosen[.pods] = pods
        }
        if !multiclusterZones.isEmpty { chosen[.serviceImports] = imports }
        return chosen
    }

    /// The options of an index that an API server feeds: what the server has selected needs no second look, and labels
    /// are not even read.
    var servedIndex: IndexOptions {
        var options = index
        options.labels = .everything
        if case .labelled = options.namespaces { options.namespaces = .labelled(.everything) }
        return options
    }
}
