import DNSMessage
import TestSupport
import Testing
import Upstream

@Suite("Asking over TCP")
struct StreamTests {
    @Test("many queries share connections, and replies in any order find theirs")
    func pipelines() throws {
        let upstream = try ScriptedUpstream { [.reply($0.answer())] }
        let asker = try Asker(upstream.address)
        let pending = (0..<100).map { ($0, asker.start(QueryText("x.Example.\($0). A"), prefersStream: true)) }
        for (number, one) in pending {
            let outcome = one.wait()
            #expect(outcome.reply?.questionName == "x.Example.\(number).")
            #expect(outcome.transport == .tcp)
        }
        #expect(upstream.connectionCount <= 16)
        #expect(asker.pendingCount == 0)
    }

    @Test("replies in another order, in pieces and together, find their queries")
    func reassembles() throws {
        let first = Box<ScriptedUpstream.Heard?>(nil)
        let upstream = try ScriptedUpstream { heard in
            guard let earlier = first.swap(heard) else { return [] }
            let both = heard.answer(2).framed + earlier.answer(1).framed
            let cut = both.count / 2 + 1
            return [.raw(Array(both[..<1])), .pause(milliseconds: 5), .raw(Array(both[1..<cut]))]
                + [.pause(milliseconds: 5), .raw(Array(both[cut...]))]
        }
        let asker = try Asker(upstream.address)
        let one = asker.start("one.example. A", prefersStream: true)
        let two = asker.start("two.example. A", prefersStream: true)
        #expect(one.wait().reply?.suffix(1) == [1])
        #expect(two.wait().reply?.suffix(1) == [2])
        #expect(upstream.connectionCount == 1)
    }

    @Test("a reply of the greatest length comes whole")
    func takesGreatReply() throws {
        let upstream = try ScriptedUpstream { heard in
            var reply = heard.answer(count: 1)
            reply += [UInt8](repeating: 0xAB, count: 65_535 - reply.count)
            return [.reply(reply)]
        }
        let asker = try Asker(upstream.address)
        #expect(asker.ask("a.example. A", prefersStream: true).reply?.count == 65_535)
        #expect(asker.ask("b.example. A", prefersStream: true).reply?.count == 65_535)
    }

    @Test("a connection is used again, until it has been idle for long", arguments: [UInt64(60_000), 1])
    func keepsConnections(milliseconds: UInt64) throws {
        let upstream = try ScriptedUpstream { [.reply($0.answer())] }
        let asker = try Asker(upstream.address) { $0.idleTimeout = milliseconds * 1_000_000 }
        #expect(asker.ask("a.example. A", prefersStream: true).transport == .tcp)
        // Long enough for the second argument, of no account for the first.
        if milliseconds == 1 { pause(milliseconds: 300) }
        #expect(asker.ask("b.example. A", prefersStream: true).transport == .tcp)
        #expect(upstream.connectionCount == (milliseconds == 1 ? 2 : 1))
    }

    @Test("a connection that is too old takes no query")
    func replacesOldConnections() throws {
        let upstream = try ScriptedUpstream { [.reply($0.answer())] }
        let asker = try Asker(upstream.address) { $0.ageMax = 1 }
        for _ in 0..<3 { #expect(asker.ask("a.example. A", prefersStream: true).transport == .tcp) }
        #expect(upstream.connectionCount == 3)
    }

    @Test("a query is sent once more where the server has closed the connection meanwhile")
    func triesAgain() throws {
        let upstream = try ScriptedUpstream { [.reply($0.answer()), .close] }
        let asker = try Asker(upstream.address)
        for number in 0..<20 {
            #expect(asker.ask(QueryText("a.\(number). A"), prefersStream: true).transport == .tcp)
        }
        #expect(upstream.connectionCount == 20)
    }

    @Test(
        "what comes wrong ends in words, or in silence until the deadline",
        arguments: [
            ("closes", "disconnected"), ("closes in a message", "disconnected"), ("says nothing", "timed out"),
            ("sends garbage", "the server sends a message of 3 bytes, which is shorter than a header"),
            ("sends strays", "the server sends replies to nothing that was asked"), ("asks otherwise", "timed out"),
        ])
    func failsInWords(fault: String, word: String) throws {
        let upstream = try ScriptedUpstream { heard in
            switch fault {
            case "closes": [.close]
            case "closes in a message": [.raw(Array(heard.answer().framed.prefix(20))), .close]
            case "sends garbage": [.raw([0, 3, 1, 2, 3])]
            case "sends strays": (0..<101).map { _ in .reply(heard.answer(id: 7, question: [0, 0, 1, 0, 1])) }
            case "asks otherwise": [.reply(heard.answer(question: [0, 0, 1, 0, 1]))]
            default: []
            }
        }
        let asker = try Asker(upstream.address)
        let waits = word == "timed out"
        let outcome = asker.ask("a.example. A", milliseconds: waits ? 300 : 30_000, prefersStream: true)
        #expect(outcome.word == word)
        #expect(asker.pendingCount == 0)
    }

    @Test("no more connections are kept idle than is allowed")
    func boundsIdleConnections() throws {
        let upstream = try ScriptedUpstream { [.pause(milliseconds: 20), .reply($0.answer())] }
        let asker = try Asker(upstream.address) { $0.idleConnectionsMax = 1 }
        let pending = (0..<40).map { asker.start(QueryText("a.\($0). A"), prefersStream: true) }
        for one in pending { #expect(one.wait().transport == .tcp) }
        let before = upstream.connectionCount
        #expect(before > 1)
        let more = (0..<40).map { asker.start(QueryText("b.\($0). A"), prefersStream: true) }
        for one in more { #expect(one.wait().transport == .tcp) }
        #expect(upstream.connectionCount > before)
    }

    @Test("what was taken back or closed is not heard of any more")
    func endsQuietly() throws {
        let upstream = try ScriptedUpstream { [.pause(milliseconds: 100), .reply($0.answer())] }
        let asker = try Asker(upstream.address)
        let taken = asker.start("a.example. A", prefersStream: true)
        let last = asker.start("b.example. A", prefersStream: true)
        asker.cancel(taken)
        asker.close()
        #expect(asker.ask("c.example. A", prefersStream: true).word == "closed")
        #expect(last.wait().transport == .tcp)
        #expect(taken.count == 0)
        #expect(asker.pendingCount == 0)
    }

    @Test("thousands of queries leave no descriptor open")
    func leaksNothing() throws {
        let upstream = try ScriptedUpstream { heard in
            [.reply(heard.answer(truncated: heard.transport == .udp && heard.message[0] & 7 == 0))]
        }
        let before = OpenDescriptors.count
        for _ in 0..<50 {
            let asker = try Asker(upstream.address)
            let pending = (0..<20).map { asker.start(QueryText("a.\($0). A")) }
            for one in pending { #expect(one.wait().reply != nil) }
        }
        // Other tests open some too, but far fewer than these would leave: 20 sockets for each of 50.
        #expect(OpenDescriptors.settle(at: before + 500) <= before + 500)
    }
}
