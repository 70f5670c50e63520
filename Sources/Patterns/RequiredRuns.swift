/// Finds the bytes that every match of an expression has, so that a text without them need not be looked through.
struct RequiredRuns {
    private(set) var found: [[UInt8]] = []
    /// What may go on with the next node.
    private var open: [UInt8] = []

    init(_ node: PatternNode) {
        add(node)
        close()
    }

    private mutating func close() {
        if !open.isEmpty { found.append(open) }
        open = []
    }

    /// How deep this goes is bounded as the expression is.
    private mutating func add(_ node: PatternNode) {
        switch node {
        case .empty, .condition: break
        case .set(let set):
            guard let byte = set.onlyMember else { return close() }
            open.append(byte)
        case .bytes(let bytes): open += bytes
        case .sequence(let nodes): for node in nodes { add(node) }
        case .group(let node, _): add(node)
        case .choice: close()
        case .repetition(let node, let minimum, _, _):
            close()
            guard minimum > 0 else { return }
            add(node)
            close()
        }
    }
}
