import DNSMessage
import Ldns

extension NameExplanation {
    /// Longest line, in characters, unless a name alone is longer.
    public static var textWidth: Int { 100 }

    /// The explanation for people: the verdict, the way there, and what to do.
    public var text: String {
        var page = Page(width: Self.textWidth)
        page.add(summary)
        page.addBlank()
        page.add(asker.description, label: "asked by")
        if candidates.contains(where: { $0.suffix != nil }) {
            page.add("\(asker.search.map(\.shown).joined(separator: " ")), ndots \(asker.ndots)", label: "search")
            page.add(asker.origin, label: "")
        }
        for source in sources { page.add(source, label: source == sources.first ? "known from" : "") }
        if !candidates.isEmpty { page.addBlank() }
        for (index, candidate) in candidates.enumerated() { candidate.write(index + 1, to: &page) }
        writeFindings(to: &page)
        if !notes.isEmpty {
            page.addBlank()
            page.add("Notes:")
            for note in notes { page.add(note, indent: 2, first: "- ") }
        }
        return page.text
    }

    private func writeFindings(to page: inout Page) {
        write("What to do:", findings.filter { !$0.advice.isEmpty }, to: &page)
        // These are told where the names are.
        let plain: Set<Finding.Code> = [.typeAbsent, .upstreamDenies, .upstreamNotAsked]
        write(
            "Besides:",
            findings.filter { $0.advice.isEmpty && !plain.contains($0.code) && !isInSummary($0) }, to: &page)
    }

    private func write(_ heading: String, _ told: [Finding], to page: inout Page) {
        guard !told.isEmpty else { return }
        page.addBlank()
        page.add(heading)
        for finding in told {
            let parts = [isInSummary(finding) ? "" : finding.text, finding.advice]
            page.add(parts.filter { !$0.isEmpty }.joined(separator: " "), indent: 2, first: "- ")
        }
    }

    private func isInSummary(_ finding: Finding) -> Bool { summary.contains(finding.text.dropFirst()) }
}

extension Candidate {
    fileprivate func write(_ number: Int, to page: inout Page) {
        let first = "\(number). "
        guard obstacle.isEmpty else { return page.add("not asked for: \(obstacle)", first: first) }
        guard !answers.isEmpty else { return page.add("\(name)  not reached", first: first) }
        page.add("\(name)", first: first)
        if !form.isEmpty { page.add(form, indent: 3) }
        let isOneWay = answers.allSatisfy { $0.steps == answers[0].steps }
        if isOneWay, path != ["kubernetes"], !path.isEmpty {
            page.add("by way of " + path.joined(separator: ", "), indent: 3)
        }
        var index = 0
        while index < answers.count {
            // Types with the same fate share a line.
            var end = index + 1
            while end < answers.count, answers[end].isLike(answers[index]) { end += 1 }
            let way = isOneWay ? "" : answers[index].steps.map(\.text).joined(separator: ", ")
            answers[index].write(answers[index..<end].map(\.type), by: way, to: &page)
            index = end
        }
    }
}

extension TypeAnswer {
    fileprivate func isLike(_ other: TypeAnswer) -> Bool {
        records.isEmpty && other.records.isEmpty && outcome == other.outcome && responseCode == other.responseCode
            && reason == other.reason && steps == other.steps
    }

    fileprivate func write(_ types: [RecordType], by way: String, to page: inout Page) {
        var label = types.map(\.description).joined(separator: ", ")
        if !way.isEmpty {
            page.addFate(label, "by way of " + way)
            label = ""
        }
        let because = reason.isEmpty ? "" : ": \(reason)"
        switch outcome {
        case .records: break
        case .noData:
            page.addFate(label, (records.isEmpty ? "no such record" : "an alias, and no such record") + because)
        case .nameError, .failure: page.addFate(label, (responseCode?.description ?? "no reply") + because)
        case .unknown: page.addFate(label, "not known" + because)
        }
        for (index, record) in records.enumerated() {
            let data = "\(record.type) \(record.data.presentation)"
            let isOwn = index == 0 && outcome == .records
            page.addFate(isOwn ? label : "", "\(data) (TTL \(record.ttl) s)")
        }
        for exchange in exchanges {
            page.addFate("", "\(exchange.server): \(exchange.result) after \(exchange.time)")
        }
    }
}

/// Lines of text, broken between words.
struct Page {
    private let width: Int
    private(set) var text = ""
    private static let labelWidth = 12

    init(width: Int) { self.width = width }

    mutating func addBlank() { text += "\n" }

    /// A paragraph; `first` stands before its first line, and the others are indented as much.
    mutating func add(_ paragraph: String, indent: Int = 0, first: String = "") {
        let margin = String(repeating: " ", count: indent)
        let hanging = margin + String(repeating: " ", count: first.count)
        var line = margin + first
        var isEmpty = true
        for word in paragraph.split(separator: " ", omittingEmptySubsequences: false) {
            if !isEmpty, line.count + 1 + word.count > width {
                text += line + "\n"
                line = hanging
                isEmpty = true
            }
            line += isEmpty ? word : " " + word
            isEmpty = false
        }
        text += line + "\n"
    }

    /// A paragraph behind a label.
    mutating func add(_ paragraph: String, label: String) {
        add(paragraph, first: Self.padded(label, to: Self.labelWidth))
    }

    /// What became of a question.
    mutating func addFate(_ types: String, _ fate: String) {
        add(fate, indent: 3, first: Self.padded(types, to: 9))
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(text.isEmpty ? 0 : 1, width - text.count))
    }
}
