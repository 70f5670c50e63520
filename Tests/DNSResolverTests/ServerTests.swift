import DNSMessage
@testable import DNSResolver
import Dispatch
import EventLoop
import TestSupport
import Testing

@Suite("Servers of a resolver", .serialized)
struct ServerTests {
    private func server(_ last: UInt32, after milliseconds: Int = 0) throws -> ScriptedUpstream {
        try ScriptedUpstream { [.pause(milliseconds: milliseconds), .reply($0.answer(0xC000_0200 + last))] }
    }

    private func failing(_ code: UInt8) throws -> ScriptedUpstream {
        try ScriptedUpstream { [.reply($0.answer(count: 0, code: code))] }
    }

    @Test("one that fails, refuses or garbles is passed over", arguments: [2, 4, 5, 99])
    func triesNext(code: UInt8) async throws {
        let bad =
            code == 99
            ? try ScriptedUpstream { heard in [.reply(heard.answer(count: 1).dropLast(3))] } : try failing(code)
        let rig = try Rig([bad, try server(2)], conf: "options attempts:3")
        #expect(await rig.addresses("a.test.", .v4) == "192.0.2.2")
    }

    @Test("one that is silent is waited for, then the next one is asked")
    func waits() async throws {
        let mute = try ScriptedUpstream { _ in [] }
        let rig = try Rig([mute, try server(2)], conf: "options timeout:1")
        #expect(await rig.addresses("a.test.", .v4) == "192.0.2.2")
        #expect(mute.heard.count == 1)
    }

    @Test("one that failed is asked last for a while, or until it answers")
    func rests() throws {
        let queue = DispatchQueue(label: "test.servers")
        let loop = try #require(EventLoop(queue: queue))
        queue.sync {
            var configuration = ResolverConfiguration()
            configuration.servers = (1...3).map { SocketAddress(IPAddress(v4: $0), port: 53) }
            let list = ServerList(configuration, mixesCase: false, loop: loop)
            let now = EventLoop.now
            #expect(list.order(turn: 1, now: now) == [0, 1, 2])
            list.noteFailure(0)
            #expect(list.order(turn: 1, now: now) == [1, 2, 0])
            #expect(list.order(turn: 1, now: now + 3_600_000_000_000) == [0, 1, 2])
            list.noteReply(0)
            #expect(list.order(turn: 1, now: now) == [0, 1, 2])
            configuration.rotates = true
            let rotating = ServerList(configuration, mixesCase: false, loop: loop)
            #expect(rotating.order(turn: 4, now: now) == [1, 2, 0])
            loop.close()
        }
    }

    @Test("where all are silent, each is asked as often as attempts says, and the time is up")
    func givesUp() async throws {
        let mute = try [ScriptedUpstream { _ in [] }, ScriptedUpstream { _ in [] }]
        var configuration = ResolverConfiguration()
        configuration.servers = mute.map(\.address)
        configuration.timeout = .milliseconds(50)
        configuration.attempts = 3
        let rig = try Rig(mute) { $0.configuration = .fixed(configuration) }
        #expect(await rig.addresses("a.test.", .v4) == "time-out")
        #expect(await eventually { mute.map(\.heard.count) == [3, 3] })
    }

    @Test("where nobody listens that is told at once")
    func isUnreachable() async throws {
        var configuration = ResolverConfiguration()
        configuration.servers = [SocketAddress(IPAddress(v4: 0x7F00_0001), port: FreePorts.take())]
        let rig = try Rig([] as [ScriptedUpstream]) { $0.configuration = .fixed(configuration) }
        #expect(await rig.addresses("a.test.", .v4) == "unreachable")
        configuration.servers = []
        let none = try Rig([] as [ScriptedUpstream]) { $0.configuration = .fixed(configuration) }
        #expect(await none.addresses("a.test.", .v4) == "unreachable")
    }

    @Test("of several failures the most telling is told")
    func tellsMost() async throws {
        let mute = try ScriptedUpstream { _ in [] }
        let rig = try Rig([try failing(2), mute], conf: "options timeout:1 attempts:1")
        #expect(await rig.addresses("a.test.", .v4) == "SERVFAIL")
    }

    @Test("with rotate each look-up begins with the next one, A and AAAA together")
    func rotates() async throws {
        let servers = try [server(1), server(2)]
        let rig = try Rig(servers, conf: "options rotate")
        for _ in 0..<4 { _ = await rig.addresses("a.test.") }
        #expect(
            servers.map { $0.heard.map(\.asked).sorted() } == [
                ["a.test. A", "a.test. A", "a.test. AAAA", "a.test. AAAA"],
                ["a.test. A", "a.test. A", "a.test. AAAA", "a.test. AAAA"],
            ])
    }

    @Test("a referral is no answer: another server is asked")
    func passesOverReferral() async throws {
        let lame = try ScriptedUpstream { heard in
            guard let query = heard.query else { return [] }
            var flags = query.flags
            flags.isResponse = true
            return [.reply(Message(id: query.id, flags: flags, questions: query.questions).encoded())]
        }
        let rig = try Rig([lame, try server(2)])
        #expect(await rig.addresses("a.test.", .v4) == "192.0.2.2")
    }

    @Test("forged replies are waited past")
    func resistsForgery() async throws {
        let server = try ScriptedUpstream { heard in
            let forged = heard.answer(66, id: UInt16(heard.message[0]) << 8 | UInt16(heard.message[1] ^ 1))
            return [
                .reply(forged), .replyFromElsewhere(heard.answer(66)),
                .reply(heard.answer(66, question: Array(QueryText("other.test. A").bytes[12...]))),
                .pause(milliseconds: 20), .reply(heard.answer(0xC000_0201)),
            ]
        }
        let rig = try Rig([server])
        #expect(await rig.addresses("bank.test.", .v4) == "192.0.2.1")
    }

    @Test("records of names that were not asked for mean nothing")
    func passesOverStrangers() async throws {
        let script = ZoneScript("")
        let server = try ScriptedUpstream { heard in
            guard let query = heard.query else { return [] }
            var reply = script.reply(query, .noError)
            reply.answer = [RecordText.record("bank.test. 5 A 192.0.2.66")]
            return [.reply(reply.encoded())]
        }
        let rig = try Rig([server]) { $0.cacheEntriesMax = 10 }
        #expect(await rig.addresses("a.test.", .v4) == "NODATA")
        _ = await rig.addresses("bank.test.", .v6)
        #expect(server.heard.count == 2)
    }

    @Test("queries have a random port and id each; letters are mixed where that is wanted", arguments: [false, true])
    func isUnpredictable(mixesCase: Bool) async throws {
        let server = try server(1)
        let rig = try Rig([server]) { $0.mixesCase = mixesCase }
        for _ in 0..<50 { #expect(await rig.addresses("a-name-with-many-letters.test.", .v4) == "192.0.2.1") }
        let heard = server.heard
        #expect(Set(heard.map(\.source.port)).count > 40)
        #expect(Set(heard.map { Array($0.message[0..<2]) }).count > 40)
        #expect((Set(heard.map(\.question)).count > 40) == mixesCase)
    }
}
