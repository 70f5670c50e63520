import DNSMessage

// What can be told of a query beyond what it says itself, such as the Service that a name belongs to or the upstream
// that was asked. Worked out only where the block has `metadata` and only when somebody asks: `log`, `template`,
// `rewrite edns0`, `view`.

/// Knows values of queries. Found among the links and parts of a block by this protocol.
public protocol MetadataProviding: AnyObject, Sendable {
    /// What stands before the slash of its labels: `kubernetes`.
    var metadataScope: String { get }
    /// The value of a label, of which this is what stands behind the slash; nil if the query has none. May be asked
    /// before any plugin has seen the query (`view`) and after all have; `query.asked` is the question as it came, and
    /// `query.note` what this plugin itself remembered.
    func metadata(_ name: String, of query: inout Query) -> String?
    /// Whether the zones of `metadata` do not matter: true for what happened to a query on its way, as opposed to what
    /// its name says. False unless a provider says otherwise.
    var isZonelessMetadata: Bool { get }
}

extension MetadataProviding {
    /// Whether it applies outside the zones of `metadata` too.
    public var isZonelessMetadata: Bool { false }
}

/// The name of a value: `kubernetes/service`.
public struct MetadataLabel: Hashable, Sendable, CustomStringConvertible {
    /// Which plugin knows it: what stands before the first slash.
    public let scope: String
    /// What stands behind it.
    public let name: String

    /// A label as it is written, without a slash in front; nil unless both halves have something.
    public init?(_ text: some StringProtocol) {
        guard let slash = text.firstIndex(of: "/") else { return nil }
        scope = String(text[..<slash])
        name = String(text[text.index(after: slash)...])
        if scope.isEmpty || name.isEmpty { return nil }
    }

    /// The label as it is written.
    public var description: String { "\(scope)/\(name)" }
}

/// The providers of one server block.
public final class MetadataSource: Sendable {
    private struct Provider: Sendable {
        let scope: String
        let provider: any MetadataProviding
        let link: Int
    }

    /// The zones in which the block's queries have metadata.
    public let zones: ZoneSet
    // Written by `adopt`, once, before the first query comes.
    private nonisolated(unsafe) var providers: [Provider] = []

    /// A source without providers yet.
    public init(zones: ZoneSet) { self.zones = zones }

    /// Takes over the providers of a block, once it has all its plugins and before it has queries.
    public func adopt(links: [Chain.Link], parts: [any AnyObject & Sendable]) {
        for (index, link) in links.enumerated() {
            guard let provider = link.plugin as? any MetadataProviding else { continue }
            providers.append(Provider(scope: provider.metadataScope, provider: provider, link: index))
        }
        for part in parts {
            guard let provider = part as? any MetadataProviding else { continue }
            providers.append(Provider(scope: provider.metadataScope, provider: provider, link: Self.noLink))
        }
    }

    /// The position of what is in no chain.
    private static let noLink = -1

    /// Lets metadata be asked of a query of the block.
    public func open(to query: inout Query) { query.metadataSource = self }

    /// Takes that back, before another block has the query.
    public func close(to query: inout Query) { query.metadataSource = nil }

    /// The first value that a provider has.
    func value(_ label: MetadataLabel, of query: inout Query) -> String? {
        let asking = query.link
        defer { query.link = asking }
        for entry in providers where entry.scope == label.scope {
            guard entry.provider.isZonelessMetadata || zones.closest(query.asked.name) != nil else { continue }
            query.link = entry.link
            if let value = entry.provider.metadata(label.name, of: &query) { return value }
        }
        return nil
    }
}

/// Gives a block's queries their metadata: the plugin `metadata`.
public protocol MetadataCollecting: AnyObject, Sendable {
    /// What gets the providers of the block.
    var metadataSource: MetadataSource { get }
}

extension Query {
    /// Whether somebody may ask for metadata: a provider remembers nothing for it where this is false.
    public var hasMetadata: Bool { metadataSource != nil }

    /// The value of a label; nil if there is none, and where the block has no `metadata`.
    public mutating func metadata(_ label: MetadataLabel) -> String? { metadataSource?.value(label, of: &self) }
}
