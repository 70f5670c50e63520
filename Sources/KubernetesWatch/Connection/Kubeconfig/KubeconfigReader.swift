import YAML

/// Reads a kubeconfig and collects every mistake in what is looked at. Values are not repeated in sentences where they
/// may be secret.
struct KubeconfigReader {
    /// The files, which count as one.
    let paths: [String]
    /// What is in them, in the same order.
    var files: [(path: String, root: Field)] = []
    /// The file that is looked at.
    var path = ""
    var mistakes = MistakeList(prefix: "kubeconfig ")

    init(paths: [String]) { self.paths = paths }

    /// As `KUBECONFIG` lists them.
    var allPaths: String { paths.joined(separator: ":") }

    /// A mistake in a line of the file.
    mutating func fail(_ field: Field, _ sentence: String) {
        mistakes.add("\(path):\(field.line): \(sentence)")
    }

    /// What is in an entry of `clusters`, `users` or `contexts`, in the first file that has it, which is the one that
    /// is looked at from then on; nil, and a mistake more, where there is no such entry.
    mutating func entry(_ list: StaticString, _ kind: StaticString, named name: String) -> Field? {
        for file in files {
            path = file.path
            let entries = elements(file.root, list).filter { $0.isMapping && self.name(of: $0) == name }
            guard let first = entries.first else { continue }
            guard entries.count == 1 else {
                fail(entries[1], "\(kind) \(name.inQuotes) stands twice; the first is in line \(first.line)")
                return nil
            }
            if let content = mapping(first, kind) { return content }
            if member(first, kind) == nil { fail(first, "\(kind) \(name.inQuotes) is empty") }
            return nil
        }
        path = allPaths
        mistakes.add("\(path): \(kind) \(name.inQuotes) not found; \(names(list))")
        return nil
    }

    /// `there are: a, b`.
    mutating func names(_ list: StaticString) -> String {
        var names: [String] = []
        for file in files {
            for name in elements(file.root, list).compactMap({ name(of: $0) }) where !names.contains(name) {
                names.append(name)
            }
        }
        guard !names.isEmpty else { return "there are none" }
        let more = names.count > ConnectionLimits.namesListed ? ", …" : ""
        let listed = names.prefix(ConnectionLimits.namesListed).map { $0.inQuotes.dropFirst().dropLast() }
        return "there are: " + listed.joined(separator: ", ") + more
    }

    private func name(of entry: Field) -> String? {
        guard entry.isMapping, let name = try? entry.member("name"), name.isString else { return nil }
        return try? name.string()
    }
}

/// Members by their names. Null is absent, as for client-go.
extension KubeconfigReader {
    /// A member of a mapping.
    mutating func member(_ owner: Field, _ key: StaticString) -> Field? {
        do {
            return try owner.member(key)
        } catch {
            mistakes.add("\(path):\(error.position.line): \(error.message)")
            return nil
        }
    }

    /// A member that is a mapping.
    mutating func mapping(_ owner: Field, _ key: StaticString) -> Field? {
        guard let member = member(owner, key) else { return nil }
        guard member.isMapping else {
            fail(member, "\(member.path) must be a mapping")
            return nil
        }
        return member
    }

    /// The elements of a member that is a sequence; none where it is absent.
    mutating func elements(_ owner: Field, _ key: StaticString) -> [Field] {
        guard let member = member(owner, key) else { return [] }
        guard member.isSequence else {
            fail(member, "\(member.path) must be a sequence")
            return []
        }
        return member.elements
    }

    /// The string of a member; empty where it is absent.
    mutating func text(_ owner: Field, _ key: StaticString) -> String {
        guard let member = member(owner, key) else { return "" }
        return text(of: member)
    }

    /// A string; empty, and a mistake more, where it is something else.
    mutating func text(of field: Field) -> String {
        guard field.isString, let text = try? field.string() else {
            fail(field, "\(field.path) must be a string\(field.isScalar ? ": quote it" : "")")
            return ""
        }
        guard !text.utf8.contains(0) else {
            fail(field, "\(field.path) must not hold a NUL character")
            return ""
        }
        return text
    }

    /// The boolean of a member; false where it is absent.
    mutating func flag(_ owner: Field, _ key: StaticString) -> Bool {
        guard let member = member(owner, key) else { return false }
        guard let flag = member.flag else {
            fail(member, "\(member.path) must be true or false")
            return false
        }
        return flag
    }

    /// A path as seen from the kubeconfig.
    func resolved(_ name: String) -> String {
        guard !name.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return name }
        return path[...slash] + name
    }
}

/// What a field is.
extension Field {
    var line: UInt32 { tree.nodes[node].position.line }
    var path: String { tree.path(to: node) }
    var isMapping: Bool { tree.nodes[node].kind == .mapping }
    var isSequence: Bool { tree.nodes[node].kind == .sequence }
    var isScalar: Bool { tree.nodes[node].kind == .scalar }
    var isString: Bool { isScalar && tree.scalarType(node) == .string }
    var isEmptyText: Bool { isScalar && tree.string(node).isEmpty }
    var flag: Bool? {
        guard isScalar, case .bool(let value) = tree.scalarType(node) else { return nil }
        return value
    }
    /// Of a sequence its elements, of a mapping its keys.
    var elements: [Field] { tree.children(of: node).map { Field(tree: tree, node: $0) } }
    /// Of a key its value.
    var value: Field { Field(tree: tree, node: Int(tree.nodes[node].end)) }
}
