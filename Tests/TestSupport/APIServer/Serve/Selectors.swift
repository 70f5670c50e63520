import ClusterIndex
import KubernetesWatch

/// `labelSelector`, taken apart.
struct LabelSelector {
    private enum Requirement {
        case isIn(String, Set<String>)
        case isNotIn(String, Set<String>)
        case exists(String)
        case isAbsent(String)

        func matches(_ labels: [String: String]) -> Bool {
            switch self {
            case .isIn(let key, let values): labels[key].map(values.contains) ?? false
            case .isNotIn(let key, let values): labels[key].map { !values.contains($0) } ?? true
            case .exists(let key): labels[key] != nil
            case .isAbsent(let key): labels[key] == nil
            }
        }
    }

    private var requirements: [Requirement] = []

    init(_ text: String) throws(APIServerStatus) {
        for term in Self.terms(text) { requirements.append(try Self.requirement(term)) }
    }

    func matches(_ labels: [String: String]) -> Bool { requirements.allSatisfy { $0.matches(labels) } }

    /// Commas separate, but not within parentheses.
    private static func terms(_ text: String) -> [Substring] {
        var depth = 0
        return text.split { character in
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            return character == "," && depth == 0
        }
    }

    private static func requirement(_ term: Substring) throws(APIServerStatus) -> Requirement {
        let text = trimmed(term)
        if let match = text.wholeMatch(of: /([^\s!=]+)\s+(in|notin)\s*\(([^()]*)\)/) {
            let values = Set(match.3.split(separator: ",").map { trimmed($0) })
            return match.2 == "in" ? .isIn(String(match.1), values) : .isNotIn(String(match.1), values)
        }
        if let match = text.wholeMatch(of: /([^\s!=]+)\s*(==|=|!=)\s*([A-Za-z0-9_.-]*)/) {
            let values: Set = [String(match.3)]
            return match.2 == "!=" ? .isNotIn(String(match.1), values) : .isIn(String(match.1), values)
        }
        if let match = text.wholeMatch(of: /!\s*([^\s!=]+)/) { return .isAbsent(String(match.1)) }
        if text.wholeMatch(of: /[^\s!=()]+/) != nil { return .exists(text) }
        throw .badRequest("unable to parse requirement: found '=', expected: identifier")
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text.drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}

/// `fieldSelector`, taken apart.
struct FieldSelector {
    private struct Requirement {
        let field: String
        let value: String
        let isEqual: Bool
    }

    private var requirements: [Requirement] = []

    init(_ text: String, _ resource: WatchedResource) throws(APIServerStatus) {
        for term in text.split(separator: ",") {
            guard let match = term.wholeMatch(of: /([^=!]+)(==|=|!=)(.*)/) else {
                throw .badRequest("invalid field selector: \(text)")
            }
            let field = String(match.1)
            guard Self.fields(resource).contains(field) else {
                throw .badRequest("field label not supported: \(field)")
            }
            requirements.append(Requirement(field: field, value: String(match.3), isEqual: match.2 != "!="))
        }
    }

    func matches(_ object: StoredObject) -> Bool {
        requirements.allSatisfy { (object.field($0.field) == $0.value) == $0.isEqual }
    }

    private static func fields(_ resource: WatchedResource) -> Set<String> {
        switch resource {
        case .namespaces: ["metadata.name", "status.phase"]
        case .pods: ["metadata.name", "metadata.namespace", "status.phase", "status.podIP"]
        case .services: ["metadata.name", "metadata.namespace", "spec.type"]
        case .endpointSlices, .serviceImports: ["metadata.name", "metadata.namespace"]
        }
    }
}

/// Which objects of a resource a request is about.
struct ObjectFilter {
    private let namespace: String
    private let labels: LabelSelector?
    private let fields: FieldSelector?

    init(_ request: APIRequest, _ resource: WatchedResource) throws(APIServerStatus) {
        namespace = request.target?.namespace ?? ""
        if let text = request.parameters["labelSelector"], !text.isEmpty {
            labels = try LabelSelector(text)
        } else {
            labels = nil
        }
        if let text = request.parameters["fieldSelector"], !text.isEmpty {
            fields = try FieldSelector(text, resource)
        } else {
            fields = nil
        }
    }

    /// Whether every object is meant.
    var takesAll: Bool { namespace.isEmpty && labels == nil && fields == nil }

    func matches(_ object: StoredObject) -> Bool {
        if takesAll { return true }
        return (namespace.isEmpty || object.object.key.namespace == namespace)
            && labels?.matches(object.labels) ?? true && fields?.matches(object) ?? true
    }
}
