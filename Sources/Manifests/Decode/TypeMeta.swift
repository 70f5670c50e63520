import YAML

/// `apiVersion` and `kind`; empty where they are missing or no strings.
struct TypeMeta: Hashable {
    var apiVersion: String
    var kind: String

    init(apiVersion: String, kind: String) {
        self.apiVersion = apiVersion
        self.kind = kind
    }

    init(of object: Int, in tree: NodeTree) {
        self.init(apiVersion: "", kind: "")
        guard tree.nodes[object].kind == .mapping else { return }
        for key in tree.children(of: object) {
            let value = Int(tree.nodes[key].end)
            guard tree.nodes[value].kind == .scalar, !tree.isNull(value) else { continue }
            if kind.isEmpty, tree.isText(key, "kind") { kind = tree.string(value) }
            if apiVersion.isEmpty, tree.isText(key, "apiVersion") { apiVersion = tree.string(value) }
        }
    }

    /// `List`, `ServiceList` and so on.
    var isList: Bool { kind.hasSuffix("List") }

    /// What items of this list are that do not say so: a `ServiceList` holds Services.
    var ofItems: TypeMeta? {
        isList && kind != "List" ? TypeMeta(apiVersion: apiVersion, kind: String(kind.dropLast(4))) : nil
    }
}
