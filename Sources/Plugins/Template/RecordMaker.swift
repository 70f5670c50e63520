import DNSMessage
import PluginKit

/// Writes the records of one query.
struct RecordMaker {
    /// A template that failed.
    struct Failure: Error {
        let section: Section
        let template: RecordTemplate
        let reason: RecordTemplate.Failure
    }

    /// Nil where no template asks.
    private let data: TemplateData?
    private let followsAliases: Bool

    init(
        _ rule: TemplateRule, _ match: TemplateMatch, _ zone: Int, _ variables: [String: TemplateValue],
        _ query: borrowing Query
    ) {
        let question = query.question
        // A question about any class or type is taken as one about those of the rule.
        let recordClass = question.class == .any ? rule.class : question.class
        let type = question.type == .any ? rule.type : question.type
        followsAliases = question.type == .a || question.type == .aaaa
        guard rule.isDynamic else {
            data = nil
            return
        }
        data = TemplateData(
            zone: "\(rule.zones.zones[zone])".lowercased(), name: match.name,
            class: "\(recordClass)", type: "\(type)", regex: match.regex, matches: match.groups,
            groupNames: match.groupNames, remote: query.client.address,
            message: TemplateMessage(
                id: query.request.id, flags: query.request.flags,
                question: TemplateQuestion(
                    name: NameText.text(wire: question.name.spelled), type: question.type, class: question.class)),
            variables: variables)
    }

    /// Writes a section. Returns where an alias leads that is to be followed: the server appends what it finds there.
    func write(
        _ section: Section, _ templates: [RecordTemplate], _ query: inout Query
    ) throws(Failure) -> Name? {
        var target: Name?
        query.response.writer.move(to: section)
        for template in templates {
            let record: Record?
            do throws(RecordTemplate.Failure) {
                record = try self.record(template, &query)
            } catch {
                throw Failure(section: section, template: template, reason: error)
            }
            guard let record else { continue }
            query.response.writer.add(record)
            if followsAliases, section == .answer, case .cname(let name) = record.data { target = name }
        }
        return target
    }

    private func record(
        _ template: RecordTemplate, _ query: inout Query
    ) throws(RecordTemplate.Failure) -> Record? {
        guard var data, query.hasMetadata else { return try template.record(for: data) }
        return try withUnsafeMutablePointer(to: &query) { query throws(RecordTemplate.Failure) in
            data.metadata = TemplateMetadata(query: query)
            return try template.record(for: data)
        }
    }
}
