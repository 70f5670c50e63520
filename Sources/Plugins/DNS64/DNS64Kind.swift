import Corefile
import DNSMessage
import PluginKit
import Telemetry

/// # dns64
///
/// Makes IPv6 addresses of IPv4 ones, for clients that reach the IPv4 world through NAT64 (RFC 6147).
///
/// ## Syntax
/// ```
/// dns64 [PREFIX] {
///     prefix PREFIX
///     translate_all
///     allow_ipv4
/// }
/// ```
/// - PREFIX is an IPv6 prefix of 32, 40, 48, 56, 64 or 96 bits, into which addresses go as RFC 6052 says. The default
///   is `64:ff9b::/96`.
/// - `translate_all` translates names that have IPv6 addresses of their own as well.
/// - `allow_ipv4` serves clients that ask over IPv4 too; without it only those that ask over IPv6.
///
/// A question for AAAA without an answer is asked once more for A. IPv6 addresses in `::ffff:0:0/96` are none
/// (RFC 6147 §5.1.4). A name that does not exist stays so, and so does the answer to a client that checks signatures by
/// itself, with DO and CD set. TTLs are those of the A records, and at most that of the SOA record that came with the
/// missing answer, or 600. If the second question fails, so does the first.
///
/// ## Metrics
/// - `coredns_dns64_requests_translated_total{server}` counts queries that were asked for A.
///
/// ## Example
/// ```corefile
/// . {
///     dns64 {
///         prefix 2001:db8:64::/96
///         allow_ipv4
///     }
///     whoami
/// }
/// ```
enum DNS64Kind: PluginKind {
    static let name = "dns64"
    private static let options = ["prefix", "translate_all", "allow_ipv4"]

    static func setUp(_ setup: inout Setup) {
        let directive = setup.onlyDirective()
        var options = DNS64Options()
        guard directive.hasArguments(0...1, usage: "dns64 [PREFIX]", &setup.diagnostics) else { return }
        if let word = directive.arguments.first { read(word, into: &options, &setup.diagnostics) }
        for line in directive.block ?? [] where line.hasNoBlock(&setup.diagnostics) {
            read(line, into: &options, &setup.diagnostics)
        }
        let family = setup.metrics.counters(
            "coredns_dns64_requests_translated_total", help: "Counter of DNS requests translated by dns64.",
            labels: ["server"])
        setup.link(DNS64Plugin(options, family))
    }

    private static func read(
        _ line: Directive, into options: inout DNS64Options, _ diagnostics: inout Diagnostics
    ) {
        switch line.name.text {
        case "prefix":
            guard line.hasArguments(1...1, usage: "prefix PREFIX", &diagnostics) else { return }
            read(line.arguments[0], into: &options, &diagnostics)
        case "translate_all":
            options.translatesAll = line.hasArguments(0...0, usage: "translate_all", &diagnostics)
        case "allow_ipv4":
            options.servesIPv4 = line.hasArguments(0...0, usage: "allow_ipv4", &diagnostics)
        default: line.reportUnknownProperty(among: self.options, &diagnostics)
        }
    }

    private static func read(
        _ word: Word, into options: inout DNS64Options, _ diagnostics: inout Diagnostics
    ) {
        guard let prefix = AddressPrefix(word.text), prefix.address.family == .v6 else {
            return diagnostics.error(
                at: word, "\(word.quoted) is no IPv6 prefix", hint: "such as 64:ff9b::/96")
        }
        guard let translation = TranslationPrefix(prefix) else {
            return diagnostics.error(
                at: word, "a prefix for dns64 is 32, 40, 48, 56, 64 or 96 bits long, not \(prefix.length)")
        }
        options.prefix = translation
    }
}

/// What `dns64` translates, for whom and into what.
struct DNS64Options: Sendable {
    var prefix = TranslationPrefix.wellKnown
    var translatesAll = false
    var servesIPv4 = false
}
