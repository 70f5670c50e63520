/// One server block: the zones it serves and what it does with their queries.
public struct ServerBlock: Sendable, Equatable {
    /// The zones and ports in front of the brace; never empty.
    public var keys: [ServerKey]
    /// The directives in the order of the text; none is legal and refuses every query.
    public var directives: [Directive]

    /// Makes a block of ready parts.
    public init(keys: [ServerKey], directives: [Directive]) {
        self.keys = keys
        self.directives = directives
    }

    /// The directives with this name, in the order of the text.
    public func directives(named name: String) -> [Directive] {
        directives.filter { $0.name.text == name }
    }
}
