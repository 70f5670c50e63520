import DNSMessage
import Locking
import TestSupport

/// What a scripted server answers, as text: a record a line, or `NAME TYPE CODE` for a failure, `NAME TYPE silence`,
/// `NAME TYPE late 40` for a reply after so many milliseconds; `*` stands for any type. Names above a record exist.
/// What is not there is NXDOMAIN or NODATA with the SOA record of `test.`.
struct ZoneScript: Sendable {
    private enum Special: Sendable {
        case code(ResponseCode)
        case silence
        case late(milliseconds: Int)
    }

    private var records: [Record] = []
    private var specials: [String: Special] = [:]
    private static let authority = RecordText.record("test. 60 SOA ns.test. admin.test. 1 2 3 4 30")

    init(_ text: String) {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            let key = "\(Name(stringLiteral: words[0])) \(words[1])".lowercased()
            if words.count == 3, let code = ResponseCode(words[2]) {
                specials[key] = .code(code)
            } else if words.count == 3, words[2] == "silence" {
                specials[key] = .silence
            } else if words.count == 4, words[2] == "late", let milliseconds = Int(words[3]) {
                specials[key] = .late(milliseconds: milliseconds)
            } else {
                records.append(RecordText.record(words))
            }
        }
    }

    func steps(_ heard: ScriptedUpstream.Heard) -> [ScriptedUpstream.Step] {
        guard let query = heard.query, let question = query.questions.first else { return [] }
        let name = "\(question.name)".lowercased()
        let special = specials["\(name) \(question.type)".lowercased()] ?? specials["\(name) *"]
        switch special {
        case .silence?: return []
        case .code(let code)?: return [.reply(reply(query, code).encoded())]
        case .late(let milliseconds)?: return [.pause(milliseconds: milliseconds), .reply(answer(query, question))]
        case nil: return [.reply(answer(query, question))]
        }
    }

    func reply(_ query: Message, _ code: ResponseCode) -> Message {
        var flags = query.flags
        flags.isResponse = true
        flags.isAuthoritative = true
        flags.responseCode = code
        return Message(id: query.id, flags: flags, questions: query.questions)
    }

    private func answer(_ query: Message, _ question: Message.Question) -> [UInt8] {
        var owner = question.name
        var found: [Record] = []
        for _ in 0..<20 {
            let own = records.filter { $0.name == owner }
            let wanted = own.filter { $0.type == question.type || question.type == .any }
            found += wanted
            guard wanted.isEmpty, let alias = own.first(where: { $0.type == .cname }) else { break }
            found.append(alias)
            if case .cname(let target) = alias.data { owner = target }
        }
        let exists = records.contains { $0.name.isSubdomain(of: owner) }
        var message = reply(query, exists ? .noError : .nxDomain)
        message.answer = found
        let targets = found.compactMap { if case .srv(_, _, _, let target) = $0.data { target } else { nil } as Name? }
        message.additional = records.filter { targets.contains($0.name) && [.a, .aaaa].contains($0.type) }
        let isDenied = !found.contains { $0.type == question.type || question.type == .any }
        if isDenied, owner.isSubdomain(of: "test") { message.authority = [Self.authority] }
        return message.encoded()
    }
}

extension ScriptedUpstream.Heard {
    /// The query as a value; nil where it is none.
    var query: Message? { message.withUnsafeBytes { try? Message(decoding: $0) } }

    /// `name. TYPE`.
    var asked: String { query?.questions.first.map { "\($0.name) \($0.type)" } ?? "?" }
}
