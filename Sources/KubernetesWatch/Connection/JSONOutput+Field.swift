import YAML

extension JSONOutput {
    /// A node of a tree with all that is in it; the reader bounds how deep that is.
    static func value(of field: Field) -> String {
        if field.isSequence { return "[" + field.elements.map(value).joined(separator: ",") + "]" }
        if field.isMapping { return mapping(field) }
        let text = field.tree.string(field.node)
        switch field.tree.scalarType(field.node) {
        case .null: return "null"
        case .bool(let value): return value ? "true" : "false"
        // `0x10` and `1_000` are numbers in YAML only.
        case .integer where Int(text).map({ "\($0)" == text }) == true: return text
        case .float where Double(text)?.isFinite == true: return Double(text).map { "\($0)" } ?? string(text)
        case .integer, .float, .string: return string(text)
        }
    }

    private static func mapping(_ field: Field) -> String {
        var seen: Set<String> = []
        var members: [(String, String)] = []
        for key in field.elements {
            let name = key.tree.string(key.node)
            // What was merged stands behind the mapping's own.
            if key.tree.nodes[key.node].isPlain, name == "<<" { continue }
            if seen.insert(name).inserted { members.append((name, value(of: key.value))) }
        }
        return object(members)
    }
}
