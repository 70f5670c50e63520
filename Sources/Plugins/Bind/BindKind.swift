import Corefile
import DNSMessage
import PluginKit

/// # bind
///
/// Listens on some addresses only, instead of on all of them.
///
/// ## Syntax
/// ```
/// bind ADDRESS|INTERFACE... {
///     except ADDRESS|INTERFACE...
/// }
/// ```
/// The name of an INTERFACE stands for all addresses that it has at the start. The line may be repeated; the block
/// listens on the addresses of all lines together. A link-local IPv6 ADDRESS belongs to the interface that has it, or
/// to the one named behind a percent sign.
///
/// - `except` leaves out addresses that the line names otherwise. It may be repeated.
///
/// ## Examples
/// ```corefile
/// example.org {
///     bind 127.0.0.1 ::1
///     whoami
/// }
/// example.net {
///     bind lo {
///         except ::1
///     }
///     whoami
/// }
/// ```
enum BindKind: PluginKind {
    static let name = "bind"

    private static let usage = "bind ADDRESS|INTERFACE..."

    static func setUp(_ setup: inout Setup) {
        for directive in setup.directives { setUp(directive, &setup) }
    }

    private static func setUp(_ directive: Directive, _ setup: inout Setup) {
        let excluded = exceptions(directive, &setup)
        guard directive.hasArguments(1..., usage: usage, &setup.diagnostics) else { return }
        var named: [BoundAddress] = []
        for word in directive.arguments {
            guard let addresses = addresses(word, &setup) else { continue }
            named += addresses
        }
        let kept = named.filter { !excluded.contains($0) }
        if kept.isEmpty, !named.isEmpty {
            setup.diagnostics.error(at: directive.name, "'except' leaves no address of this line to listen on")
        }
        for address in kept where !setup.options.addresses.contains(address) {
            setup.options.addresses.append(address)
        }
    }

    private static func exceptions(_ directive: Directive, _ setup: inout Setup) -> Set<BoundAddress> {
        var found: Set<BoundAddress> = []
        for line in directive.block ?? [] {
            guard line.name.text == "except" else {
                line.reportUnknownProperty(among: ["except"], &setup.diagnostics)
                continue
            }
            guard line.hasArguments(1..., usage: "except ADDRESS|INTERFACE...", &setup.diagnostics),
                line.hasNoBlock(&setup.diagnostics)
            else { continue }
            for word in line.arguments { found.formUnion(addresses(word, &setup) ?? []) }
        }
        return found
    }

    /// What a word names; nil after reporting that it names nothing.
    private static func addresses(_ word: Word, _ setup: inout Setup) -> [BoundAddress]? {
        let onInterface = setup.host.interfaces.filter { $0.interface == word.text }
        if !onInterface.isEmpty { return onInterface.map(BoundAddress.init) }
        let parts = word.text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        if let address = parts.first.flatMap({ IPAddress($0) })?.unmapped {
            let interface = parts.count == 2 ? String(parts[1]) : nil
            return self.address(address, on: interface, word, &setup).map { [$0] }
        }
        setup.diagnostics.error(
            at: word, "not a valid IP address or interface name: \"\(word.text)\"", didYouMean: word.text,
            among: Set(setup.host.interfaces.map(\.interface)))
        return nil
    }

    /// A link-local address means something on its interface only (RFC 4007 §6).
    private static func address(
        _ address: IPAddress, on interface: String?, _ word: Word, _ setup: inout Setup
    ) -> BoundAddress? {
        guard address.isLinkLocal else {
            guard interface == nil else {
                setup.diagnostics.error(at: word, "only a link-local IPv6 address names an interface: \(word.quoted)")
                return nil
            }
            return BoundAddress(address)
        }
        let scope = setup.host.interfaces.first {
            $0.address == address && (interface == nil || $0.interface == interface)
        }
        guard let scope else {
            setup.diagnostics.error(at: word, "no interface has the link-local address \(word.quoted)")
            return nil
        }
        return BoundAddress(scope)
    }
}

extension BoundAddress {
    fileprivate init(_ found: InterfaceAddress) {
        self.init(found.address, scope: found.address.isLinkLocal ? found.scope : 0)
    }
}

extension IPAddress {
    /// fe80::/10 (RFC 4291 §2.5.6).
    fileprivate var isLinkLocal: Bool { family == .v6 && high >> 54 == 0xFE80 >> 6 }
}
