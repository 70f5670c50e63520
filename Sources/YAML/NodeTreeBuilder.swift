/// Builds trees from events: replaces aliases by copies of what they name, and applies `<<` merges.
public struct NodeTreeBuilder {
    /// Kept per document, since an alias may name a node of an earlier item of a list.
    private let anchored = NodeTree()
    private var anchors: [String: Int] = [:]

    /// An anchored node that is still being read.
    private struct OpenAnchor {
        var name: String
        var node: Int
    }

    /// A builder without anchors.
    public init() {}

    /// Forgets the anchors of the document before.
    public mutating func startDocument() {
        anchored.removeAll()
        anchors.removeAll(keepingCapacity: true)
    }

    /// Adds the node that the cursor stands on, and leaves the cursor on its last event.
    ///
    /// Returns a fault where the node is whole in the file but cannot be used; throws where reading ends.
    public mutating func addNode(
        to tree: NodeTree, from events: inout YAMLEvents, depth outer: Int
    ) throws(YAMLFault) -> YAMLFault? {
        var open: [Int] = []
        var openAnchors: [OpenAnchor] = []
        var fault: YAMLFault?
        while true {
            // A node that cannot be used is read to its end, but no longer kept.
            let isKept = fault == nil
            switch events.kind {
            case .scalar where isKept:
                let node = tree.count
                tree.addScalar(events.text, isPlain: events.isPlain, at: events.position)
                if let name = events.anchor { fault = keep(name, node, of: tree, at: events.position) }
            case .alias where isKept:
                fault = addAlias(to: tree, from: events, openAnchors)
            case .sequenceStart, .mappingStart:
                guard outer + open.count < YAMLLimits.depth else { throw .tooDeep(at: events.position) }
                let kind: NodeTree.Node.Kind = events.kind == .mappingStart ? .mapping : .sequence
                let node = isKept ? tree.open(kind, at: events.position) : -1
                open.append(node)
                if isKept, let name = events.anchor { openAnchors.append(OpenAnchor(name: name, node: node)) }
            case .sequenceEnd, .mappingEnd:
                let node = open.removeLast()
                if isKept { fault = close(node, in: tree, &openAnchors) }
            default: break
            }
            if fault == nil { fault = sizeFault(of: tree, at: events.position) }
            if open.isEmpty { return fault }
            try events.advance()
        }
    }

    private mutating func close(_ node: Int, in tree: NodeTree, _ openAnchors: inout [OpenAnchor]) -> YAMLFault? {
        if tree.nodes[node].kind == .mapping, let fault = merge(into: node, in: tree) { return fault }
        tree.close(node)
        guard let anchor = openAnchors.last, anchor.node == node else { return nil }
        openAnchors.removeLast()
        return keep(anchor.name, node, of: tree, at: tree.nodes[node].position)
    }

    /// YAML 1.1 merge keys: `<<: *base` or `<<: [*one, *two]`. Whoever looks a key up takes the first of its kind.
    public func merge(into mapping: Int, in tree: NodeTree) -> YAMLFault? {
        tree.close(mapping)
        let own = tree.children(of: mapping)
        for key in own where tree.nodes[key].isPlain && tree.isText(key, "<<") {
            let value = Int(tree.nodes[key].end)
            let bases = tree.nodes[value].kind == .sequence ? Array(tree.children(of: value)) : [value]
            for base in bases {
                guard tree.nodes[base].kind == .mapping else {
                    return YAMLFault(
                        position: tree.nodes[base].position, message: "<< merges mappings, and this is none")
                }
                for key in tree.children(of: base) { tree.addMerged(key: key) }
                if let fault = sizeFault(of: tree, at: tree.nodes[base].position) { return fault }
            }
        }
        return nil
    }

    private mutating func keep(_ name: String, _ node: Int, of tree: NodeTree, at position: YAMLPosition) -> YAMLFault?
    {
        let size = Int(tree.nodes[node].end) - node
        let text = tree.textCount(in: node)
        guard anchored.count + size <= YAMLLimits.anchoredNodes, anchored.textCount + text <= YAMLLimits.textPerObject
        else {
            return YAMLFault(position: position, message: "the anchors of this document hold too much")
        }
        anchors[name] = anchored.count
        anchored.addCopy(of: node, from: tree)
        return nil
    }

    private func addAlias(
        to tree: NodeTree, from events: borrowing YAMLEvents, _ openAnchors: [OpenAnchor]
    ) -> YAMLFault? {
        let name = events.anchor ?? ""
        let position = events.position
        guard !openAnchors.contains(where: { $0.name == name }) else {
            return YAMLFault(position: position, message: "the alias stands inside what it names")
        }
        guard let node = anchors[name] else {
            return YAMLFault(position: position, message: "the alias names no anchor of this document")
        }
        let size = Int(anchored.nodes[node].end) - node
        guard tree.count + size <= YAMLLimits.nodesPerObject,
            tree.textCount + anchored.textCount(in: node) <= YAMLLimits.textPerObject
        else { return tooLarge(at: position) }
        tree.addCopy(of: node, from: anchored)
        return nil
    }

    private func sizeFault(of tree: NodeTree, at position: YAMLPosition) -> YAMLFault? {
        tree.count <= YAMLLimits.nodesPerObject && tree.textCount <= YAMLLimits.textPerObject
            ? nil : tooLarge(at: position)
    }

    private func tooLarge(at position: YAMLPosition) -> YAMLFault {
        YAMLFault(
            position: position,
            message: "the object is too large from here on: more than \(YAMLLimits.nodesPerObject) values"
                + " or \(YAMLLimits.textPerObject >> 20) MiB of text")
    }
}
