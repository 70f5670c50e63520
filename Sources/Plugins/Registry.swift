public import PluginKit

/// THE list of plugins, in execution order: queries meet them from top to bottom, wherever their lines stand in the
/// Corefile. The order is CoreDNS's; `rrl`, which it does not have, stands where replies are as they leave.
public enum Registry {
    /// A new plugin is one folder and one line here.
    public static let kinds: [any PluginKind.Type] = [
        RootKind.self,
        MetadataKind.self,
        CancelKind.self,
        NsidKind.self,
        BufsizeKind.self,
        BindKind.self,
        DebugKind.self,
        ReadyKind.self,
        HealthKind.self,
        PrometheusKind.self,
        ErrorsKind.self,
        LogKind.self,
        RrlKind.self,
        LocalKind.self,
        DNS64Kind.self,
        AnyKind.self,
        ChaosKind.self,
        LoadbalanceKind.self,
        RewriteKind.self,
        AutopathKind.self,
        AclKind.self,
        HeaderKind.self,
        MinimalKind.self,
        TemplateKind.self,
        HostsKind.self,
        KubernetesKind.self,
        ForwardKind.self,
        ErraticKind.self,
        WhoamiKind.self,
        ViewKind.self,
    ]

    /// Words that CoreDNS knows and this server does not: refused at start with a sentence, never passed over.
    public static let notBuilt: Set<String> = [
        "auto", "azure", "cache", "clouddns", "dnssec", "dnstap", "etcd", "file",
        "geoip", "grpc", "grpc_server", "https", "https3", "k8s_external", "loop",
        "multisocket", "nomad", "on", "pprof", "proxyproto", "quic", "reload", "route53", "secondary",
        "shed", "sign", "timeouts", "tls", "trace", "transfer", "tsig",
    ]
}
