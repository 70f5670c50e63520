/// What keeps a text, however made, from taking more than it should.
enum YAMLLimits {
    /// Nested mappings and sequences; Kubernetes objects stay below 20. libyaml's work grows with its square.
    static let depth = 64
    /// Scalars and collections of one object, after aliases were replaced; a slice of 1,000 endpoints has 25,000.
    static let nodesPerObject = 500_000
    /// Bytes of all scalars of one object, after aliases were replaced; the API server refuses 1.5 MB.
    static let textPerObject = 16 << 20
    /// Nodes that the anchors of one document keep for aliases to come.
    static let anchoredNodes = 100_000
    /// A recorded cluster of 100,000 endpoints has 30 MB.
    static let fileBytes = 1 << 30
    /// Characters of an offending text that an error message repeats.
    static let quotedText = 80
}
