import ClusterIndex
import YAML

/// Reads the objects of one manifest; made for one file and used up by it.
struct DocumentReader: ~Copyable {
    private let file: String
    private let input: YAMLInput
    private let handle: (ClusterObject, YAMLPosition) -> Void
    /// Sees each object as it was read, before it is trimmed.
    private let inspect: ((Field) -> Void)?
    private let document = NodeTree()
    private let item = NodeTree()
    private var builder = NodeTreeBuilder()
    private var summary = ManifestReader.Summary()
    private var errorCount = 0
    /// Lists that told their kind only after items that needed it, by document; read again for those items.
    private var lateKinds: [Int: TypeMeta] = [:]
    private var isSecondPass = false

    init(
        file: String, input: YAMLInput, inspect: ((Field) -> Void)? = nil,
        handle: @escaping (ClusterObject, YAMLPosition) -> Void
    ) {
        self.inspect = inspect
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
        var start: YAMLPosition? = YAMLPosition()
        do throws(YAMLFault) {
            while let place = start {
                guard var events = YAMLEvents(input, from: place) else {
                    throw YAMLFault(position: place, message: "needs more memory than there is")
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

    private mutating func readDocuments(_ events: inout YAMLEvents, _ number: inout Int) throws(YAMLFault) {
        try events.advance()
        while true {
            try events.advance()
            guard events.kind == .documentStart else { return }
            try events.advance()
            builder.startDocument()
            document.removeAll()
            if isSecondPass, lateKinds[number] == nil {
                try events.skipNode()
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
    private mutating func readDocument(_ number: Int, _ events: inout YAMLEvents) throws(YAMLFault) {
        let root = document.open(.mapping, at: events.position)
        var fault: YAMLFault?
        var waiting: Int?
        try events.advance()
        while events.kind != .mappingEnd {
            let key = document.count
            document.close(root)
            fault = try addNode(unless: fault, &events)
            try events.advance()
            if events.kind == .sequenceStart, fault == nil, document.isText(key, "items") {
                let position = events.position
                waiting = try readItems(of: lateKinds[number] ?? TypeMeta(of: root, in: document), &events)
                document.close(document.open(.sequence, at: position))
            } else {
                fault = try addNode(unless: fault, &events)
            }
            try events.advance()
        }
        fault = fault ?? builder.merge(into: root, in: document)
        document.close(root)
        if let fault { return report(fault) }
        guard let waiting else { return take(document, root, inheriting: nil) }
        finish(document: number, root, waiting: waiting)
    }

    /// Adds a key or value to the document; what follows a fault is not kept.
    private mutating func addNode(
        unless fault: YAMLFault?, _ events: inout YAMLEvents
    ) throws(YAMLFault) -> YAMLFault? {
        guard let fault else { return try builder.addNode(to: document, from: &events, depth: 1) }
        try events.skipNode()
        return fault
    }

    /// Returns how many items wait for the list to tell its kind, since they do not tell their own.
    private mutating func readItems(of list: TypeMeta, _ events: inout YAMLEvents) throws(YAMLFault) -> Int {
        var waiting = 0
        // Something that has items and is no list, such as a custom resource, is one object to skip.
        let isOther = !list.kind.isEmpty && !list.isList
        try events.advance()
        while events.kind != .sequenceEnd {
            item.removeAll()
            if isOther {
                try events.skipNode()
            } else if let fault = try builder.addNode(to: item, from: &events, depth: 2) {
                // The second pass would tell it again.
                if !isSecondPass { report(fault) }
            } else if list.kind.isEmpty, TypeMeta(of: 0, in: item).kind.isEmpty {
                waiting += 1
            } else if !isSecondPass || TypeMeta(of: 0, in: item).kind.isEmpty {
                take(item, 0, inheriting: list.ofItems)
            }
            try events.advance()
        }
        return waiting
    }

    private mutating func finish(document number: Int, _ root: Int, waiting: Int) {
        let meta = TypeMeta(of: root, in: document)
        if meta.kind.isEmpty {
            report(YAMLFault(position: document.nodes[root].position, message: "the list has no kind"))
        } else if !meta.isList {
            if !isSecondPass { summary.skipped += 1 }
        } else if waiting > 0, !isSecondPass {
            lateKinds[number] = meta
        }
    }

    /// A document that is no mapping: nothing, where it is empty.
    private mutating func readForeignDocument(_ events: inout YAMLEvents) throws(YAMLFault) {
        let position = events.position
        if let fault = try builder.addNode(to: document, from: &events, depth: 1) { return report(fault) }
        guard !document.isNull(0) else { return }
        report(
            YAMLFault(
                position: position, message: "a Kubernetes object is a mapping; this is \(document.describe(0))"))
    }

    private mutating func take(_ tree: NodeTree, _ node: Int, inheriting meta: TypeMeta?, depth: Int = 0) {
        inspect?(Field(tree: tree, node: node))
        let decoder = ObjectDecoder(tree: tree, root: node, inherited: meta)
        do {
            switch try decoder.decode() {
            case .object(let object): handle(object, tree.nodes[node].position)
            case .skipped: summary.skipped += 1
            case .list(let items, let inherited):
                guard depth < Limits.listDepth else {
                    return report(YAMLFault(position: tree.nodes[node].position, message: "too many nested lists"))
                }
                for item in items { take(tree, item, inheriting: inherited, depth: depth + 1) }
            case .rejected(let fault, let object):
                if let object { summary.rejected.append(object) }
                report(fault)
            }
        } catch {
            report(error)
        }
    }

    private mutating func report(_ fault: YAMLFault) {
        errorCount += 1
        if errorCount <= Limits.errorsPerFile { summary.errors.append(ManifestError(fault, in: file)) }
    }
}
