/// What stands in front of a body: the zones of a server block, or the name of a snippet.
struct BlockHead {
    /// As they stand in the source.
    var tokens: [Token] = []
    /// Expanded, and separated at commas.
    var words: [Word] = []
    /// Nil for a block without braces.
    var opener: Token?
}
