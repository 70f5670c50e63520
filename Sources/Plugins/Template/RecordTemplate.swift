import DNSMessage
import Ldns

/// A record of an answer as a template.
struct RecordTemplate: Sendable {
    /// Why no record came of a template.
    enum Failure: Error {
        /// The template could not be carried out.
        case template(TemplateError)
        /// What came out is no record.
        case record(String, ZoneFileError)
    }

    /// Seconds, for a record that names no TTL.
    private static let usualTTL: UInt32 = 3600

    private let nodes: [TemplateNode]
    /// The record of a template that is the same for every query.
    private let constant: Record?
    /// The template as Go would write it, for metrics.
    let label: String
    /// What the data as a whole is asked for.
    let paths: [[String]]
    /// Whether the record is the same for every query, whatever the data.
    var isConstant: Bool { constant != nil }

    init(_ text: String) throws(TemplateError) {
        (nodes, paths) = try TemplateParser.parse(text)
        label = nodes.map(\.description).joined()
        constant = Self.isText(nodes) ? try? Self.record(text) : nil
    }

    private static func isText(_ nodes: [TemplateNode]) -> Bool {
        nodes.allSatisfy { node in
            if case .text = node { return true }
            return false
        }
    }

    /// Why no query will ever get a record; nil if that depends on the query, or one will.
    var certainFailure: ZoneFileError.Reason? {
        guard Self.isText(nodes), constant == nil else { return nil }
        do throws(Failure) {
            _ = try Self.record(label)
            return nil
        } catch {
            if case .record(_, let reason) = error { return reason.reason }
            return nil
        }
    }

    /// The record for a query; nil where the template comes out empty.
    func record(for data: TemplateData?) throws(Failure) -> Record? {
        if let constant { return constant }
        guard let data else { return nil }
        let text: String
        do throws(TemplateError) {
            text = try TemplateRun.run(nodes, on: data)
        } catch {
            throw .template(error)
        }
        return try Self.record(text)
    }

    private static func record(_ text: String) throws(Failure) -> Record? {
        if text.utf8.allSatisfy({ $0 == 0x20 || 0x09...0x0D ~= $0 }) { return nil }
        do throws(ZoneFileError) {
            return try Record(presentation: text, ttl: usualTTL)
        } catch {
            throw .record(text, error)
        }
    }
}

extension RecordTemplate.Failure {
    /// The clause for the log. Bad addresses read as with CoreDNS, for whom people have filters.
    var text: String {
        switch self {
        case .template(let error): "template: \(error)"
        case .record(let text, let error): Self.addressFailure(text, error) ?? "dns: '\(text)': \(error.reason)"
        }
    }

    private static func addressFailure(_ text: String, _ error: ZoneFileError) -> String? {
        guard case .badData(let type, _) = error.reason, type == .a || type == .aaaa else { return nil }
        let words = text.split(separator: " ", omittingEmptySubsequences: true)
        guard let index = words.dropFirst().firstIndex(where: { $0.uppercased() == "\(type)" }),
            index + 1 < words.count
        else { return nil }
        let data = words[index + 1]
        // A reader has seen the character behind the word, if there is one.
        let end = text.utf8.distance(from: text.startIndex, to: data.endIndex)
        let column = data.endIndex < text.endIndex ? end + 1 : end
        return "dns: bad \(type) \(type): \"\(data)\" at line: 1:\(column)"
    }
}
