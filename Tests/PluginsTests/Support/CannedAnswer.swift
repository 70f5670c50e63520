import DNSMessage
import PluginKit
import TestSupport

/// The last plugin of a test's chain: answers everything alike.
final class CannedAnswer: QueryHandling {
    private let responseCode: ResponseCode
    private let flags: UInt16
    private let sections: [(Section, [Record])]

    /// An answer of records written down.
    init(
        _ answer: [String] = [], authority: [String] = [], additional: [String] = [],
        code responseCode: ResponseCode = .noError, flags: UInt16 = HeaderFlags.authoritativeBit
    ) {
        self.responseCode = responseCode
        self.flags = flags
        sections = [
            (.answer, answer.map(RecordText.record)), (.authority, authority.map(RecordText.record)),
            (.additional, additional.map(RecordText.record)),
        ]
    }

    func onQuery(_ query: inout Query) -> Verdict {
        query.response.responseCode = responseCode
        query.response.flags[flags] = true
        for (section, records) in sections {
            query.response.writer.move(to: section)
            for record in records { query.response.writer.add(record) }
        }
        return .reply
    }
}
