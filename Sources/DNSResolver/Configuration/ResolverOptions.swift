import Glibc

/// Where a resolver learns what it needs, and what it may spend.
///
/// ```swift
/// var options = ResolverOptions()
/// options.cacheEntriesMax = 10_000
/// let resolver = Resolver(options)
/// ```
public struct ResolverOptions: Sendable {
    /// Where the configuration comes from.
    public enum Source: Hashable, Sendable {
        /// A file, looked at again every few seconds while names are looked up.
        case file(String)
        /// This one.
        case fixed(ResolverConfiguration)
    }

    /// The servers and the search list.
    public var configuration = Source.file("/etc/resolv.conf")
    /// Names that are answered from a file in the manner of hosts(5), looked at again every few seconds; nil for none.
    public var hostsFile: String? = "/etc/hosts"
    /// Answers `web` from `WEB_SERVICE_HOST`, and the service `_http._tcp.web` from that and `WEB_SERVICE_PORT_HTTP`,
    /// as the kubelet sets them for the Services of a pod's namespace; dashes in names are underscores there.
    public var usesServiceVariables = false
    /// Tells the value of a variable of the environment.
    public var variable: @Sendable (String) -> String? = { getenv($0).map { String(cString: $0) } }
    /// Answers and denials that are kept for as long as their TTLs allow; 0 keeps none.
    public var cacheEntriesMax = 0
    /// Questions under way at once, at most 2048; further ones wait.
    public var questionsMax = 256
    /// How long an answer of one family waits for the other, when both are wanted.
    public var familyGrace = Duration.milliseconds(250)
    /// Mixes upper and lower case in names asked over UDP, and wants them back so, which makes forging harder. Off, as
    /// in other stub resolvers: the server of a cluster is near, and logs stay readable.
    public var mixesCase = false

    /// The files of the system, no cache.
    public init() {}
}
