public import PluginKit

/// # kubernetes
///
/// Answers the names of a cluster's Services, EndpointSlices and Pods.
///
/// ## Syntax
/// ```
/// kubernetes [ZONES...] {
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
/// - `endpoint`, `tls`, `kubeconfig`, `apiserver_qps`, `apiserver_burst`, `apiserver_max_inflight` are checked, but
///   this version has no API client: without `manifests` it refuses to start.
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
        let options = reader.options
        let plugin = Kubernetes(options, setup)
        setup.link(plugin)
        setup.add(ManifestFeed(options.manifests, into: plugin, waiting: options.startupTimeout, sink: setup.logSink))
    }
}
