import DNSMessage
import Ldns
import Zone

/// A zone from text, to be asked without a server.
struct AskedZone {
    let zone: Zone

    init(_ text: String, apex: Name = "example.org") throws {
        zone = try Zone(apex, try ZoneFile.records(in: Array(text.utf8), origin: apex, ttl: 3600))
    }

    /// What came of a question.
    struct Reply {
        let outcome: ZoneOutcome
        let message: Message
        /// Where an alias led out of the zone.
        let alias: String?

        var answer: [String] { message.answer.map(Self.text) }
        var authority: [String] { message.authority.map(Self.text) }
        var additional: [String] { message.additional.map(Self.text) }

        private static func text(_ record: Record) -> String {
            record.presentation.replacing("\tIN\t", with: "\t").replacing("\t", with: " ")
        }
    }

    func ask(_ name: Name, _ type: RecordType, dnssecOK: Bool = false) throws -> Reply {
        var scratch = NameScratch()
        let question = QuestionView(name: scratch.read(name), type: type, class: .internet)
        var writer = MessageWriter()
        writer.begin(question)
        let alias = UnsafeMutableRawPointer.allocate(byteCount: Name.maximumLength, alignment: 8)
        defer { alias.deallocate() }
        var lookup = ZoneLookup(zone.view, question, dnssecOK: dnssecOK)
        let outcome = lookup.answer(&writer, alias: alias)
        var target: String?
        if case .alias = outcome { target = NameText.text(wire: UnsafeRawPointer(alias)) }
        var flags = HeaderFlags()
        flags.isResponse = true
        if case .delegation(let isAuthoritative) = outcome {
            flags.isAuthoritative = isAuthoritative
        } else {
            flags.isAuthoritative = true
        }
        writer.finish(
            id: 1, flags: flags, responseCode: outcome.responseCode, edns: nil, limit: MessageWriter.maximumLength)
        // libldns reads it: what our own reader would forgive does not pass.
        return Reply(outcome: outcome, message: try Message(ldnsDecoding: writer.bytes), alias: target)
    }
}

extension ZoneOutcome {
    var responseCode: ResponseCode {
        switch self {
        case .nameError: .nxDomain
        case .nameTooLong: .yxDomain
        case .data, .delegation, .noData, .emptyName, .alias: .noError
        }
    }

    var word: String {
        switch self {
        case .data: "data"
        case .delegation: "delegation"
        case .noData: "noData"
        case .emptyName: "emptyName"
        case .nameError: "nameError"
        case .alias: "alias"
        case .nameTooLong: "nameTooLong"
        }
    }
}
