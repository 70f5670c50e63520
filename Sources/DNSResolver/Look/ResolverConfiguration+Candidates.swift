public import DNSMessage

extension ResolverConfiguration {
    /// The names that a name may stand for, in the order in which they are tried: with `search` and `ndots`, or only
    /// itself where it ends with a dot.
    public func candidates(of text: String) throws(NameError) -> [Name] {
        SearchList(text, try Name(text), self).candidates
    }
}
