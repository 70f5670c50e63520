/// A piece of configuration with a name. It is parsed at each use, because what its lines mean depends on the place.
struct Snippet: Sendable {
    let name: Word
    let body: [Token]
}

/// One import that is being expanded.
struct ImportFrame {
    /// What is expanded; the same one twice on the stack is a cycle.
    enum Origin: Equatable {
        case snippet(String)
        case file(String)
    }

    let origin: Origin
    /// Where the `import` line stands.
    let position: SourcePosition
}
