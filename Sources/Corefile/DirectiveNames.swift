/// The names that may begin a line of a server block, so that the parser can report all others with their position.
public struct DirectiveNames: Sendable {
    /// What this program has.
    public var known: Set<String>
    /// What CoreDNS has and this program has not; such a name gets a sentence of its own.
    public var notBuilt: Set<String>

    /// Makes the two lists.
    public init(known: some Sequence<String>, notBuilt: some Sequence<String> = []) {
        self.known = Set(known)
        self.notBuilt = Set(notBuilt)
    }
}
