extension NodeTree {
    /// Reads the first document of a text, and no more of the text than that; nil where it holds nothing.
    public static func document(of bytes: [UInt8]) throws(YAMLFault) -> Field? {
        let start = YAMLPosition()
        guard var events = YAMLEvents(YAMLInput(.bytes(bytes)), from: start) else {
            throw YAMLFault(position: start, message: "needs more memory than there is")
        }
        try events.advance()
        try events.advance()
        guard events.kind == .documentStart else { return nil }
        try events.advance()
        let tree = NodeTree()
        var builder = NodeTreeBuilder()
        if let fault = try builder.addNode(to: tree, from: &events, depth: 0) { throw fault }
        // What follows a document without a separator is a part of it that cannot be read.
        try events.advance()
        if events.kind == .documentEnd { try events.advance() }
        return tree.isNull(0) ? nil : Field(tree: tree, node: 0)
    }
}
