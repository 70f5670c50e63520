import DNSMessage
import Patterns
import PluginKit

/// One `template` of a block.
struct TemplateRule: Sendable {
    var `class` = RecordClass.any
    var type = RecordType.any
    var zones = ZoneSet([.root])
    /// The first that matches counts; none at all matches everything.
    var patterns: [GoPattern] = []
    /// The names of its variables.
    var variables: [String] = []
    /// What must hold besides, for each worker; empty for nothing.
    var conditions: [TemplateConditions] = []
    var answer: [RecordTemplate] = []
    var authority: [RecordTemplate] = []
    var additional: [RecordTemplate] = []
    var responseCode = ResponseCode.noError
    var extendedError: (code: ExtendedErrorCode, text: [UInt8])?
    var fallthroughZones = Fallthrough.never

    /// Whether the answer depends on the question, beyond its class and type.
    var isDynamic: Bool { !patterns.isEmpty || !conditions.isEmpty || !hasConstantRecords }

    private var hasConstantRecords: Bool {
        answer.allSatisfy(\.isConstant) && authority.allSatisfy(\.isConstant)
            && additional.allSatisfy(\.isConstant)
    }

    /// The pattern that matches a name, with what its groups took; nil if none does.
    func match(_ name: NameView) -> TemplateMatch? {
        guard isDynamic else { return .unasked }
        let text = NameText.text(wire: name.folded)
        guard !patterns.isEmpty else {
            return TemplateMatch(name: text, regex: ".*", groups: [text], groupNames: [""])
        }
        for pattern in patterns {
            guard let groups = pattern.submatches(of: text) else { continue }
            return TemplateMatch(name: text, regex: pattern.text, groups: groups, groupNames: pattern.groupNames)
        }
        return nil
    }

    /// What a template can ask `.Group` for.
    var groupNames: Set<String> {
        var names: Set<String> = ["0"]
        for pattern in patterns {
            names.formUnion(pattern.groupNames)
            names.formUnion(pattern.groupNames.indices.map { "\($0)" })
        }
        return names
    }
}

/// How a name matched.
struct TemplateMatch: Sendable {
    /// The name in lower case.
    let name: String
    let regex: String
    /// What the groups took, the whole match first.
    let groups: [String]
    let groupNames: [String]

    /// For a rule that does not look at the name.
    static let unasked = TemplateMatch(name: "", regex: ".*", groups: [], groupNames: [])
}
