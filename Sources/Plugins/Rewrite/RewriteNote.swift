import DNSMessage
import PluginKit

/// What `rewrite` remembers of a query that it changed, until the response comes back.
final class RewriteNote {
    /// Whether the response is still to be rewritten.
    private(set) var isActive = true
    /// Whether name, type or class are others than the client's.
    var changesQuestion = false
    /// In the order in which they came to count.
    var rules: [ResponseRule] = []
    /// The question before the first rule; its name lives in `memory`.
    private let question: QuestionView
    private var memory = NameScratch()
    private var scratch = NameScratch()
    private let originalEDNS: RequestEDNS?
    private var changesOptions = false
    /// Options of the request as rules made them, freed at the end.
    private var buffers: [UnsafeMutableRawBufferPointer] = []
    /// The answer whose alias leads elsewhere now, while the records there are asked for.
    private var kept: KeptAnswer?

    /// What is left of a response whose CNAME was given another target.
    private struct KeptAnswer {
        var answer: [Record]
        var authority: [Record]
        var additional: [Record]
    }

    init(_ query: borrowing Query) {
        let asked = query.question
        question = QuestionView(
            name: memory.read(copying: asked.name.spelled), type: asked.type, class: asked.class)
        originalEDNS = query.request.edns
    }

    deinit { for buffer in buffers { buffer.deallocate() } }

    /// Gives the request these EDNS options, in wire form, and an OPT record if it had none.
    func setOptions(_ options: [UInt8], _ query: inout Query) {
        let buffer = UnsafeMutableRawBufferPointer.copying(options)
        buffers.append(buffer)
        changesOptions = true
        if query.request.edns == nil { query.request.edns = Self.emptyOPT.edns }
        query.request.edns?.options = UnsafeRawBufferPointer(buffer)
    }

    /// An OPT record that tells upstreams a size of 4096 bytes and nothing else, behind an empty header.
    private static let emptyOPT = EmptyOPT()

    private struct EmptyOPT: @unchecked Sendable {
        // Guard of `@unchecked Sendable`: written in `init`, never freed, read only afterwards.
        let edns: RequestEDNS?

        init() {
            let header = [UInt8](repeating: 0, count: Header.length)
            let bytes = UnsafeMutableRawBufferPointer.copying(header + [0, 0, 41, 0x10, 0, 0, 0, 0, 0, 0, 0])
            var reader = MessageReader(UnsafeRawBufferPointer(bytes))
            edns = reader?.readRecord().flatMap { RequestEDNS($0) }
        }
    }

    /// Makes of the response one to the client's question.
    func review(_ query: inout Query) -> Review {
        if kept == nil, let target = redirect(&query) {
            query.failure = nil
            target.wire.withUnsafeBytes {
                query.changeQuestion(
                    name: $0.baseAddress.unsafelyUnwrapped, type: query.question.type, class: query.question.class)
            }
            return .askAgain
        }
        restoreRequest(&query)
        for case .code(let old, let new) in rules.reversed() where query.response.responseCode == old {
            query.response.responseCode = new
        }
        if changesQuestion || kept != nil || !rules.isEmpty {
            query.response.rewrite(question) { old, new in write(old, &new) }
            query.question = question
        }
        isActive = false
        return .keep
    }

    /// The query as if no rule had been there, and no response to come.
    func end() {
        isActive = false
    }

    private func restoreRequest(_ query: inout Query) {
        guard changesOptions else { return }
        query.request.edns = originalEDNS
        // Who sent no OPT record gets none (RFC 6891 §6.1.1).
        if originalEDNS == nil { query.response.hasEDNS = false }
    }

    // MARK: Aliases

    /// Where the first CNAME leads that a rule gives another target; the answer up to it is kept.
    private func redirect(_ query: inout Query) -> Name? {
        guard query.question.type != .cname, query.question.type != .any else { return nil }
        for case .alias(let replacement) in rules.reversed() {
            let answer = records(of: .answer, query.response.writer)
            for (index, record) in answer.enumerated() {
                guard case .cname(let target) = record.data,
                    let new = replacement.apply(target.folded.description), let name = try? Name(new)
                else { continue }
                var head = Array(answer[...index])
                head[index].data = .cname(name)
                kept = KeptAnswer(
                    answer: head, authority: records(of: .authority, query.response.writer),
                    additional: records(of: .additional, query.response.writer))
                return name
            }
        }
        return nil
    }

    private func records(of section: Section, _ writer: borrowing MessageWriter) -> [Record] {
        var records: [Record] = []
        for index in writer.records(in: section) {
            if let view = writer.record(index), let record = Record(view, scratch: &scratch) { records.append(record) }
        }
        return records
    }

    // MARK: Records

    private func write(_ old: borrowing MessageWriter, _ new: inout MessageWriter) {
        for section in Section.allCases {
            new.move(to: section)
            for record in records(for: section, old) { new.add(changed(record)) }
        }
    }

    /// What the section is made of: an alias that leads elsewhere keeps what was beside it, unless nothing is there.
    private func records(for section: Section, _ old: borrowing MessageWriter) -> [Record] {
        let found = records(of: section, old)
        guard let kept else { return found }
        switch section {
        case .answer: return kept.answer + found
        case .authority: return old.answerCount > 0 ? kept.authority : found
        case .additional: return kept.additional
        }
    }

    private func changed(_ record: Record) -> Record {
        var record = record
        for rule in rules.reversed() {
            switch rule {
            case .owner(let mapping): record.name = mapped(record.name, mapping)
            case .value(let mapping): record.data = record.data.mapNames { mapped($0, mapping) }
            case .ttl(let range): record.ttl = min(max(record.ttl, range.lowerBound), range.upperBound)
            case .alias(let replacement):
                guard kept == nil, case .cname(let target) = record.data else { continue }
                record.data = .cname(mapped(target, .replacement(replacement)))
            case .code: break
            }
        }
        return record
    }

    /// A name that no rule is about, or that would be illegal, stays; others are in lower case, as CoreDNS's are.
    private func mapped(_ name: Name, _ mapping: NameMapping) -> Name {
        guard let text = mapping.apply(name.folded.description) else { return name }
        return (try? Name(text)) ?? name
    }
}

extension RecordData {
    /// The same data with each name in it that `rewrite` is about given to `change`.
    fileprivate func mapNames(_ change: (Name) -> Name) -> RecordData {
        switch self {
        case .cname(let name): .cname(change(name))
        case .dname(let name): .dname(change(name))
        case .ns(let name): .ns(change(name))
        case .ptr(let name): .ptr(change(name))
        case .mx(let preference, let exchange): .mx(preference: preference, exchange: change(exchange))
        case .srv(let priority, let weight, let port, let target):
            .srv(priority: priority, weight: weight, port: port, target: change(target))
        case .soa(var soa):
            {
                soa.primaryServer = change(soa.primaryServer)
                return .soa(soa)
            }()
        case .other(.naptr, let bytes): .other(.naptr, Self.mapPointer(bytes, change))
        default: self
        }
    }

    /// NAPTR ends with a name, behind two numbers and three character-strings (RFC 3403 §4.1).
    private static func mapPointer(_ bytes: [UInt8], _ change: (Name) -> Name) -> [UInt8] {
        var start = 4
        for _ in 0..<3 where start < bytes.count { start += 1 + Int(bytes[start]) }
        guard start < bytes.count else { return bytes }
        var scratch = NameScratch()
        let name = bytes.withUnsafeBytes { scratch.read($0, at: start).map { Name($0.name) } }
        guard let name else { return bytes }
        return bytes[..<start] + change(name).wire
    }
}
