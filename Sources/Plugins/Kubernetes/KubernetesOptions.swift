import ClusterIndex
import Corefile
import DNSMessage
import KubernetesWatch
import PluginKit

/// The lines of one `kubernetes` block, read and checked.
struct KubernetesOptions {
    var zones: [Name] = []
    var multiclusterZones: [Name] = []
    var source = Source.none
    /// What the index itself heeds.
    var index = IndexOptions()
    /// Seconds.
    var ttl: UInt32 = 5
    /// Seconds; nil follows `ttl`.
    var negativeTTL: UInt32?
    var fallthroughZones = Fallthrough.never
    var startupTimeout = Duration.seconds(5)

    /// Where the objects come from.
    enum Source {
        /// Nowhere, after a mistake.
        case none
        case manifests([String])
        case server(APIConnection, snapshot: String?)
    }
}

/// Reads the options of a `kubernetes` directive, each mistake where it stands.
struct KubernetesOptionReader {
    private(set) var options = KubernetesOptions()
    private var seen: [String: Directive] = [:]
    private var manifests: [String] = []
    private var connection = ConnectionOptions()

    /// Every option, for did-you-mean.
    private static let known =
        [
            "namespaces", "namespace_labels", "labels", "pods", "endpoint_pod_names", "ttl", "negative_ttl",
            "noendpoints", "fallthrough", "ignore", "multicluster", "zonal", "startup_timeout", "manifests",
        ] + ConnectionOptions.names
    /// Options of CoreDNS versions long past: they did nothing for years, and Corefiles still have them.
    private static let obsolete: Set<String> = ["upstream", "resyncperiod"]

    init(_ directive: Directive, _ setup: inout Setup) {
        options.zones = setup.zones(directive.arguments)
        for line in directive.block ?? [] {
            read(line, &setup)
            if seen[line.name.text] == nil { seen[line.name.text] = line }
        }
        checkZones(directive, &setup)
        checkCombinations(directive, &setup)
        chooseSource(directive, &setup)
    }

    private mutating func read(_ line: Directive, _ setup: inout Setup) {
        switch line.name.text {
        case "manifests": readManifests(line, &setup)
        case "namespaces":
            if line.hasArguments(1..., usage: "namespaces NAMESPACE...", &setup.diagnostics) {
                addNamespaces(line.arguments.map(\.text))
            }
        case "namespace_labels":
            guard let labels = selector(line, &setup) else { return }
            options.index.namespaces = .labelled(labels)
        case "labels":
            guard let labels = selector(line, &setup) else { return }
            options.index.labels = labels
        case "pods": readPods(line, &setup)
        case "endpoint_pod_names": if flag(line, &setup) { options.index.endpointPodNames = true }
        case "noendpoints": if flag(line, &setup) { options.index.ignoresEndpoints = true }
        case "zonal": if flag(line, &setup) { options.index.isZonal = true }
        case "ignore": readIgnore(line, &setup)
        case "ttl": if let ttl = seconds(line, &setup) { options.ttl = ttl }
        case "negative_ttl": options.negativeTTL = seconds(line, &setup)
        case "fallthrough": options.fallthroughZones = setup.fallthroughZones(line)
        case "multicluster": options.multiclusterZones += setup.zones(line.arguments)
        case "startup_timeout": readStartupTimeout(line, &setup)
        case let name where ConnectionOptions.names.contains(name): _ = connection.read(line, &setup)
        case let name where Self.obsolete.contains(name):
            setup.diagnostics.warning(at: line.name, "'\(name)' has had no effect for years; remove the line")
        default: line.reportUnknownProperty(among: Self.known, &setup.diagnostics)
        }
    }

    // MARK: Single options

    private mutating func readManifests(_ line: Directive, _ setup: inout Setup) {
        guard line.hasArguments(1..., usage: "manifests PATH...", &setup.diagnostics) else { return }
        manifests += line.arguments.map { setup.path($0) }
    }

    private mutating func addNamespaces(_ names: [String]) {
        if case .named(let earlier) = options.index.namespaces {
            options.index.namespaces = .named(earlier.union(names))
        } else {
            options.index.namespaces = .named(Set(names))
        }
    }

