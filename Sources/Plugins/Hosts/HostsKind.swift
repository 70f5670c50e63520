import Corefile
import DNSMessage
import Glibc
import HostFiles
import Logging
import PluginKit
import Telemetry

/// # hosts
///
/// Answers A, AAAA and PTR questions from a file like `/etc/hosts`, and from lines in the Corefile itself.
///
/// ## Syntax
/// ```
/// hosts [FILE [ZONE...]] {
///     ADDRESS NAME...
///     ttl SECONDS
///     no_reverse
///     reload DURATION
///     fallthrough [ZONE...]
///     fallthrough_unsupported
/// }
/// ```
/// - FILE has an address and its names on each line, and comments behind `#`. A relative FILE starts from the directory
///   of `root`. The default is `/etc/hosts`. A file that is not there is logged and no error: it may come later.
/// - ZONE... are the zones that names are taken from; names elsewhere are passed over. The default is the zones of the
///   server block. PTR questions are answered wherever the address is known.
/// - `ADDRESS NAME...` adds a line to those of the file. Such lines stand in front of `fallthrough`.
/// - `ttl` is the TTL of all records, from 1 to 65535; the default is 3600.
/// - `no_reverse` answers no PTR questions.
/// - `reload` is how often the file is looked at; the default is `5s`, `0` reads it once, and less than `100ms` counts
///   as that. A file is read again when its time, its size or the file itself is another one. When it is gone, cannot
///   be read, or is too large (64 MiB, two million names), that is logged once, and what was read last goes on being
///   answered.
/// - `fallthrough` passes on names that are not known, all or those in ZONE.... Without it they are SERVFAIL, because a
///   hosts file has no SOA record that a denial needs.
/// - `fallthrough_unsupported` passes on all questions of other types too, where `fallthrough` holds; without it a
///   known name has no such records.
///
/// `*` as the first label stands for any one label, where the name itself is not there: `*.example.org` is
/// `www.example.org`, but not `example.org` and not `a.b.example.org`. It makes no PTR records.
///
/// ## Metrics
/// - `coredns_hosts_entries{hostsfile}` is the number of records in the file and in the Corefile, PTR records included.
/// - `coredns_hosts_reload_timestamp_seconds` is the time of the file that was read last.
///
/// ## Examples
/// ```corefile
/// . {
///     hosts {
///         192.0.2.1 gateway.example.org
///         2001:db8::1 gateway.example.org
///         192.0.2.2 *.apps.example.org
///         ttl 60
///         fallthrough
///     }
///     whoami
/// }
/// ```
/// ```corefile
/// example.org {
///     hosts /etc/hosts example.org {
///         reload 30s
///         no_reverse
///     }
/// }
/// ```
enum HostsKind: PluginKind, CountingFromStart {
    static let name = "hosts"
    private static let defaultPath = "/etc/hosts"
    private static let properties = [
        "ttl", "no_reverse", "reload", "fallthrough", "fallthrough_unsupported",
    ]

    static func setUp(_ setup: inout Setup) {
        let directive = setup.onlyDirective()
        var options = HostsOptions(zones: setup.zones(directive.arguments.dropFirst()))
        for line in directive.block ?? [] { read(line, into: &options, &setup) }
        if let line = options.unsupportedLine, case .never = options.fallthroughZones {
            setup.diagnostics.error(at: line, "fallthrough_unsupported requires fallthrough")
        }
        let file = directive.arguments.first
        if let file { check(file, at: setup.path(file), &setup.diagnostics) }
        let plugin = HostsPlugin(options, workers: setup.metrics.workers)
        setup.link(plugin)
        let feed = HostsFeed(
            file.map(setup.path) ?? defaultPath, isNamed: file != nil, options, into: plugin,
            log: Logger(plugin: name, sink: setup.logSink), metrics: setup.metrics)
        setup.add(feed)
    }

