public import DNSMessage

/// For which names a plugin that has no such name passes the query on.
public enum Fallthrough: Sendable {
    /// The option is absent: the plugin's word is final.
    case never
    /// The option stands alone.
    case always
    /// The option names zones.
    case zones(ZoneSet)

    /// Whether a query for `name` goes on to the next plugin.
    public func applies(to name: NameView) -> Bool {
        switch self {
        case .never: false
        case .always: true
        case .zones(let set): set.closest(name) != nil
        }
    }

    /// Whether no query for a name in `zone` goes on.
    public func excludes(_ zone: Name) -> Bool {
        switch self {
        case .never: true
        case .always: false
        case .zones(let set): !set.zones.contains { $0.isSubdomain(of: zone) || zone.isSubdomain(of: $0) }
        }
    }
}
