public import DNSMessage
import Glibc
import HostFiles

/// Which servers are asked, and how names become absolute: what `resolv.conf(5)` says, as glibc reads it.
public struct ResolverConfiguration: Hashable, Sendable {
    /// `nameserver`: asked in this order. Of a file the first three, and 127.0.0.1 where it has none.
    public var servers: [SocketAddress] = [SocketAddress(IPAddress(v4: 0x7F00_0001), port: 53)]
    /// `search` or `domain`: what relative names are tried with.
    public var search: [Name] = []
    /// `ndots`: dots from which on a name is tried as it is before the suffixes are.
    public var ndots = 1
    /// `timeout`: how long a server has for its reply.
    public var timeout = Duration.seconds(5)
    /// `attempts`: rounds through the servers.
    public var attempts = 2
    /// `rotate`: look-ups begin with one server after the other.
    public var rotates = false
    /// `use-vc`: asks over TCP at once.
    public var prefersTCP = false
    /// `no-aaaa`: asks for no AAAA records when addresses are looked up.
    public var omitsAAAA = false
    /// `no-tld-query`: a name without a dot is not tried as it is.
    public var omitsTopLevel = false
    /// Whether queries have an OPT record (EDNS); without regard to `edns0`, which is for libraries that seldom do.
    /// A server that cannot read it is asked again without.
    public var usesEDNS = true
    /// What of the file was passed over, such as `line 3: 'dns.example' is no address`.
    public private(set) var mistakes: [String] = []

    /// What holds where no file says anything else.
    public init() {}

    /// Reads the text of such a file. `variable` tells the values of `LOCALDOMAIN` and `RES_OPTIONS`, which count more.
    ///
    /// `single-request`, `single-request-reopen` and `trust-ad` are accepted and change nothing: every query has a port
    /// of its own, and AD is not passed on.
    public init(resolvConf text: String, variable: (String) -> String? = { _ in nil }) {
        self.init(content: Array(text.utf8), variable)
    }

    init(content: [UInt8], _ variable: (String) -> String?) {
        let file = ResolvConf(content)
        mistakes = file.mistakes
        if !file.servers.isEmpty { servers = Array(file.servers.prefix(Limits.serversMax)) }
        if let domains = variable("LOCALDOMAIN") {
            search = domains.split(whereSeparator: \.isWhitespace).compactMap { try? Name($0) }
        } else {
            search = file.search ?? Self.domainOfHost.map { [$0] } ?? []
        }
        var options = file.options
        if let more = variable("RES_OPTIONS") { options.read(all: more) }
        ndots = options.ndots ?? ndots
        timeout = options.timeout.map { .seconds($0) } ?? timeout
        attempts = options.attempts ?? attempts
        rotates = options.flags.contains("rotate")
        prefersTCP = options.flags.contains("use-vc")
        omitsAAAA = options.flags.contains("no-aaaa")
        omitsTopLevel = options.flags.contains("no-tld-query")
    }

    /// What stands behind the first dot of the host's name.
    private static var domainOfHost: Name? {
        var bytes = [CChar](repeating: 0, count: 256)
        guard gethostname(&bytes, bytes.count - 1) == 0 else { return nil }
        let host = bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        guard let dot = host.firstIndex(of: UInt8(ascii: ".")) else { return nil }
        return try? Name(presentation: host[(dot + 1)...])
    }
}
