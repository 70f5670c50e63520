import Corefile
import DNSMessage
import PluginKit
import SecureUpstream
import Telemetry
import Upstream

/// # forward
///
/// Sends queries to other servers: over UDP and TCP, over TLS (RFC 7858), over HTTPS (RFC 8484).
///
/// ## Syntax
/// ```
/// forward FROM TO... {
///     except NAME...
///     force_tcp
///     prefer_udp
///     expire DURATION
///     max_age DURATION
///     max_idle_conns NUMBER
///     read_timeout DURATION
///     max_fails NUMBER
///     max_connect_attempts NUMBER
///     doh_method GET|POST
///     tls [CERT KEY] [CA]
///     tls_servername NAME
///     policy random|round_robin|sequential
///     health_check DURATION [no_rec] [domain NAME]
///     max_concurrent NUMBER
///     next RCODE...
///     next_on_nodata
///     failover RCODE...
///     failfast_all_unhealthy_upstreams
///     source_address ADDRESS
///     resolver ADDRESS[:PORT]...
///     case_randomization on|off
/// }
/// ```
/// - FROM is the zone whose names are forwarded, `.` for all; a CIDR prefix is its reverse zone.
/// - TO... are up to 15 upstreams: `ADDRESS[:PORT]`, `tls://ADDRESS[%NAME][:PORT]` with the name in the certificate,
///   `https://HOST[/PATH]`, the path of a file in the manner of resolv.conf, or a host name, which is looked up once.
///   Loopback addresses in a file are passed over, unless there are no others: inside a pod they lead back here.
/// - `except` names zones inside FROM that are not forwarded.
/// - `force_tcp` asks over TCP, whatever the client used; `prefer_udp` asks over UDP. Without either, upstreams are
///   asked as the client asked. What is truncated over UDP is asked again over TCP; if that fails, the client is told.
/// - `expire` (10s) and `max_age` (none) close connections that are idle or old; `max_idle_conns` bounds how many are
///   kept. `source_address` is where queries are sent from.
/// - `read_timeout` is how long a try waits for its reply (2s), `max_connect_attempts` how many tries a query has (two
///   for each upstream). After 4.5 s the client is told SERVFAIL in any case, with the reason (RFC 8914).
/// - `max_fails` is how many health checks may fail one after another before an upstream is down (2); 0 checks nothing.
///   Checks begin when an upstream failed, and go on every `health_check` (500ms) until it answers. They ask for the NS
///   records of the root or of `domain`, with recursion desired unless `no_rec`.
/// - `policy` is the order of upstreams. Those that fail often or are much slower than the others come last; those that
///   are down are not asked. If all are down, one is asked all the same, unless `failfast_all_unhealthy_upstreams`.
/// - `max_concurrent` bounds the questions under way; more are SERVFAIL.
/// - `failover` are the codes that make the next upstream be asked (SERVFAIL and REFUSED).
/// - `next` are codes, and `next_on_nodata` answers without data, that make the next `forward` of the block be asked.
/// - `tls` has a certificate of our own and the certificates to trust, `tls_servername` the name in that of upstreams.
/// - `doh_method` is how HTTPS is asked (POST).
/// - `resolver` are servers that know the host names in TO.
/// - `case_randomization off` leaves the letters of names as they are. As a rule they are mixed over UDP, and a reply
///   must repeat them, which makes forging it harder; an upstream that garbles them is found out after a few replies.
///
/// Equal queries that come while one is under way wait for its answer. A second upstream is asked when the first takes
/// longer than 95 of 100 replies did. Records that do not belong to the question are dropped from replies. Zone
/// transfers are refused.
///
/// ## Metrics
/// - `coredns_proxy_request_duration_seconds{proxy_name,to,rcode}`: time that upstreams took.
/// - `coredns_proxy_healthcheck_failures_total{proxy_name,to}`: health checks that failed.
/// - `coredns_proxy_conn_cache_hits_total`, `coredns_proxy_conn_cache_misses_total{proxy_name,to,proto}`: queries that
///   found a connection, and that made one. Over UDP each has a port of its own.
/// - `coredns_forward_healthcheck_broken_total`: queries that found all upstreams down.
/// - `coredns_forward_max_concurrent_rejects_total`: queries beyond `max_concurrent`.
/// - `clusterdns_forward_coalesced_total`, `clusterdns_forward_hedges_total`, `clusterdns_forward_failovers_total`:
///   queries that waited for an equal one, second upstreams asked for slowness, and for a response code.
/// - `clusterdns_forward_upstream_round_trip_seconds{to}`, `clusterdns_forward_upstream_error_ratio{to}`,
///   `clusterdns_forward_upstream_quarantined{to}`: how upstreams do.
///
/// ## Examples
/// ```corefile
/// . {
///     forward . 192.0.2.53 198.51.100.53:5353 {
///         max_concurrent 1000
///         policy sequential
///     }
/// }
/// ```
/// ```corefile
/// . {
///     forward corp.example 10.0.0.10 10.0.0.11 {
///         except public.corp.example
///         force_tcp
///     }
///     forward . tls://9.9.9.9 tls://[2620:fe::fe]:853 {
///         tls_servername dns.quad9.net
///         health_check 5s
///     }
/// }
/// ```
enum ForwardKind: PluginKind, CountingFromStart {
    static let name = "forward"

