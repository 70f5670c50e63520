import ClusterIndex
import Corefile
import DNSMessage
import Explanation
import KubernetesWatch
import PluginKit
import Plugins

/// One run of `explain`: reads the cluster and the Corefile, and lends the explainer a way to ask other servers.
struct ExplainRun {
    private(set) var request: ExplainRequest
    let options: ExplainCommand

    /// What is known of a cluster, and where from.
    struct Source {
        var facts: ObjectFacts
        /// The text of the Corefile, and what it is called; nil where there is none to be had.
        var corefile: (text: String, name: String)?
        var pod: PodDetails?
        var lines: [String] = []
        var notes: [String] = []
    }

    mutating func explanation() throws(ExplainFailure) -> NameExplanation {
        if let server = options.server { return try ServerSource(server, options).explanation(request) }
        var given: (text: String, name: String)?
        if let conf = options.conf { given = try Self.corefile(conf) }
        var paths = options.manifests
        if paths.isEmpty, options.kubeconfig == nil, options.context == nil, let given {
            paths = CorefileRoutes.manifests(of: Self.parsed(given))
        }
        if !paths.isEmpty {
            var source = try ManifestSource.read(paths, pod: request.pod)
            source.corefile = given
            return try explain(source) { _ in }
        }
        let api = try APISource(options)
        if !request.namesNamespace, let namespace = APISource.namespace(options) { request.namespace = namespace }
        let source = try api.read(request, given: given)
        return try explain(source) { facts in api.addDetails(to: &facts.facts, of: facts.subjects) }
    }

    /// Facts that are looked up only once it is known which.
    struct Deepening {
        var facts: ObjectFacts
        var subjects: [ObjectKey]
    }

    private func explain(_ source: Source, deepen: (inout Deepening) -> Void) throws(ExplainFailure) -> NameExplanation
    {
        let corefile = source.corefile ?? Self.standardCorefile
        let parsed = Self.parsed(corefile)
        let routes = CorefileRoutes.routes(of: parsed, host: .current(version: ""))
        guard let domain = Explainer.domain(of: routes) else {
            throw ExplainFailure("\(corefile.name) has no kubernetes block, so no name of a cluster is answered")
        }
        var asker = asker(source, domain)
        if let client = request.client { asker.address = client }
        let upstream = UpstreamAsker(isOff: options.noUpstream)
        let lines = source.lines + ["Corefile: \(corefile.name)"]
        func explain(_ facts: ObjectFacts, as asker: Asker) -> (Explainer, NameExplanation) {
            let clusters = facts.clusters(routes)
            let plugins = ExplainedPlugins(
                parsed,
                ExplainedPlugins.Setting(
                    host: .current(version: ""), clusters: clusters, client: asker.address, isServer: false))
            let explainer = Explainer(routes: routes, clusters: clusters, plugins: plugins, ask: upstream.ask)
            return (explainer, explainer.explain(request.name, request.types, asker: asker, sources: lines))
        }
        var (explainer, explanation) = explain(source.facts, as: asker)
        var deepening = Deepening(facts: source.facts, subjects: explainer.subjects(of: explanation))
        if explanation.needsDetails {
            deepen(&deepening)
            (explainer, explanation) = explain(deepening.facts, as: asker)
        }
        explanation.notes += source.notes + upstream.notes
        return explanation
    }

    private func asker(_ source: Source, _ domain: Name) -> Asker {
        guard let pod = source.pod else { return Asker(namespace: request.namespace, domain: domain) }
        let service = source.facts.service(ObjectKey(namespace: "kube-system", name: "kube-dns"))
        let servers = (service?.clusterIPs ?? []).compactMap { IPAddress($0) }
        return Asker(pod, domain: domain, clusterServers: servers)
    }

    // MARK: The Corefile

    private static let standardCorefile = (text: StandardCorefile.text, name: "kubeadm's, since none is known")

    /// What a Corefile, or the standard one, does with names.
    static func routes(of corefile: (text: String, name: String)?) -> [ServerRoute] {
        CorefileRoutes.routes(of: parsed(corefile ?? standardCorefile), host: .current(version: ""))
    }

    /// What an answer needs of the cluster. Pods are many, and read only for names that they have.
    static func resources(for name: String, _ routes: [ServerRoute]) -> Set<WatchedResource> {
        var resources: Set<WatchedResource> = [.namespaces, .services, .endpointSlices]
        for step in routes.flatMap(\.steps) {
            guard case .cluster(let cluster) = step.action else { continue }
            if cluster.options.pods == .verified, name.contains(".pod") { resources.insert(.pods) }
            if !cluster.clusterSetZones.isEmpty { resources.insert(.serviceImports) }
        }
        return resources
    }

    private static func corefile(_ path: String) throws(ExplainFailure) -> (text: String, name: String) {
        do {
            return (String(decoding: try DiskFiles().read(path), as: UTF8.self), path)
        } catch {
            throw ExplainFailure("cannot read \(path): \(error.clause)")
        }
    }

    /// Mistakes are for `check` to tell; what is right is gone by. Places are told by a short name.
    private static func parsed(_ corefile: (text: String, name: String)) -> Corefile {
        let isFile = !corefile.name.contains(" ")
        return Corefile.parse(text: corefile.text, file: isFile ? corefile.name : "Corefile").corefile
    }
}

extension NameExplanation {
    /// Whether more of the objects would tell more.
    fileprivate var needsDetails: Bool {
        let shallow: Set<Finding.Code> = [
            .endpointMissing, .noEndpoints, .noReadyEndpoint, .serviceMissing, .unreachableBackend,
        ]
        return candidates.flatMap(\.findings).contains { shallow.contains($0.code) }
    }
}

extension ObjectFacts {
    /// A cluster for each `kubernetes` of the Corefile.
    fileprivate func clusters(_ routes: [ServerRoute]) -> [Int: KnownCluster] {
        var clusters: [Int: KnownCluster] = [:]
        for step in routes.flatMap(\.steps) {
            guard case .cluster(let step) = step.action, clusters[step.cluster] == nil else { continue }
            clusters[step.cluster] = KnownCluster(index: index(step.options), facts: self, isSynced: true)
        }
        return clusters
    }
}

extension FileError {
    fileprivate var clause: String {
        switch self {
        case .notFound: "no such file"
        case .tooLarge: "it is too large"
        case .unreadable(let reason): reason
        }
    }
}

/// What kubeadm gives a cluster, for one whose Corefile is not to be had.
enum StandardCorefile {
    static let text = """
        .:53 {
            errors
            health {
               lameduck 5s
            }
            ready
            kubernetes cluster.local in-addr.arpa ip6.arpa {
               pods insecure
               fallthrough in-addr.arpa ip6.arpa
               ttl 30
            }
            prometheus :9153
            forward . /etc/resolv.conf {
               max_concurrent 1000
            }
            cache 30
            loop
            reload
            loadbalance
        }
        """
}
