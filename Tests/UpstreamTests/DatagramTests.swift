import DNSMessage
import TestSupport
import Testing
import Upstream

@Suite("Asking over UDP")
struct DatagramTests {
    private typealias Heard = ScriptedUpstream.Heard
    private typealias Step = ScriptedUpstream.Step

    @Test("gets the reply, with the name as it was asked for and an id of its own")
    func asks() throws {
        let upstream = try ScriptedUpstream { [.reply($0.answer())] }
        let asker = try Asker(upstream.address)
        let outcome = asker.ask("Some.Long-Name.Of.EXAMPLE.org. A +edns id=1")
        #expect(outcome.transport == .udp)
        #expect(outcome.reply?.questionName == "Some.Long-Name.Of.EXAMPLE.org.")
        #expect(asker.pendingCount == 0)
    }

    @Test("every query has another port, another id and another case")
    func isUnpredictable() throws {
        let upstream = try ScriptedUpstream { [.reply($0.answer())] }
        let asker = try Asker(upstream.address)
        for _ in 0..<200 { #expect(asker.ask("a-name-with-many-letters.example.org. A").transport == .udp) }
        let heard = upstream.heard
        let ids = heard.map { UInt16($0.message[0]) << 8 | UInt16($0.message[1]) }
        // 200 draws of some 28000 ports, and of 65536 ids, seldom meet, and hardly ever ten times.
        #expect(Set(heard.map(\.source.port)).count > 190)
        #expect(Set(ids).count > 190)
        #expect(Set(heard.map(\.question)).count > 190)
        #expect(Set(heard.map { $0.question.map(foldedByte) }).count == 1)
        #expect(heard.allSatisfy { $0.source.port >= 1_024 })
    }

    @Test("queries that are under way at once each get their own reply")
    func asksAtOnce() throws {
        let upstream = try ScriptedUpstream { [.reply($0.answer(UInt32($0.message[13]), code: 0))] }
        let asker = try Asker(upstream.address)
        let letters = Array("abcdefghijklmnopqrstuvwxyz")
        let pending = (0..<150).map { ($0, asker.start(QueryText("\(letters[$0 % 26])x.example.\($0). A"))) }
        for (number, one) in pending {
            #expect(one.wait().reply?.questionName == "\(letters[number % 26])x.example.\(number).")
        }
        #expect(asker.pendingCount == 0)
    }

    @Test(
        "passes over what is no reply to the query, and waits for the one that is",
        arguments: ["id", "name", "type", "source", "query", "opcode", "short", "two questions"])
    func passesOver(fault: String) throws {
        let upstream = try ScriptedUpstream { heard in
            let right = heard.answer()
            var wrong = right
            switch fault {
            case "id": wrong[0] ^= 1
            case "name": wrong[14] ^= 3
            case "type": wrong[heard.question.count + 9] ^= 2
            case "source": return [.replyFromElsewhere(right), .pause(milliseconds: 20), .reply(heard.answer(1))]
            case "query": wrong[2] &= 0x7F
            case "opcode": wrong[2] |= 0x10
            case "short": wrong = Array(right.prefix(11))
            default: wrong[5] = 2
            }
            return [.reply(wrong), .pause(milliseconds: 20), .reply(heard.answer(1))]
        }
        let asker = try Asker(upstream.address)
        let outcome = asker.ask("name.with.letters.example. A")
        #expect(outcome.transport == .udp)
        #expect(outcome.reply?.suffix(4) == [0, 0, 0, 1])
    }

    @Test("once an upstream has kept the case, a reply in another one is a forgery")
    func passesOverOtherCase() throws {
        let upstream = try ScriptedUpstream { heard in
            let forged: [ScriptedUpstream.Step] = [.reply(heard.answer(66).inLowerCase)]
            let isFirst = heard.message.questionName.lowercased().hasPrefix("first")
            return (isFirst ? [] : forged) + [.pause(milliseconds: 20), .reply(heard.answer(1))]
        }
        let asker = try Asker(upstream.address)
        #expect(asker.ask("first-with-many-letters.example. A").transport == .udp)
        let outcome = asker.ask("second-with-many-letters.example. A")
        #expect(outcome.transport == .udp)
        #expect(outcome.reply?.suffix(4) == [0, 0, 0, 1])
    }

    @Test("an upstream that garbles the case is asked over TCP, and then without mixed case")
    func noticesGarbling() throws {
        let upstream = try ScriptedUpstream { heard in
            [.reply(heard.transport == .udp ? heard.answer().inLowerCase : heard.answer())]
        }
        let asker = try Asker(upstream.address)
        for _ in 0..<3 {
            #expect(asker.ask("a-name-with-many-letters.example. A").transport == .tcp)
        }
        #expect(asker.ask("a-name-with-many-letters.example. A").transport == .udp)
    }

    @Test("with mixed case turned off a name is sent as it is")
    func leavesCase() throws {
        let upstream = try ScriptedUpstream { [.reply($0.answer())] }
        let asker = try Asker(upstream.address) { $0.mixesCase = false }
        #expect(asker.ask("An.Example. A").reply?.questionName == "An.Example.")
        #expect(upstream.heard.first?.message.questionName == "An.Example.")
    }

    @Test("asks over TCP when it is flooded with forgeries")
    func resistsFlood() throws {
        let upstream = try ScriptedUpstream { heard in
            guard heard.transport == .udp else { return [.reply(heard.answer(7))] }
            let id = UInt16(heard.message[0]) << 8 | UInt16(heard.message[1])
            return (0..<3_000).map { .reply(heard.answer(66, id: id &+ 1 &+ UInt16($0))) }
        }
        let asker = try Asker(upstream.address)
        let outcome = asker.ask("bank.example. A")
        #expect(outcome.transport == .tcp)
        #expect(outcome.reply?.suffix(4) == [0, 0, 0, 7])
    }

    @Test("tells how many replies it passed over when it gives up")
    func countsMismatches() throws {
        let upstream = try ScriptedUpstream { [.reply($0.answer(id: 0)), .reply($0.answer(id: 0))] }
        let asker = try Asker(upstream.address)
        guard case .failure(.timedOut(let count)) = asker.ask("bank.example. A", milliseconds: 500) else {
            Issue.record("no time-out")
            return
        }
        #expect(count <= 2)
    }

    @Test("queries to a silent upstream are given up, whatever the order of their deadlines")
    func timesOut() throws {
        let upstream = try ScriptedUpstream { _ in [] }
        let asker = try Asker(upstream.address)
        let pending = [400, 100, 250].map { asker.start("a.example. A", milliseconds: $0) }
        for one in pending { #expect(one.wait().word == "timed out") }
        #expect(pending.allSatisfy { $0.count == 1 })
        #expect(asker.pendingCount == 0)
    }

    @Test("a port where nobody listens is told as such, at once", arguments: [false, true])
    func isRefused(overStream: Bool) throws {
        let asker = try Asker(.loopback(FreePorts.take()))
        let outcome = asker.ask("a.example. A", prefersStream: overStream)
        guard case .failure(.unreachable(let code)) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(code == 111)
    }

    @Test(
        "a truncated reply is asked again over TCP, unless it is wanted",
        arguments: [UpstreamQuery.Truncation.take, .askAgain, .askAgainOrTake])
    func followsTruncation(_ truncation: UpstreamQuery.Truncation) throws {
        let upstream = try ScriptedUpstream { heard in
            [.reply(heard.answer(count: heard.transport == .udp ? 1 : 2_000, truncated: heard.transport == .udp))]
        }
        let asker = try Asker(upstream.address)
        let outcome = asker.ask("A.example. A", truncation: truncation)
        #expect(outcome.transport == (truncation == .take ? .udp : .tcp))
        #expect(outcome.reply?.questionName == "A.example.")
        #expect((outcome.reply?.count ?? 0) > (truncation == .take ? 20 : 32_000))
        #expect(asker.pendingCount == 0)
    }

    @Test(
        "a truncated reply is what there is, where TCP fails or says nothing",
        arguments: [[ScriptedUpstream.Step.close], []], [UpstreamQuery.Truncation.askAgain, .askAgainOrTake])
    func takesTruncatedAtLast(_ steps: [ScriptedUpstream.Step], _ truncation: UpstreamQuery.Truncation) throws {
        let upstream = try ScriptedUpstream { heard in
            heard.transport == .udp ? [.reply(heard.answer(truncated: true))] : steps
        }
        let asker = try Asker(upstream.address)
        for _ in 0..<2 {
            let outcome = asker.ask("A.example. A", milliseconds: 1_000, truncation: truncation)
            #expect(outcome.transport == (truncation == .askAgain ? nil : .udp))
            #expect(outcome.reply?.questionName == (truncation == .askAgain ? nil : "A.example."))
        }
        #expect(asker.pendingCount == 0)
    }

    @Test("an answer that repeats the mixed name gets it back as it was asked for")
    func restoresOwners() throws {
        let upstream = try ScriptedUpstream { heard in
            var reply = heard.answer()
            let owner = reply.count - 16
            reply.replaceSubrange(owner..<owner + 2, with: heard.question.dropLast(4))
            return [.reply(reply)]
        }
        let asker = try Asker(upstream.address)
        let reply = try #require(asker.ask("Longer.Name.Example. A").reply)
        let name = Array(QueryText("Longer.Name.Example. A").bytes[12...].dropLast(4))
        #expect(Array(reply[(16 + name.count)...].prefix(name.count)) == name)
    }

    @Test("a refusal without a question is a reply, and gets its question back", arguments: [1, 2, 4, 5])
    func takesBareRefusal(code: UInt8) throws {
        let upstream = try ScriptedUpstream { heard in
            [.reply(Array(heard.message[0..<2]) + [0x81, 0x80 | code] + [UInt8](repeating: 0, count: 8))]
        }
        let reply = try #require(try Asker(upstream.address).ask("Bad.Example. A").reply)
        #expect(reply.questionName == "Bad.Example.")
        #expect(reply[3] & 15 == code)
    }

    @Test("what was taken back or closed is not heard of any more, and nothing is kept open")
    func endsQuietly() throws {
        let upstream = try ScriptedUpstream { [.pause(milliseconds: 100), .reply($0.answer())] }
        let asker = try Asker(upstream.address)
        let taken = asker.start("a.example. A")
        let last = asker.start("b.example. A")
        asker.cancel(taken)
        #expect(asker.pendingCount == 1)
        asker.close()
        #expect(asker.ask("c.example. A").word == "closed")
        #expect(last.wait().transport == .udp)
        #expect(taken.count == 0)
        #expect(asker.pendingCount == 0)
    }

    @Test("a query that was under way at the close is still asked again over TCP")
    func followsTruncationAtClose() throws {
        let upstream = try ScriptedUpstream { heard in
            [.pause(milliseconds: 100), .reply(heard.answer(truncated: heard.transport == .udp))]
        }
        let asker = try Asker(upstream.address)
        let last = asker.start("a.example. A")
        asker.close()
        #expect(last.wait().transport == .tcp)
        #expect(asker.pendingCount == 0)
    }

    @Test("asks from the address that it is told to")
    func bindsSource() throws {
        let upstream = try ScriptedUpstream { [.reply($0.answer())] }
        let asker = try Asker(upstream.address) { $0.sourceAddress = IPAddress("127.0.0.9") }
        for _ in 0..<20 { #expect(asker.ask("a.example. A").transport == .udp) }
        #expect(Set(upstream.heard.map(\.source.port)).count > 15)
        #expect(upstream.heard.allSatisfy { $0.source.address == IPAddress("127.0.0.9") })
        #expect(asker.ask("a.example. A", prefersStream: true).transport == .tcp)
        #expect(upstream.heard.last?.source.address == IPAddress("127.0.0.9"))
    }
}