    static func setUp(_ setup: inout Setup) {
        let metrics = ForwardMetrics(setup.metrics)
        let settings = setup.directives.compactMap { setting($0, metrics, &setup) }
        for (index, setting) in settings.enumerated() {
            setup.link(ForwardPlugin(setting, before: Array(settings[(index + 1)...])))
        }
    }

    private static func setting(_ line: Directive, _ metrics: ForwardMetrics, _ setup: inout Setup) -> ForwardSetting? {
        guard line.hasArguments(2..., usage: "forward FROM TO...", &setup.diagnostics) else { return nil }
        var reader = ForwardReader()
        for option in line.block ?? [] { reader.read(option, &setup) }
        if reader.client.ageMax > 0, reader.client.ageMax < reader.client.idleTimeout {
            setup.diagnostics.error(at: line.name, "max_age must not be less than expire")
        }
        var upstreams = UpstreamReader(reader)
        let errors = setup.diagnostics.hasErrors
        for word in line.arguments.dropFirst() { upstreams.read(word, &setup) }
        let count = upstreams.found.count
        if count > ForwardLimits.upstreamsMax {
            setup.diagnostics.error(
                at: line.name, "more than \(ForwardLimits.upstreamsMax) TOs configured: \(count)")
        }
        guard count > 0 else {
            if errors || !setup.diagnostics.hasErrors {
                setup.diagnostics.error(
                    at: line.arguments[1], "no valid upstream addresses found",
                    hint: "no file that is named here has a line 'nameserver ADDRESS'")
            }
            return nil
        }
        let zones = setup.zones(line.arguments.prefix(1))
        return make(upstreams.found, zones, reader, metrics, &setup)
    }

    private static func make(
        _ found: [UpstreamReader.Found], _ zones: [Name], _ reader: ForwardReader, _ metrics: ForwardMetrics,
        _ setup: inout Setup
    ) -> ForwardSetting {
        let registry = ForwardedUpstreams.shared(setup)
        let servers = found.map { upstream in
            UpstreamServer(
                upstream.endpoint, address: upstream.address, zones: zones, block: setup.block.index,
                UpstreamMetrics(setup.metrics, upstream.address))
        }
        for server in servers { registry.add(server) }
        let client = reader.client
        return ForwardSetting(
            zones: zones, exceptions: reader.exceptions, servers, reader.options, metrics,
            makeClient: { server, loop in server.endpoint.makeClient(loop: loop, settings: client) })
    }

    static func registerMetrics(in registry: MetricsRegistry) { _ = ForwardMetrics(registry) }
}