    private mutating func readPods(_ line: Directive, _ setup: inout Setup) {
        guard line.hasArguments(1...1, usage: "pods disabled|insecure|verified", &setup.diagnostics) else { return }
        switch line.arguments[0].text {
        case "disabled": options.index.pods = .disabled
        case "insecure": options.index.pods = .insecure
        case "verified": options.index.pods = .verified
        case let other:
            setup.diagnostics.error(
                at: line.arguments[0],
                "wrong value for pods: \(other),  must be one of: disabled, verified, insecure", didYouMean: other,
                among: ["disabled", "verified", "insecure"])
        }
    }

    private mutating func readIgnore(_ line: Directive, _ setup: inout Setup) {
        guard line.hasArguments(1...1, usage: "ignore empty_service", &setup.diagnostics) else { return }
        guard line.arguments[0].text == "empty_service" else {
            setup.diagnostics.error(
                at: line.arguments[0], "unable to parse ignore value: '\(line.arguments[0].text)'",
                didYouMean: line.arguments[0].text, among: ["empty_service"])
            return
        }
        options.index.ignoresEmptyServices = true
    }

    private mutating func readStartupTimeout(_ line: Directive, _ setup: inout Setup) {
        guard line.hasArguments(1...1, usage: "startup_timeout DURATION", &setup.diagnostics),
            let timeout = line.arguments[0].duration(&setup.diagnostics)
        else { return }
        guard timeout >= .zero else {
            setup.diagnostics.error(at: line.arguments[0], "startup_timeout must not be negative")
            return
        }
        options.startupTimeout = timeout
    }

    private func flag(_ line: Directive, _ setup: inout Setup) -> Bool {
        line.hasArguments(0...0, usage: line.name.text, &setup.diagnostics)
    }

    private func seconds(_ line: Directive, _ setup: inout Setup) -> UInt32? {
        guard line.hasArguments(1...1, usage: "\(line.name.text) SECONDS", &setup.diagnostics) else { return nil }
        return line.arguments[0].integer(line.name.text, in: 0...3600, &setup.diagnostics).map { UInt32($0) }
    }

    private func selector(_ line: Directive, _ setup: inout Setup) -> LabelSelector? {
        guard line.hasArguments(1..., usage: "\(line.name.text) SELECTOR", &setup.diagnostics) else { return nil }
        do {
            return try LabelSelector(text(line))
        } catch {
            setup.diagnostics.error(at: line.arguments[0], "unable to parse label selector: \(error)")
            return nil
        }
    }

    private func text(_ line: Directive) -> String { line.arguments.map(\.text).joined(separator: " ") }

    // MARK: Checks over all options

    private func checkZones(_ directive: Directive, _ setup: inout Setup) {
        if !options.zones.contains(where: { !$0.isStrictlyReverse }) {
            setup.diagnostics.error(at: directive.name, "non-reverse zone name must be used")
        }
        for zone in options.multiclusterZones where !options.zones.contains(zone) {
            let line = seen["multicluster"] ?? directive
            setup.diagnostics.error(
                at: line.name, "multicluster zone '\(zone)' must be among the zones of the plugin")
        }
    }

    private func checkCombinations(_ directive: Directive, _ setup: inout Setup) {
        if let line = seen["namespace_labels"], seen["namespaces"] != nil {
            setup.diagnostics.error(at: line.name, "namespaces and namespace_labels cannot both be set")
        }
        if let line = seen["zonal"], options.index.ignoresEndpoints {
            setup.diagnostics.error(at: line.name, "zonal needs endpoints and cannot be used with noendpoints")
        }
    }

    private mutating func chooseSource(_ directive: Directive, _ setup: inout Setup) {
        if seen["manifests"] != nil {
            if let line = connection.isGiven {
                setup.diagnostics.warning(at: line.name, "'\(line.name.text)' has no effect beside 'manifests'")
            }
            options.source = .manifests(manifests)
        } else if let server = connection.connection(directive, &setup) {
            options.source = .server(server, snapshot: connection.snapshot)
        }
    }
}

extension Name {
    /// Whether the name lies below in-addr.arpa or ip6.arpa. These two themselves do not count as reverse zones, which
    /// is odd, and CoreDNS's way to choose the zone of PTR targets depends on it.
    var isStrictlyReverse: Bool {
        let reverse: [Name] = ["in-addr.arpa", "ip6.arpa"]
        return reverse.contains { isSubdomain(of: $0) && self != $0 }
    }
}
