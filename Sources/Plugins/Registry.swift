public import PluginKit

/// THE list of plugins, in execution order: queries meet them from top to bottom, wherever their lines stand in the
/// Corefile. The order is CoreDNS's; `rrl`, which it does not have, stands where replies are as they leave.
public enum Registry {
    /// A new plugin is one folder and one line here.
    public static let kinds: [any PluginKind.Type] = [
        RootKind.self,
        MetadataKind.self,
        CancelKind.self,
        TimeoutsKind.self,
        MultisocketKind.self,
        ReloadKind.self,
        NsidKind.self,
        BufsizeKind.self,
        BindKind.self,
        DebugKind.self,
        ReadyKind.self,
        HealthKind.self,
        PprofKind.self,
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
        CacheKind.self,
        HeaderKind.self,
        MinimalKind.self,
        TemplateKind.self,
        HostsKind.self,
        ExternalKind.self,
        KubernetesKind.self,
        FileKind.self,
        AutoKind.self,
        LoopKind.self,
        ForwardKind.self,
        ErraticKind.self,
        WhoamiKind.self,
        ViewKind.self,
    ]

    /// Words that CoreDNS knows and this server does not: refused at start with a sentence, never passed over.
    public static let notBuilt: Set<String> = [
        "azure", "clouddns", "dnssec", "dnstap", "etcd", "geoip", "grpc", "grpc_server", "https", "https3",
        "nomad", "on", "proxyproto", "quic", "route53", "secondary", "shed", "sign", "tls", "trace",
        "transfer", "tsig",
    ]
}
