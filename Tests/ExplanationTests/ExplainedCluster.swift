import ClusterIndex
import Corefile
import DNSMessage
import Explanation
import Manifests
import PluginKit
import Plugins
import Testing

/// A cluster of manifests and the Corefile that it is answered by.
struct ExplainedCluster {
    private(set) var facts = ObjectFacts()
    private(set) var pods: [PodDetails] = []
    /// The clusters with everything that their objects tell.
    private(set) var known: [Int: KnownCluster] = [:]
    var ask: Explainer.Asking = { _, _, _ in .notAsked("there is nobody to ask") }
    let routes: [ServerRoute]
    private let corefile: Corefile
    private static let host = HostContext.current(version: "")

    init(manifests paths: [String] = [], objects: [ClusterObject] = [], corefile: String) throws {
        let (parsed, diagnostics) = Corefile.parse(text: corefile, file: "Corefile")
        try #require(!diagnostics.hasErrors, "\(diagnostics.rendered())")
        routes = CorefileRoutes.routes(of: parsed, host: Self.host)
        self.corefile = parsed
        for object in objects { facts.add(object) }
        for path in paths {
            let (objects, errors, _) = ManifestReader.read(path: path)
            try #require(errors.isEmpty, "\(errors)")
            for object in objects { facts.add(object) }
            ManifestReader.forEachField(path: path) { object in
                if let details = try? ServiceDetails(object) { facts.add(details) }
                if let pod = try? PodDetails(object) {
                    facts.add(pod)
                    pods.append(pod)
                }
            }
        }
        known = clusters { [facts] in KnownCluster(index: $0, facts: facts, isSynced: true) }
    }

    /// The clusters as a running server knows them: by its index only.
    func served(isSynced: Bool = true) -> [Int: KnownCluster] {
        clusters { KnownCluster(index: $0, facts: IndexFacts($0), isSynced: isSynced) }
    }

    private func clusters(_ make: (ClusterIndex) -> KnownCluster) -> [Int: KnownCluster] {
        var clusters: [Int: KnownCluster] = [:]
        for step in routes.flatMap(\.steps) {
            if case .cluster(let step) = step.action { clusters[step.cluster] = make(facts.index(step.options)) }
        }
        return clusters
    }

    var domain: Name { Explainer.domain(of: routes) ?? "cluster.local" }

    func explain(_ name: String, _ types: [RecordType] = [], namespace: String) -> NameExplanation {
        explain(name, types, asker: Asker(namespace: namespace, domain: domain))
    }

    func explain(_ name: String, _ types: [RecordType] = [], asker: Asker, isServed: Bool = false) -> NameExplanation {
        explain(name, types, asker: asker, isServed ? served() : known, isServer: isServed)
    }

    func explain(
        _ name: String, _ types: [RecordType], asker: Asker, _ clusters: [Int: KnownCluster], isServer: Bool
    ) -> NameExplanation {
        let plugins = ExplainedPlugins(
            corefile,
            ExplainedPlugins.Setting(
                host: Self.host, clusters: clusters, client: asker.address, isServer: isServer))
        return Explainer(routes: routes, clusters: clusters, plugins: plugins, ask: ask)
            .explain(name, types, asker: asker, sources: ["a test"])
    }
}
