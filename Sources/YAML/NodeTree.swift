import Glibc

/// The nodes of one object in reading order; emptied and used again for the next, so that a dump of any size
/// needs the memory of its largest object.
public final class NodeTree {
    /// A scalar, or a collection with all that is in it.
    public struct Node {
        /// What it is.
        public enum Kind: UInt8, Sendable { case scalar, sequence, mapping }

        /// Where it starts.
        public internal(set) var position: YAMLPosition
        /// The index behind the node and all that is in it.
        public internal(set) var end: Int32
        var textStart: UInt32 = 0
        var textCount: UInt32 = 0
        /// What it is.
        public internal(set) var kind: Kind
        /// Of a scalar: its text decides its type.
        public internal(set) var isPlain = false
        /// Of a key: it came by `<<`, so that a key of the mapping itself goes before it.
        public internal(set) var isMerged = false
    }

    /// In reading order.
    public private(set) var nodes: [Node] = []
    private var text: [UInt8] = []

    /// An empty tree.
    public init() {}

    /// How many nodes there are, which is the index of the next.
    public var count: Int { nodes.count }
    var textCount: Int { text.count }

    /// Forgets all nodes and keeps the memory.
    public func removeAll() {
        nodes.removeAll(keepingCapacity: true)
        text.removeAll(keepingCapacity: true)
    }

    /// Adds a scalar.
    func addScalar(_ value: UnsafeBufferPointer<UInt8>, isPlain: Bool, at position: YAMLPosition) {
        nodes.append(
            Node(
                position: position, end: Int32(nodes.count + 1), textStart: UInt32(text.count),
                textCount: UInt32(value.count), kind: .scalar, isPlain: isPlain))
        text.append(contentsOf: value)
    }

    /// Adds a sequence or mapping that is open until `close`.
    public func open(_ kind: Node.Kind, at position: YAMLPosition) -> Int {
        nodes.append(Node(position: position, end: Int32(nodes.count + 1), kind: kind))
        return nodes.count - 1
    }

    /// Ends what `open` began: everything added since is inside.
    public func close(_ index: Int) {
        nodes[index].end = Int32(nodes.count)
    }

    /// Adds a copy of a node of another tree with all that is in it.
    func addCopy(of index: Int, from other: NodeTree) {
        let shift = Int32(nodes.count - index)
        for source in index..<Int(other.nodes[index].end) {
            var node = other.nodes[source]
            node.end += shift
            if node.kind == .scalar {
                let start = Int(node.textStart)
                node.textStart = UInt32(text.count)
                text.append(contentsOf: other.text[start..<start + Int(node.textCount)])
            }
            nodes.append(node)
        }
    }

    /// Adds a copy of a key and its value, which are in this tree and share their texts with the copy.
    func addMerged(key: Int) {
        let value = Int(nodes[key].end)
        let shift = Int32(nodes.count - key)
        let copy = nodes.count
        for source in key..<Int(nodes[value].end) {
            var node = nodes[source]
            node.end += shift
            nodes.append(node)
        }
        nodes[copy].isMerged = true
    }

    /// The nodes directly inside a sequence, or the keys of a mapping.
    public func children(of parent: Int) -> Children { Children(tree: self, parent: parent) }

    /// The nodes of a collection, one after the other.
    public struct Children: Sequence, IteratorProtocol {
        private let tree: NodeTree
        private let step: Int
        private let end: Int
        private var index: Int

        fileprivate init(tree: NodeTree, parent: Int) {
            self.tree = tree
            step = tree.nodes[parent].kind == .mapping ? 2 : 1
            end = tree.nodes[parent].kind == .scalar ? parent + 1 : Int(tree.nodes[parent].end)
            index = parent + 1
        }

        /// The next node.
        public mutating func next() -> Int? {
            guard index < end else { return nil }
            defer { for _ in 0..<step { index = Int(tree.nodes[index].end) } }
            return index
        }
    }

    /// Bytes of the scalars in a node.
    func textCount(in index: Int) -> Int {
        nodes[index..<Int(nodes[index].end)].reduce(0) { $0 + Int($1.textCount) }
    }

    /// The text of a scalar, or "" of anything else.
    public func string(_ index: Int) -> String {
        withText(index) { String(decoding: $0, as: UTF8.self) }
    }

    /// Whether a node is the scalar `expected`.
    public func isText(_ index: Int, _ expected: StaticString) -> Bool {
        nodes[index].kind == .scalar && Int(nodes[index].textCount) == expected.utf8CodeUnitCount
            && withText(index) { memcmp($0.baseAddress ?? expected.utf8Start, expected.utf8Start, $0.count) == 0 }
    }

    func withText<Result>(_ index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        let start = Int(nodes[index].textStart)
        let range = start..<start + Int(nodes[index].textCount)
        return text.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[range])) }
    }
}
