import Corefile
import DNSMessage
import PluginKit
import Logging
import Telemetry
import Zone

/// # file
///
/// Serves zones from files in the format of RFC 1035.
///
/// ## Syntax
/// ```
/// file FILE [ZONE...] {
///     reload DURATION
///     reload_by_mtime
///     fallthrough [ZONE...]
///     upstream
/// }
/// ```
/// - FILE is the zone as text, with `$ORIGIN`, `$TTL`, `$INCLUDE`, `$GENERATE` and every type of record, unknown ones
///   as `TYPE65280 \# 4 0A000001`. A relative FILE starts from the directory of `root`, a relative file of `$INCLUDE`
///   from that of the file that includes it.
/// - ZONE... are the zones that it is served as; names in it that do not end with a dot belong to them. The default is
///   the zones of the server block.
/// - `reload` is how often the file is looked at; the default is `1m`, `0` reads it once. A zone is replaced when the
///   serial of its SOA record is another one, smaller or larger.
/// - `reload_by_mtime` replaces a zone whenever its file changed, whatever its serial.
/// - `fallthrough` passes on names that do not exist or have no records at all, all or those in ZONE....
/// - `upstream` is accepted and has no effect.
///
/// A file with mistakes is not served: each of them is told with its file and line. At the start that is the end;
/// later on the zone stays as it was. A file that is not there at the start is a warning, and its zones are SERVFAIL
/// until it comes; with `reload 0` it is an error.
///
/// Answers follow RFC 1034, with wildcards (RFC 4592), delegations and their glue, aliases inside the zone and, through
/// the other plugins, outside of it, DNAME (RFC 6672), and whatever a signed zone wants (RFC 4035): signatures, NSEC
/// and DS records for clients that ask for them. Zones signed with NSEC3 are refused. A question of type ANY gets no
/// records; `any` in the block answers it in the way of RFC 8482.
///
/// ## Examples
/// ```corefile
/// example.org {
///     file db.example.org
/// }
/// ```
/// ```corefile
/// . {
///     file /etc/zones/example.org.signed example.org {
///         reload 10s
///         fallthrough
///     }
///     whoami
/// }
/// ```
enum FileKind: PluginKind {
    static let name = "file"
    private static let properties = ["reload", "reload_by_mtime", "fallthrough", "upstream"]

    static func setUp(_ setup: inout Setup) {
        var zones: [ServedZone] = []
        var lines: [FileLine] = []
        for directive in setup.directives {
            guard let line = read(directive, &setup) else { continue }
            for name in setup.zones(directive.arguments.dropFirst()) {
                // As with CoreDNS the last line that names a zone has it.
                zones.removeAll { $0.name == name }
                zones.append(ServedZone(name: name, line: lines.count))
            }
            lines.append(line)
        }
        serve(zones, lines, &setup)
    }

    private static func read(_ directive: Directive, _ setup: inout Setup) -> FileLine? {
        guard directive.hasArguments(1..., usage: "file FILE [ZONE...]", &setup.diagnostics) else { return nil }
        let word = directive.arguments[0]
        var line = FileLine(word: word, path: setup.path(word))
        for option in directive.block ?? [] { read(option, into: &line, &setup) }
        return line
    }

    private static func read(_ option: Directive, into line: inout FileLine, _ setup: inout Setup) {
        guard option.hasNoBlock(&setup.diagnostics) else { return }
        switch option.name.text {
        case "reload": line.reload = interval(option, &setup.diagnostics) ?? line.reload
        case "reload_by_mtime":
            guard option.hasArguments(0...0, usage: "reload_by_mtime", &setup.diagnostics) else { return }
            line.reloadsByTime = true
        case "fallthrough": line.fallthroughZones = setup.fallthroughZones(option)
        case "upstream": break
        default: option.reportUnknownProperty(among: properties, &setup.diagnostics)
        }
    }

    /// How often files are looked at.
    static func interval(_ option: Directive, _ diagnostics: inout Diagnostics) -> Duration? {
        guard option.hasArguments(1...1, usage: "reload DURATION", &diagnostics),
            let interval = option.arguments[0].duration(&diagnostics)
        else { return nil }
        guard interval >= .zero else {
            diagnostics.error(
                at: option.arguments[0], "invalid negative duration for reload \(option.arguments[0].quoted)")
            return nil
        }
        return interval
    }

    private static func serve(_ zones: [ServedZone], _ lines: [FileLine], _ setup: inout Setup) {
        let log = Logger(plugin: name, sink: setup.logSink)
        var openings: [Opening] = []
        for zone in zones { openings.append(open(zone, lines[zone.line], log, &setup.diagnostics)) }
        let plugin = ZonePlugin(
            zip(zones, openings).map { ZoneTable.Entry(name: $0.name, zone: $1.zone) },
            fallthroughZones: zones.map { lines[$0.line].fallthroughZones }, setup)
        setup.link(plugin)
        for (number, line) in lines.enumerated() {
            let own = zones.indices.filter { zones[$0].line == number }
            setup.add(
                FileFeed(
                    own.map { ($0, openings[$0].feed) }, every: line.reload, into: plugin, log: log,
                    greetings: own.flatMap { openings[$0].warnings }))
        }
    }

    /// What the first look at a zone's file came to.
    private struct Opening {
        let feed: ZoneFeed
        var zone: Zone?
        var warnings: [String] = []
    }

    private static func open(
        _ zone: ServedZone, _ line: FileLine, _ log: Logger, _ diagnostics: inout Diagnostics
    ) -> Opening {
        var feed = ZoneFeed(
            ZoneSource(zone.name, path: line.path), reloadsByTime: line.reloadsByTime, log: log)
        let look = feed.open()
        var opening = Opening(feed: feed)
        switch look {
        case .unchanged: break
        case .loaded(let zone, let notices):
            opening.zone = zone
            opening.warnings = notices.map { "\($0): passed over" }
        case .unopenable(let reason):
            if line.reload == .zero {
                diagnostics.error(at: line.word, reason)
            } else {
                opening.warnings = ["Failed to open \"\(reason)\": trying again in \(GoDuration.text(line.reload))"]
            }
        case .broken(let mistakes): for mistake in mistakes { diagnostics.error(at: line.word, mistake) }
        }
        return opening
    }
}

/// What a line of `file` says, but for its zones.
private struct FileLine {
    let word: Word
    let path: String
    var reload = Duration.seconds(60)
    var reloadsByTime = false
    var fallthroughZones = Fallthrough.never
}

/// A zone, and which line has it.
private struct ServedZone {
    let name: Name
    let line: Int
}
