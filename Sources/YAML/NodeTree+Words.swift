/// How errors tell of nodes.
extension NodeTree {
    /// `a mapping`, `the string "text"` or `80`.
    public func describe(_ index: Int) -> String {
        switch nodes[index].kind {
        case .mapping: "a mapping"
        case .sequence: "a sequence"
        case .scalar:
            switch scalarType(index) {
            case .string where nodes[index].isPlain: quoted(index)
            case .string: "the string \(quoted(index))"
            case .null: "null"
            default: quoted(index)
            }
        }
    }

    /// The text of a scalar as an error repeats it: quoted unless it is a number or the like, and cut where it is long.
    func quoted(_ index: Int) -> String {
        let text = string(index)
        if nodes[index].isPlain, scalarType(index) != .string, text.utf8.count <= YAMLLimits.quotedText { return text }
        return Self.quote(text)
    }

    /// Where a node stands in its object: `spec.ports[1].port`.
    public func path(to target: Int) -> String {
        var path = ""
        var parent = 0
        // Each turn goes one level down.
        for _ in 0...YAMLLimits.depth where parent != target {
            let isMapping = nodes[parent].kind == .mapping
            var number = 0
            for child in children(of: parent) {
                let last = isMapping ? Int(nodes[child].end) : child
                guard target < nodes[last].end else {
                    number += 1
                    continue
                }
                path += isMapping ? (path.isEmpty ? "" : ".") + pathText(child) : "[\(number)]"
                parent = target == child ? target : last
                break
            }
        }
        return path.isEmpty ? "the object" : path
    }

    private func pathText(_ key: Int) -> String {
        let text = string(key)
        let isShort = text.utf8.count <= YAMLLimits.quotedText
        let isSimple = isShort && text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" }
        return isSimple ? text : Self.quote(text)
    }

    /// A text in quotes; cut where it is long, control characters made visible.
    public static func quote(_ text: String) -> String {
        var result = "\""
        for (count, scalar) in text.unicodeScalars.enumerated() {
            if count == YAMLLimits.quotedText { return result + "…\"" }
            switch scalar {
            case "\"", "\\": result += "\\" + String(scalar)
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case _ where scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format:
                result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
