/// What was built: the version line of the start, `-version`, and the metric `coredns_build_info`.
public struct BuildInfo: Sendable {
    /// Version of the program, as in `1.0.0`.
    public let version: String
    /// Commit it was built from, or empty.
    public let revision: String

    /// Describes a build.
    public init(version: String, revision: String) {
        self.version = version
        self.revision = revision
    }

    /// The compiler, as in `swift6.3`.
    public static var compiler: String {
        #if compiler(>=6.5)
            "swift6.5+"
        #elseif compiler(>=6.4)
            "swift6.4"
        #elseif compiler(>=6.3)
            "swift6.3"
        #else
            "swift6.2"
        #endif
    }

    /// Adds the metrics that every process has: this build and the panics, which trap here and so stay 0.
    public func register(in registry: MetricsRegistry) {
        registry.gauges(
            "coredns_build_info",
            help: "Always 1; the labels tell which version runs, from which commit and compiler.",
            labels: ["version", "revision", "goversion"]
        ).gauge([version, revision, Self.compiler]).value = 1
        _ = registry.counter(
            "coredns_panics_total", help: "Queries that made the server panic; a trap here ends the process.")
    }
}
