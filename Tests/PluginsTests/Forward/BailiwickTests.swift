import DNSMessage
@testable import Plugins
import TestSupport
import Testing

/// What is kept of an upstream's reply.
@Suite("bailiwick of replies")
struct BailiwickTests {
    private typealias Sections = (answer: [String], authority: [String], additional: [String])

    private func kept(_ type: RecordType = .a, _ sections: Sections) throws -> TestReply {
        let upstream = FakeScript(
            .answer(sections.answer, authority: sections.authority, additional: sections.additional))
        return try ForwardRig([upstream]).ask("www.example.", type)
    }

    @Test("aliases are followed in any order, and what is beside them is dropped")
    func followsAliases() throws {
        let reply = try kept(
            .a,
            (
                [
                    "b.other. 5 IN A 192.0.2.1", "a.example. 5 IN CNAME b.other.", "www.example. 5 IN CNAME a.example.",
                    "bank.example. 5 IN A 192.0.2.66", "B.other. 5 IN A 192.0.2.2",
                ], [], []
            ))
        #expect(
            reply.answer == [
                "b.other. 5 IN A 192.0.2.1", "a.example. 5 IN CNAME b.other.", "www.example. 5 IN CNAME a.example.",
                "B.other. 5 IN A 192.0.2.2",
            ])
    }

    @Test("a DNAME above the name is kept, one beside it is not")
    func keepsDNAME() throws {
        let reply = try kept(
            .a,
            (
                [
                    "example. 5 IN DNAME other.", "www.example. 5 IN CNAME www.other.", "www.other. 5 IN A 192.0.2.1",
                    "net. 5 IN DNAME evil.",
                ], [], []
            ))
        #expect(reply.answer.count == 3)
        #expect(!reply.answer.contains("net. 5 IN DNAME evil."))
    }

    @Test("name servers are those of zones above the name or its aliases, with their addresses")
    func keepsAuthority() throws {
        let reply = try kept(
            .a,
            (
                ["www.example. 5 IN A 192.0.2.1"],
                ["example. 5 IN NS ns.example.", ". 5 IN NS a.root.", "bank. 5 IN NS ns.evil."],
                [
                    "ns.example. 5 IN A 192.0.2.53", "ns.evil. 5 IN A 192.0.2.66", "a.root. 5 IN AAAA 2001:db8::1",
                    "bank. 5 IN A 192.0.2.66",
                ]
            ))
        #expect(reply.authority == ["example. 5 IN NS ns.example.", ". 5 IN NS a.root."])
        #expect(reply.additional == ["ns.example. 5 IN A 192.0.2.53", "a.root. 5 IN AAAA 2001:db8::1"])
    }

    @Test("targets of answers have their addresses, and the SOA record of a denial stays")
    func keepsTargets() throws {
        let reply = try kept(
            .srv,
            (
                ["www.example. 5 IN SRV 1 2 80 t.other."], ["net. 5 IN SOA a.net. b.net. 1 2 3 4 5"],
                ["t.other. 5 IN A 192.0.2.1", "u.other. 5 IN A 192.0.2.2"]
            ))
        #expect(reply.additional == ["t.other. 5 IN A 192.0.2.1"])
        #expect(reply.authority.count == 1)
    }

    @Test("a chain of aliases without end is cut")
    func cutsChains() throws {
        let chain =
            ["www.example. 5 IN CNAME n0.example."]
            + (0..<60).map { "n\($0).example. 5 IN CNAME n\($0 + 1).example." }
        let reply = try kept(.a, (chain, [], []))
        #expect(reply.answer.count == ForwardLimits.aliasesMax + 1)
        let loop = ["www.example. 5 IN CNAME a.example.", "a.example. 5 IN CNAME www.example."]
        #expect(try kept(.a, (loop, [], [])).answer == loop)
    }
}