    /// What cannot be looked at now will hardly be readable later; what is not there may come.
    private static func check(_ word: Word, at path: String, _ diagnostics: inout Diagnostics) {
        var status = stat()
        guard stat(path, &status) != 0, errno != ENOENT else { return }
        diagnostics.error(
            at: word, "unable to access hosts file \(word.quoted): \(String(cString: strerror(errno)))")
    }

    private static func read(_ line: Directive, into options: inout HostsOptions, _ setup: inout Setup) {
        guard line.hasNoBlock(&setup.diagnostics) else { return }
        switch line.name.text {
        case "fallthrough": options.fallthroughZones = setup.fallthroughZones(line)
        case "fallthrough_unsupported":
            guard line.hasArguments(0...0, usage: "fallthrough_unsupported", &setup.diagnostics) else { return }
            options.unsupportedLine = line.name
        case "no_reverse":
            guard line.hasArguments(0...0, usage: "no_reverse", &setup.diagnostics) else { return }
            options.hasReverse = false
        case "ttl":
            guard line.hasArguments(1...1, usage: "ttl SECONDS", &setup.diagnostics) else { return }
            let ttl = line.arguments[0].integer("ttl", in: 1...65_535, &setup.diagnostics)
            options.ttl = ttl.map(UInt32.init) ?? options.ttl
        case "reload": readReload(line, into: &options, &setup.diagnostics)
        default: readInline(line, into: &options, &setup.diagnostics)
        }
    }

    private static func readReload(
        _ line: Directive, into options: inout HostsOptions, _ diagnostics: inout Diagnostics
    ) {
        guard line.hasArguments(1...1, usage: "reload DURATION", &diagnostics),
            let interval = line.arguments[0].duration(&diagnostics)
        else { return }
        guard interval >= .zero else {
            diagnostics.error(at: line.arguments[0], "invalid negative duration for reload \(line.arguments[0].quoted)")
            return
        }
        options.reload = interval
    }

    /// A line of the table, or a property that does not exist.
    private static func readInline(
        _ line: Directive, into options: inout HostsOptions, _ diagnostics: inout Diagnostics
    ) {
        guard HostsLine.address(line.name.text) != nil else {
            return line.reportUnknownProperty(among: properties, &diagnostics)
        }
        guard case .never = options.fallthroughZones else {
            return diagnostics.error(
                at: line.name, "unknown property \(line.name.quoted)", hint: "hosts stand in front of 'fallthrough'")
        }
        guard !line.arguments.isEmpty else {
            return diagnostics.error(at: line.name, "there are no names behind \(line.name.quoted)")
        }
        for word in line.arguments {
            do throws(NameError) {
                _ = try Name(word.text)
            } catch {
                diagnostics.error(at: word, "\(word.quoted) is no domain name: \(error)")
            }
        }
        options.inline.append(([line.name] + line.arguments).map(\.text).joined(separator: " "))
    }

    static func registerMetrics(in registry: MetricsRegistry) { _ = reloadTime(registry) }

    static func reloadTime(_ registry: MetricsRegistry) -> Gauge {
        registry.gauges(
            "coredns_hosts_reload_timestamp_seconds", help: "The timestamp of the last reload of hosts file."
        ).gauge()
    }

    static func entries(_ registry: MetricsRegistry) -> GaugeFamily {
        registry.gauges(
            "coredns_hosts_entries", help: "The combined number of entries in hosts and Corefile.",
            labels: ["hostsfile"])
    }
}

/// What the block says.
struct HostsOptions: Sendable {
    var zones: [Name]
    /// Lines of the Corefile.
    var inline: [String] = []
    /// Seconds.
    var ttl: UInt32 = 3600
    var hasReverse = true
    /// How often the file is looked at; zero for never again.
    var reload = Duration.seconds(5)
    var fallthroughZones = Fallthrough.never
    /// Where `fallthrough_unsupported` stands, if it does.
    var unsupportedLine: Word?
}
