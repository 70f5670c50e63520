import DNSMessage
import PluginKit

/// What templates see of a query.
struct TemplateData: TemplateObject {
    /// The fields that there are.
    static let fields = [
        "Zone", "Name", "Class", "Type", "Match", "Group", "Message", "Question", "Remote", "Meta", "Var", "Regex",
    ]

    let zone: String
    let name: String
    let `class`: String
    let type: String
    let regex: String
    /// The whole match, then the groups.
    let matches: [String]
    /// Names of the groups, empty where they have none.
    let groupNames: [String]
    let remote: IPAddress
    let message: TemplateMessage
    /// Values of the rule's `var` lines.
    var variables: [String: TemplateValue] = [:]
    /// Where metadata comes from, while the template is carried out.
    var metadata: TemplateMetadata?

    func field(_ name: String) -> TemplateValue? {
        switch name {
        case "Zone": .text(zone)
        case "Name": .text(self.name)
        case "Class": .text(`class`)
        case "Type": .text(type)
        case "Regex": .text(regex)
        case "Match": .list(matches.map { .text($0) })
        case "Group": .map(groups)
        case "Var": .map(variables)
        case "Remote": .text("\(remote)")
        case "Question": .object(message.question)
        case "Message": .object(message)
        default: nil
        }
    }

    /// Every group by its number, those with names by these too.
    private var groups: [String: TemplateValue] {
        var groups: [String: TemplateValue] = [:]
        for (index, match) in matches.enumerated() { groups["\(index)"] = .text(match) }
        for (name, match) in zip(groupNames, matches) where !name.isEmpty { groups[name] = .text(match) }
        return groups
    }

    /// `.Meta "label"`: empty where there is no such value, or no metadata.
    func call(_ name: String, _ arguments: [TemplateValue]) throws(TemplateError) -> TemplateValue? {
        guard name == "Meta" else { return nil }
        guard arguments.count == 1, case .text(let label) = arguments[0] else {
            throw TemplateError("wrong number of arguments for Meta: want the name of a label")
        }
        return .text(metadata?.value(label) ?? "")
    }

    var written: String { name }
}

/// The metadata of a query.
struct TemplateMetadata: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: it exists only while one template is carried out, on the query's own queue.
    let query: UnsafeMutablePointer<Query>

    func value(_ label: String) -> String? { MetadataLabel(label).flatMap { query.pointee.metadata($0) } }
}

/// The request: its header and its question.
struct TemplateMessage: TemplateObject {
    let id: UInt16
    let flags: HeaderFlags
    let question: TemplateQuestion

    func field(_ name: String) -> TemplateValue? {
        switch name {
        case "Id": .unsigned(UInt64(id))
        case "Response": .boolean(flags.isResponse)
        case "Opcode": .integer(Int(flags.opcode.rawValue))
        case "Authoritative": .boolean(flags.isAuthoritative)
        case "Truncated": .boolean(flags.isTruncated)
        case "RecursionDesired": .boolean(flags.recursionDesired)
        case "RecursionAvailable": .boolean(flags.recursionAvailable)
        case "AuthenticatedData": .boolean(flags.authenticData)
        case "CheckingDisabled": .boolean(flags.checkingDisabled)
        case "Rcode": .integer(Int(flags.responseCode.rawValue))
        case "Question": .list([.object(question)])
        default: nil
        }
    }

    var written: String { question.written }
}

/// The question as the client spelled it.
struct TemplateQuestion: TemplateObject {
    let name: String
    let type: RecordType
    let `class`: RecordClass

    func field(_ name: String) -> TemplateValue? {
        switch name {
        case "Name": .text(self.name)
        case "Qtype": .unsigned(UInt64(type.rawValue))
        case "Qclass": .unsigned(UInt64(`class`.rawValue))
        default: nil
        }
    }

    var written: String { ";\(name)\t\(`class`)\t \(type)" }
}
