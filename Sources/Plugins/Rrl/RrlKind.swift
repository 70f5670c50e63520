import Corefile
import DNSMessage
import PluginKit
import Telemetry

/// # rrl
///
/// Limits how many like replies a network gets in a second, so that queries with forged addresses do not make the
/// server an amplifier. CoreDNS has it as an external plugin; the words are the same.
///
/// ## Syntax
/// ```
/// rrl [ZONE...] {
///     responses-per-second ALLOWANCE
///     nodata-per-second ALLOWANCE
///     nxdomains-per-second ALLOWANCE
///     errors-per-second ALLOWANCE
///     window SECONDS
///     ipv4-prefix-length LENGTH
///     ipv6-prefix-length LENGTH
///     slip-ratio N
///     max-table-size SIZE
///     report-only
/// }
/// ```
/// - ZONE... are the zones whose replies are limited; the default is the zones of the server block.
/// - `responses-per-second` is about replies with records, counted by name and type. 0, the default, limits nothing.
/// - `nodata-per-second` and `nxdomains-per-second` are about negative replies, counted by zone, `errors-per-second`
///   about all other codes. They default to `responses-per-second`; 0 limits nothing.
/// - `window` is for how long a network that asks too much stays limited after it stops, at most: 15 by default.
/// - `ipv4-prefix-length` and `ipv6-prefix-length` make clients a network: 24 and 56 by default.
/// - `slip-ratio` sends every Nth reply that is too many as an empty one with TC, so that an honest client comes again
///   over TCP; 2 by default, 0 sends none, 10 is the most.
/// - `max-table-size` is how many accounts are kept, 100000 by default; the oldest give way.
/// - `report-only` counts and sends everything all the same.
///
/// Never limited: replies over TCP, and those to a client that showed a DNS cookie of this server (RFC 7873), for
/// their addresses are not forged. Each worker has an even share of an allowance.
///
/// ## Metrics
/// - `clusterdns_rrl_responses_total{server,action}` counts replies that were too many: `dropped`, `slipped` with TC,
///   or only `reported`.
///
/// ## Examples
/// ```corefile
/// . {
///     rrl {
///         responses-per-second 200
///         nxdomains-per-second 50
///     }
///     whoami
/// }
/// ```
enum RrlKind: PluginKind {
    static let name = "rrl"

    private enum Property: String, CaseIterable {
        case responses = "responses-per-second"
        case nodata = "nodata-per-second"
        case nxdomains = "nxdomains-per-second"
        case errors = "errors-per-second"
        case window
        case ipv4PrefixLength = "ipv4-prefix-length"
        case ipv6PrefixLength = "ipv6-prefix-length"
        case slipRatio = "slip-ratio"
        case tableSize = "max-table-size"
        case reportOnly = "report-only"
    }

    static func setUp(_ setup: inout Setup) {
        let directive = setup.onlyDirective()
        var options = RrlOptions(zones: ZoneSet(setup.zones(directive.arguments)))
        for line in directive.block ?? [] { read(line, into: &options, &setup.diagnostics) }
        if options.limitsNothing {
            setup.diagnostics.warning(
                at: directive.name, "'rrl' without an allowance limits nothing",
                hint: "such as 'responses-per-second 200'")
        }
        setup.link(RrlPlugin(options, setup.metrics))
    }

    private static func read(_ line: Directive, into options: inout RrlOptions, _ diagnostics: inout Diagnostics) {
        guard let property = Property(rawValue: line.name.text) else {
            return line.reportUnknownProperty(among: Property.allCases.map(\.rawValue), &diagnostics)
        }
        let count = property == .reportOnly ? 0 : 1
        guard line.hasNoBlock(&diagnostics),
            line.hasArguments(count...count, usage: usage(property), &diagnostics)
        else { return }
        if property == .reportOnly {
            options.isReportOnly = true
        } else if let value = line.arguments[0].integer(property.rawValue, in: range(property), &diagnostics) {
            set(property, to: value, in: &options)
        }
    }

    private static func usage(_ property: Property) -> String {
        property == .reportOnly ? property.rawValue : "\(property.rawValue) NUMBER"
    }

    private static func range(_ property: Property) -> ClosedRange<Int> {
        switch property {
        case .responses, .nodata, .nxdomains, .errors: 0...RrlOptions.allowanceMax
        case .window: 1...3_600
        case .ipv4PrefixLength: 1...32
        case .ipv6PrefixLength: 1...128
        case .slipRatio: 0...10
        case .tableSize: 1...RrlOptions.tableSizeMax
        case .reportOnly: 0...0
        }
    }

    private static func set(_ property: Property, to value: Int, in options: inout RrlOptions) {
        switch property {
        case .responses: options.responses = value
        case .nodata: options.nodata = value
        case .nxdomains: options.nxdomains = value
        case .errors: options.errors = value
        case .window: options.windowSeconds = value
        case .ipv4PrefixLength: options.ipv4PrefixLength = value
        case .ipv6PrefixLength: options.ipv6PrefixLength = value
        case .slipRatio: options.slipRatio = value
        case .tableSize: options.tableSize = value
        case .reportOnly: break
        }
    }
}

/// What the lines of `rrl` say. Allowances are replies a second; nil is that of `responses`.
struct RrlOptions: Sendable {
    static let allowanceMax = 1_000_000
    static let tableSizeMax = 10_000_000

    let zones: ZoneSet
    var responses = 0
    var nodata: Int?
    var nxdomains: Int?
    var errors: Int?
    var windowSeconds = 15
    var ipv4PrefixLength = 24
    var ipv6PrefixLength = 56
    var slipRatio = 2
    var tableSize = 100_000
    var isReportOnly = false

    var limitsNothing: Bool {
        responses == 0 && [nodata, nxdomains, errors].allSatisfy { $0 ?? 0 == 0 }
    }
}
