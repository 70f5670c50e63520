import ClusterIndex

/// Reads the objects of one manifest; made for one file and used up by it.
struct DocumentReader: ~Copyable {
    private let file: String
    private let input: ManifestInput
    private let handle: (ClusterObject, Position) -> Void
    private let document = NodeTree()
    private let item = NodeTree()
    private var builder = NodeTreeBuilder()
    private var summary = ManifestReader.Summary()
    private var errorCount = 0
    /// Lists that told their kind only after items that needed it, by document; read again for those items.
    private var lateKinds: [Int: TypeMeta] = [:]
    private var isSecondPass = false

    init(file: String, input: ManifestInput, handle: @escaping (ClusterObject, Position) -> Void) {
        self.file = file
        self.input = input
        self.handle = handle
    }

    /// Reads it all.
    mutating func read() -> ManifestReader.Summary {
        pass()
        if !lateKinds.isEmpty {
            isSecondPass = true
            input.rewind()
            pass()
        }
        if errorCount > Limits.errorsPerFile {
            let more = errorCount - Limits.errorsPerFile
            summary.errors.append(ManifestError(file: file, message: "has \(more) more errors like these"))
        }
        return summary
    }

    private mutating func pass() {
        var number = 0
        var start: Position? = Position()
        do throws(ManifestFault) {
            while let place = start {
                guard var events = YAMLEvents(input, from: place) else {
                    throw ManifestFault(position: place, message: "needs more memory than there is")
                }
                try readDocuments(&events, &number)
                start = input.startNextValue()
            }
        } catch {
            summary.isComplete = false
            // The first pass has told it already.
            if !isSecondPass { report(error) }
        }
    }

    private mutating func readDocuments(_ events: inout YAMLEvents, _ number: inout Int) throws(ManifestFault) {
        try events.advance()
        while true {
            try events.advance()
            guard events.kind == .documentStart else { return }
            try events.advance()
            builder.startDocument()
            document.removeAll()
            if isSecondPass, lateKinds[number] == nil {
                try skipNode(&events)
            } else if events.kind == .mappingStart {
                try readDocument(number, &events)
            } else {
                try readForeignDocument(&events)
            }
            try events.advance()
            number += 1
        }
    }

    /// A document that is a mapping, as every object is; the items of a list are read one at a time.
    private mutating func readDocument(_ number: Int, _ events: inout YAMLEvents) throws(ManifestFault) {
        let root = document.open(.mapping, at: events.position)
        var fault: ManifestFault?
        var items: ListItems?
        try events.advance()
        while events.kind != .mappingEnd {
            let key = document.count
            document.close(root)
            let keyFault = try builder.addNode(to: document, from: &events, depth: 1)
            fault = fault ?? keyFault
            try events.advance()
            if events.kind == .sequenceStart, fault == nil, document.isText(key, "items") {
                let meta = lateKinds[number] ?? TypeMeta(of: root, in: document)
                items = try readItems(of: meta, &events)
                document.close(document.open(.sequence, at: events.position))
            } else {
                let valueFault = try builder.addNode(to: document, from: &events, depth: 1)
                fault = fault ?? valueFault
            }
            try events.advance()
        }
        fault = fault ?? builder.merge(into: root, in: document)
        document.close(root)
        if let fault { return report(fault) }
        guard let items else { return take(document, root, inheriting: nil) }
        finish(items, document: number, root)
    }

    /// What was seen of a list's items.
    private struct ListItems {
        var position: Position
        /// Items without a kind of their own, read before the list told its kind.
        var waiting = 0
    }

    private mutating func readItems(
        of list: TypeMeta, _ events: inout YAMLEvents
    ) throws(ManifestFault) -> ListItems {
        var items = ListItems(position: events.position)
        // Something that has items and is no list, such as a custom resource, is one object to skip.
        let isOther = !list.kind.isEmpty && !list.isList
        try events.advance()
        while events.kind != .sequenceEnd {
            item.removeAll()
            if isOther {
                try skipNode(&events)
            } else if let fault = try builder.addNode(to: item, from: &events, depth: 2) {
                report(fault)
            } else if list.kind.isEmpty, TypeMeta(of: 0, in: item).kind.isEmpty {
                items.waiting += 1
            } else if !isSecondPass || TypeMeta(of: 0, in: item).kind.isEmpty {
                take(item, 0, inheriting: list.ofItems)
            }
            try events.advance()
        }
        return items
    }

    private mutating func finish(_ items: ListItems, document number: Int, _ root: Int) {
        let meta = TypeMeta(of: root, in: document)
        if meta.kind.isEmpty {
            report(ManifestFault(position: document.nodes[root].position, message: "the list has no kind"))
        } else if !meta.isList {
            if !isSecondPass { summary.skipped += 1 }
        } else if items.waiting > 0, !isSecondPass {
            lateKinds[number] = meta
        }
    }

    /// A document that is no mapping: nothing, where it is empty.
    private mutating func readForeignDocument(_ events: inout YAMLEvents) throws(ManifestFault) {
        let position = events.position
        if let fault = try builder.addNode(to: document, from: &events, depth: 1) { return report(fault) }
        guard !document.isNull(0) else { return }
        report(
            ManifestFault(
                position: position, message: "a Kubernetes object is a mapping; this is \(document.describe(0))"))
    }

    private func skipNode(_ events: inout YAMLEvents) throws(ManifestFault) {
        var depth = 0
        while true {
            switch events.kind {
            case .sequenceStart, .mappingStart: depth += 1
            case .sequenceEnd, .mappingEnd: depth -= 1
            default: break
            }
            guard depth < Limits.depth else {
                throw ManifestFault(
                    position: events.position,
                    message: "is nested more than \(Limits.depth) levels deep; the rest of the file is left out")
            }
            if depth == 0 { return }
            try events.advance()
        }
    }

    private mutating func take(_ tree: NodeTree, _ node: Int, inheriting meta: TypeMeta?, depth: Int = 0) {
        let decoder = ObjectDecoder(tree: tree, root: node, inherited: meta)
        do {
            switch try decoder.decode() {
            case .object(let object): handle(object, tree.nodes[node].position)
            case .skipped: summary.skipped += 1
            case .list(let items, let inherited):
                guard depth < Limits.listDepth else {
                    return report(ManifestFault(position: tree.nodes[node].position, message: "too many nested lists"))
                }
                for item in items { take(tree, item, inheriting: inherited, depth: depth + 1) }
            }
        } catch {
            report(error)
        }
    }

    private mutating func report(_ fault: ManifestFault) {
        errorCount += 1
        if let object = fault.object { summary.rejected.append(object) }
        if errorCount <= Limits.errorsPerFile { summary.errors.append(fault.error(in: file)) }
    }
}
