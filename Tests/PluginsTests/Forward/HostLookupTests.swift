import DNSMessage
@testable import Plugins
import TestSupport
import Testing

@Suite("An upstream's name is looked up")
struct HostLookupTests {
    private typealias Scripted = TestSupport.ScriptedUpstream

    private static let typeA: UInt8 = 1

    /// Has one IPv4 address for every name, and no other.
    private func resolver(truncates: Bool = false) throws -> Scripted {
        try Scripted { heard in
            let isA = heard.question[heard.question.count - 3] == Self.typeA
            return [.reply(heard.answer(count: isA ? 1 : 0, truncated: truncates))]
        }
    }

    @Test("at the servers that are named, for both families", arguments: [false, true])
    func found(truncates: Bool) throws {
        let server = try resolver(truncates: truncates)
        #expect(HostLookup.addresses(of: "dns.example", [server.address]) == [IPAddress(v4: 0xC000_0201)])
        #expect(server.heard.map { $0.question[$0.question.count - 3] } == [Self.typeA, 28])
    }

    @Test("at the next server where one has nothing, or sends what nobody asked for")
    func nextServer() throws {
        let empty = try Scripted { [.reply($0.answer(count: 0))] }
        let stranger = try Scripted { heard in
            let otherID = UInt16(heard.message[0]) << 8 | UInt16(heard.message[1] ^ 1)
            return [.reply(heard.answer(0x0A00_0001, id: otherID)), .reply(heard.answer(count: 0))]
        }
        let server = try resolver()
        let found = HostLookup.addresses(of: "dns.example", [empty, stranger, server].map(\.address))
        #expect(found == [IPAddress(v4: 0xC000_0201)])
    }

    @Test("nowhere where it is no name")
    func noName() throws {
        let server = try resolver()
        #expect(HostLookup.addresses(of: "a..b", [server.address]).isEmpty)
        #expect(server.heard.isEmpty)
    }
}
