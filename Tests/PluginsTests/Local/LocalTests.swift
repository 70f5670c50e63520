import DNSMessage
import Telemetry
import Testing

@Suite("local")
struct LocalTests {
    private static let passedOn = "passed.on. 5 IN A 192.0.2.1"

    /// A question and what CoreDNS answered; the authority section where the answer is empty.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: Name
        let type: RecordType
        let responseCode: String
        let record: String

        init(_ name: Name, _ type: RecordType, _ record: String, _ responseCode: String = "NOERROR") {
            self.name = name
            self.type = type
            self.responseCode = responseCode
            self.record = record
        }

        var testDescription: String { "\(name) \(type)" }
    }

    private static let soa = "604800 IN SOA localhost. root.localhost. 1 0 0 0 604800"

    @Test(
        "answers localhost and its reverse zones as recorded from CoreDNS, without AA",
        arguments: [
            Case("localhost", .a, "localhost. 604800 IN A 127.0.0.1"),
            Case("localhost", .aaaa, "localhost. 604800 IN AAAA ::1"),
            Case("LocalHost", .a, "LocalHost. 604800 IN A 127.0.0.1"),
            Case("localhost", .ns, "localhost. 604800 IN NS localhost."),
            Case("localhost", .soa, "localhost. \(soa)"),
            Case("a.localhost", .a, "a.localhost. 604800 IN A 127.0.0.1"),
            Case("a.b.localhost", .aaaa, "a.b.localhost. 604800 IN AAAA ::1"),
            Case("localhost.example.org", .a, "localhost.example.org. 604800 IN A 127.0.0.1"),
            Case("localhost.foo.test", .aaaa, "localhost.foo.test. 604800 IN AAAA ::1"),
            Case("1.0.0.127.in-addr.arpa", .ptr, "1.0.0.127.in-addr.arpa. 604800 IN PTR localhost."),
            Case("127.in-addr.arpa", .soa, "127.in-addr.arpa. \(soa)"),
            Case("127.in-addr.arpa", .ns, "127.in-addr.arpa. 604800 IN NS localhost."),
            Case("0.in-addr.arpa", .ns, "0.in-addr.arpa. 604800 IN NS localhost."),
            Case("255.in-addr.arpa", .soa, "255.in-addr.arpa. \(soa)"),
        ])
    func answers(question: Case) throws {
        let reply = try ask(question)
        #expect(reply.answer == [question.record])
        #expect(reply.authority.isEmpty && reply.additional.isEmpty)
    }

    @Test(
        "denies the rest of these zones with their SOA",
        arguments: [
            Case("localhost", .txt, "localhost. \(soa)"),
            Case("a.localhost", .mx, "a.localhost. \(soa)"),
            Case("localhost.example.org", .txt, "localhost.example.org. \(soa)"),
            Case("127.in-addr.arpa", .a, "127.in-addr.arpa. \(soa)"),
            Case("1.0.0.127.in-addr.arpa", .a, "127.in-addr.arpa. \(soa)"),
            Case("0.127.in-addr.arpa", .ptr, "127.in-addr.arpa. \(soa)"),
            Case("0.0.127.IN-ADDR.arpa", .ptr, "127.IN-ADDR.arpa. \(soa)"),
            Case("2.0.0.127.in-addr.arpa", .ptr, "127.in-addr.arpa. \(soa)", "NXDOMAIN"),
            Case("x.1.0.0.127.in-addr.arpa", .ptr, "127.in-addr.arpa. \(soa)", "NXDOMAIN"),
            Case("1.0.0.255.in-addr.arpa", .ptr, "255.in-addr.arpa. \(soa)", "NXDOMAIN"),
            Case("1.0.in-addr.arpa", .ptr, "0.in-addr.arpa. \(soa)", "NXDOMAIN"),
        ])
    func denies(question: Case) throws {
        let reply = try ask(question)
        #expect(reply.authority == [question.record])
        #expect(reply.answer.isEmpty && reply.additional.isEmpty)
    }

    private func ask(_ question: Case) throws -> TestReply {
        let reply = try TestBlock("local", answering: CannedAnswer([Self.passedOn]))
            .ask(TestQuery(question.name, question.type))
        #expect(reply.responseCode == question.responseCode)
        #expect(reply.flags == "rd")
        return reply
    }

    @Test(
        "passes on every other name",
        arguments: [
            "example.org", "localhosts.example.org", "a.localhost.example.org", "126.in-addr.arpa", "arpa", ".",
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa",
        ] as [Name])
    func passesOn(name: Name) throws {
        let reply = try TestBlock("local", answering: CannedAnswer([Self.passedOn])).ask(TestQuery(name, .a))
        #expect(reply.answer == [Self.passedOn])
    }

    @Test("passes on the prefix localhost when told to, but not names below localhost")
    func switchesPrefixOff() throws {
        let block = try TestBlock("local {\nlocalhost_prefix off\n}", answering: CannedAnswer([Self.passedOn]))
        #expect(try block.ask(TestQuery("localhost.example.org", .a)).answer == [Self.passedOn])
        #expect(
            try block.ask(TestQuery("localhost.localhost", .a)).answer
                == ["localhost.localhost. 604800 IN A 127.0.0.1"])
    }

    @Test("counts names below localhost and names with its prefix")
    func counts() throws {
        let metrics = MetricsRegistry(workers: 1)
        let block = try TestBlock("local", metrics: metrics)
        for name: Name in ["a.localhost", "localhost.test", "localhost", "127.in-addr.arpa", "test"] {
            _ = try block.ask(TestQuery(name, .a))
        }
        #expect(metrics.counter("coredns_local_localhost_requests_total", help: "").value == 2)
    }

    @Test(
        "reports options that are none",
        arguments: [
            ("local x", ["2:7 error: Wrong argument count or unexpected line ending after 'x'"]),
            (
                "local {\nlocalhost_prefix maybe\nlocalhost_prefix\nprefix off\n}",
                [
                    "3:18 error: localhost_prefix is on or off, not 'maybe'",
                    "4:1 error: Wrong argument count or unexpected line ending after 'localhost_prefix'",
                    "5:1 error: unknown property 'prefix'",
                ]
            ),
        ])
    func reportsMistakes(lines: String, mistakes: [String]) {
        #expect(TestBlock.mistakes(lines) == mistakes)
    }
}
