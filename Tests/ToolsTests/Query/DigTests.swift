import DNSMessage
import TestSupport
import Testing

@testable import Tools

/// `query` beside `dig`, on a zone with records of many types that knot serves and signs.
@Suite("an answer of query, beside dig")
struct DigTests {
    private static let isPossible = NameServerProgram.Kind.knot.isAvailable && Tool("dig") != nil

    @Test(
        "has the same lines, whatever the type of the records",
        .enabled(if: isPossible, "knot or dig is not installed"))
    func sameLines() throws {
        let zone = try Fixtures.text("records.zone")
        let server = try NameServerProgram(.knot, zone: "records.test", text: zone, isSigned: true)
        let questions = try Fixtures.text("questions.txt").split(separator: "\n").map(String.init)
        try #require(questions.count > 40)
        for switches in [["+dnssec"], ["+noall", "+answer", "+tcp"], ["+short"], ["+noedns", "+norecurse"]] {
            let directory = try TemporaryDirectory()
            for question in questions {
                let words =
                    ["@127.0.0.1", "-p", "\(server.address.port)"] + question.split(separator: " ").map(String.init)
                let ours = try Self.query(words + switches)
                let theirs = try Self.dig(words + switches, directory)
                #expect(ours == theirs, "\(question) \(switches)")
            }
        }
    }

    private static func query(_ words: [String]) throws -> [String] {
        let options = try QueryWords.read(words)
        let run = try QueryRun(options, QueryServer.system)
        guard case .answer(let answer, _) = run.run() else { return ["no answer"] }
        return shown(DigText.lines(answer, options, cookie: run.cookie))
    }

    private static func dig(_ words: [String], _ directory: TemporaryDirectory) throws -> [String] {
        let before = directory.content(of: "output")?.count ?? 0
        try #require(Tool("dig")).run(["+nocmd"] + words, in: directory)
        let text = String(decoding: (directory.content(of: "output") ?? []).dropFirst(before), as: UTF8.self)
        return shown(text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
    }

    /// Without what differs from query to query.
    private static func shown(_ lines: [String]) -> [String] {
        lines.compactMap { line in
            if line.hasPrefix(";; Query time:") || line.hasPrefix(";; WHEN:") { return nil }
            if line.hasPrefix("; COOKIE:") || line.isEmpty { return nil }
            guard let id = line.firstRange(of: ", id: ") else { return line }
            return String(line[..<id.lowerBound])
        }
    }
}
