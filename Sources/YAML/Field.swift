/// A value inside an object, with the checks that turn it into what the object needs.
///
/// Where it stands in the object is worked out from the tree when an error needs it.
public struct Field {
    /// What it is a part of.
    public let tree: NodeTree
    /// Its index there.
    public let node: Int

    /// A node as a field.
    public init(tree: NodeTree, node: Int) {
        self.tree = tree
        self.node = node
    }

    /// The member of a mapping; nil where it is absent or null.
    public func member(_ key: StaticString) throws(YAMLFault) -> Field? {
        guard tree.nodes[node].kind == .mapping else { throw fault("must be a mapping") }
        var found: Int?
        for child in tree.children(of: node) where tree.isText(child, key) {
            guard let first = found else {
                found = child
                continue
            }
            guard !tree.nodes[child].isMerged else { break }
            throw Field(tree: tree, node: child).duplicate(of: first)
        }
        guard let found else { return nil }
        let value = Int(tree.nodes[found].end)
        return tree.isNull(value) ? nil : Field(tree: tree, node: value)
    }

    /// The elements of a sequence; none where the member is absent or null.
    public func elements(of key: StaticString) throws(YAMLFault) -> [Field] {
        guard let list = try member(key) else { return [] }
        guard tree.nodes[list.node].kind == .sequence else { throw list.fault("must be a sequence") }
        return tree.children(of: list.node).map { Field(tree: tree, node: $0) }
    }

    /// The string of a member; empty where it is absent or null.
    public func string(of key: StaticString) throws(YAMLFault) -> String {
        guard let member = try member(key) else { return "" }
        return try member.string()
    }

    /// The value as a string. Plain `80`, `true` or `yes` are none in YAML, as for the API server.
    public func string() throws(YAMLFault) -> String {
        guard tree.nodes[node].kind == .scalar else { throw fault("must be a string") }
        switch tree.scalarType(node) {
        case .string: return tree.string(node)
        case .null: throw fault("must be a string")
        case let other: throw plainFault("must be a string, but plain \(tree.quoted(node)) is \(other.words): quote it")
        }
    }

    /// The boolean of a member; nil where it is absent or null.
    public func bool(of key: StaticString) throws(YAMLFault) -> Bool? {
        guard let member = try member(key) else { return nil }
        guard case .bool(let value) = tree.scalarType(member.node) else { throw member.fault("must be true or false") }
        return value
    }

    /// A port number of a member; nil where it is absent or null.
    public func port(of key: StaticString, least: UInt16) throws(YAMLFault) -> UInt16? {
        guard let member = try member(key) else { return nil }
        // Only plain decimals: `080` and `0x50` are other numbers than they seem.
        guard case .integer = tree.scalarType(member.node), let value = UInt16(tree.string(member.node)),
            value >= least, String(value) == tree.string(member.node)
        else { throw member.fault("must be a whole number from \(least) to 65535") }
        return value
    }

    /// A mapping of strings; empty where the member is absent or null.
    public func strings(of key: StaticString) throws(YAMLFault) -> [String: String] {
        guard let mapping = try member(key) else { return [:] }
        guard tree.nodes[mapping.node].kind == .mapping else { throw mapping.fault("must be a mapping") }
        var result: [String: String] = [:]
        for key in tree.children(of: mapping.node) {
            if tree.nodes[key].isPlain, tree.isText(key, "<<") { continue }
            let name = try Field(tree: tree, node: key).string()
            let value = Field(tree: tree, node: Int(tree.nodes[key].end))
            // A null is an empty string, as for the API server.
            let text = tree.isNull(value.node) ? "" : try value.string()
            guard result[name] == nil else {
                if tree.nodes[key].isMerged { continue }
                throw Field(tree: tree, node: key).plainFault("stands twice in its mapping")
            }
            result[name] = text
        }
        return result
    }

    /// A fault that says what must stand here, and what does.
    public func fault(_ message: String) -> YAMLFault { plainFault("\(message), not \(tree.describe(node))") }

    /// A fault that says all there is to say.
    public func plainFault(_ message: String) -> YAMLFault {
        YAMLFault(position: tree.nodes[node].position, message: "\(tree.path(to: node)) \(message)")
    }

    private func duplicate(of first: Int) -> YAMLFault {
        let line = tree.nodes[first].position.line
        return plainFault("stands twice in its mapping; the first is in line \(line)")
    }
}
