import ClusterIndex
import KubernetesWatch
public import PluginKit
import Telemetry

/// # kubernetes
///
/// Answers the names of a cluster's Services, EndpointSlices and Pods.
///
/// ## Syntax
/// ```
/// kubernetes [ZONES...] {
///     kubeconfig FILE [CONTEXT]
///     endpoint URL
///     tls CERT KEY CACERT
///     snapshot FILE
///     manifests PATH...
///     namespaces NAMESPACE...
///     namespace_labels SELECTOR
///     labels SELECTOR
///     pods disabled|insecure|verified
///     endpoint_pod_names
///     ttl SECONDS
///     negative_ttl SECONDS
///     noendpoints
///     fallthrough [ZONES...]
///     ignore empty_service
///     multicluster [ZONES...]
///     zonal
///     startup_timeout DURATION
/// }
/// ```
///
/// - `ZONES`: zones to answer for; those of the server block without any. Name the cluster's zone before reverse
///   zones: the first one is the zone of PTR targets.
/// - Without `kubeconfig`, `endpoint` or `manifests` the API server is that of the cluster whose pod this is, and the
///   service account says who asks. It needs to list and watch namespaces, services and endpointslices; pods for
///   `pods verified`, serviceimports for `multicluster`.
/// - `kubeconfig`: the API server and the user of a kubeconfig's context, or of its current one. Certificates, tokens
///   and the programs that print them (`exec`) are understood.
/// - `endpoint`: the API server's address; `tls`: with this client certificate and this authority.
/// - `snapshot`: keep what is known in this file, so that after a restart while the API server is away answers begin
///   at once. It is written a few seconds after a change, and never in place of a file that is no snapshot.
/// - `manifests`: read the objects from these YAML or JSON files or directories, in place of an API server. What
///   `kubectl get -o yaml` prints or `kubectl apply -f` takes. Changes are noticed and served.
/// - `namespaces`: answer for these namespaces only. `namespace_labels`: only for namespaces whose labels match.
/// - `labels`: only Services, EndpointSlices and Pods whose labels match.
/// - `pods`: names such as `10-244-1-7.default.pod.cluster.local`. `disabled` (default): none exists; `insecure`: the
///   address in the name, if the namespace exists; `verified`: only if a pod of the namespace has it.
/// - `endpoint_pod_names`: the pod's name names an endpoint without hostname, in place of its dashed address.
/// - `ttl`: of every answer, 0 to 3600 seconds, default 5. `negative_ttl`: of NXDOMAIN and NODATA, default as `ttl`.
/// - `noendpoints`: headless services and endpoint names do not exist; saves their memory.
/// - `fallthrough`: names that do not exist go on to the next plugin, all or those in the zones given.
/// - `ignore empty_service`: a service without a ready endpoint does not exist.
/// - `multicluster`: these zones, which must be among `ZONES`, answer ServiceImports.
/// - `zonal`: `ZONE.pin._zone.SERVICE.NAMESPACE.svc…` answers the endpoints of one topology zone, `prefer` all where
///   the zone has none.
/// - `startup_timeout`: how long the start waits for the first objects, default 5s. Until they are there, names that
///   are not known yet are SERVFAIL with Extended DNS Error 14 (Not Ready).
/// - `apiserver_qps`, `apiserver_burst`, `apiserver_max_inflight`: limits of requests, checked and otherwise without
///   effect: there are hardly any requests.
///
/// ## When the API server is away
/// Answers go on from what was known, for as long as it takes; `coredns_kubernetes_resource_age_seconds` tells since
/// when. What was deleted meanwhile goes when the server is back. An object that cannot be read is left out, with a
/// line in the log.
///
/// ## Metrics and metadata
/// `clusterdns_kubernetes_nxdomain_total{reason}` counts names that the cluster does not have, by why, such as
/// `no_such_service` or `no_ready_endpoint`. Where the block has `metadata`, the labels `kubernetes/kind`, `namespace`,
/// `service`, `endpoint`, `port-name`, `protocol`, `cluster`, `zone` and `parse-error` tell what a name says.
///
/// ## Examples
/// ```corefile
/// .:53 {
///     kubernetes cluster.local in-addr.arpa ip6.arpa {
///         manifests /etc/clusterdns/cluster
///         pods insecure
///         fallthrough in-addr.arpa ip6.arpa
///         ttl 30
///     }
/// }
/// ```
///
/// ```corefile
/// cluster.local:53 10.96.0.0/16:53 {
///     kubernetes cluster.local 10.96.0.0/16 {
///         manifests cluster.yaml services.json
///         namespaces shop kube-system
///         pods verified
///         ttl 5
///         negative_ttl 2
///     }
/// }
/// ```
public enum KubernetesKind: PluginKind {
    /// The word in the Corefile.
    public static let name = "kubernetes"

    /// Reads the block's `kubernetes` lines.
    public static func setUp(_ setup: inout Setup) {
        let directive = setup.onlyDirective()
        let reader = KubernetesOptionReader(directive, &setup)
        var options = reader.options
        if setup.block.words.contains(MetadataKind.name) { setup.add(KubernetesMetadata(options)) }
        ClusterZones.of(setup).set(options.zones)
        options.index.keepsExternals = setup.block.words.contains(ExternalKind.name)
        let external =
            options.index.keepsExternals ? setup.shared.object(ExternalNames.key(setup)) { ExternalNames() } : nil
        switch options.source {
        case .none:
            let cluster = LiveCluster(options.index, workers: setup.metrics.workers)
            external?.serve(cluster, serviceTTL: options.ttl)
            link(options, cluster, &setup)
        case .manifests(let paths):
            let cluster = LiveCluster(options.index, workers: setup.metrics.workers)
            external?.serve(cluster, serviceTTL: options.ttl)
            link(options, cluster, &setup)
            setup.add(ManifestFeed(paths, into: cluster, waiting: options.startupTimeout, sink: setup.logSink))
        case .server(let connection, let snapshot):
            let watch = ClusterWatch.Options(
                connection: connection,
                selections: ClusterWatch.selections(
                    for: options.index, withImports: !options.multiclusterZones.isEmpty),
                userAgent: "clusterdns/\(setup.host.version) (linux)")
            let table = setup.lasting.object("") { APIFeedTable() }
            let feed = table.feed(
                APIFeed.Options(watch: watch, index: options.index.afterSelection, snapshot: snapshot),
                metrics: setup.metrics, sink: setup.logSink)
            external?.serve(feed.cluster, serviceTTL: options.ttl)
            link(options, feed.cluster, &setup)
            setup.add(APIFeedUse(feed, waiting: options.startupTimeout, sink: setup.logSink))
        }
    }
    private static func link(_ options: KubernetesOptions, _ cluster: LiveCluster, _ setup: inout Setup) {
        ServedClusters.of(setup).add(cluster, block: setup.block.index)
        setup.link(Kubernetes(options, cluster, setup))
    }
}
