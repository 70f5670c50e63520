import HTTPClient
import Testing

@testable import KubernetesWatch

/// What an API server was seen to do, played to a watch: `Fixtures/rows.txt` tells what, and what is made of it.
@Suite struct RecordedRowTests {
    /// One paragraph of the file.
    struct Row: Sendable, CustomTestStringConvertible {
        var sentence = ""
        var resource = WatchedResource.services
        var seconds = 0
        var answers: [PlayedTransport.Answer] = []
        /// What the watch asked and told.
        var diary: [String] = []

        var testDescription: String { sentence }
    }

    @Test("makes of what the server says what the row tells", arguments: try rows())
    func plays(_ row: Row) {
        let playback = Playback([row.resource], row.answers)
        playback.start().pass(.seconds(row.seconds))
        #expect(playback.diary.lines == row.diary)
        playback.stop()
        #expect(playback.transport.open == 0)
    }

    // MARK: Reading

    private static func rows() throws -> [Row] {
        let text = String(decoding: try Fixtures.bytes("rows.txt"), as: UTF8.self)
        return try text.split(separator: "\n\n").map { try row($0.split(separator: "\n")) }
    }

    private static func row(_ lines: [Substring]) throws -> Row {
        var row = Row()
        for line in lines {
            let words = line.split(separator: " ").map(String.init)
            switch line.hasPrefix(" ") ? "" : words[0] {
            case "=": row.sentence = String(line.dropFirst(2))
            case "watch":
                row.resource = try #require(WatchedResource(rawValue: words[1]))
                row.seconds = try #require(Int(words[3]))
            case "answer": row.answers.append(try answer(words))
            default: row.diary.append(String(line.dropFirst(4)))
            }
        }
        return row
    }

    private static func answer(_ words: [String]) throws -> PlayedTransport.Answer {
        switch words[1] {
        case "recorded": .recorded(words[2])
        case "trickled": .trickled(words[2])
        case "hanging": .hanging(words[2])
        case "cut": .cut(words[2], try #require(Int(words[3])))
        case "failure": .failure(.unreachable)
        default: .nothing
        }
    }
}
