import DNSMessage
import Dispatch
import EventLoop
import PluginKit
@testable import Plugins
import TestSupport
import Testing
import Upstream

/// Forwarding with fake upstreams.
@Suite("forward")
struct ForwardTests {
    private static let address = ["www.example. 60 IN A 192.0.2.1"]
    private static let refused = FakeAction.fail(.unreachable(111))

    @Test("passes the answer on with the upstream's flags and the client's spelling")
    func passesOn() throws {
        let upstream = FakeScript(
            .answer(["www.example. 60 IN CNAME w.example.", "w.example. 5 IN A 192.0.2.1"]))
        let walk = ForwardRig([upstream]).start(TestQuery("WWW.Example.", .a))
        let reply = try walk.reply()
        #expect(reply.answer == ["WWW.Example. 60 IN CNAME w.example.", "w.example. 5 IN A 192.0.2.1"])
        #expect(reply.flags == "rd,ra")
        #expect(reply.edns == "size=1232")
        // 29 bytes of question and header, 32 and 27 of records, 11 of the upstream's OPT record.
        #expect(walk.length == 29 + 34 + 25 + 11)
    }

    @Test(
        "tells the upstream what the client told: flags, DO and options, but those between neighbours",
        arguments: [true, false])
    func passesRequestOn(_ hasEDNS: Bool) throws {
        let upstream = FakeScript(.answer(Self.address))
        var query = TestQuery("www.example.", .a, edns: hasEDNS ? .init(udpSize: 4096, dnssecOK: true) : nil)
        query.flags.authenticData = true
        query.flags.checkingDisabled = true
        query.edns?.options = [(.clientSubnet, [0, 1, 24, 0, 192, 0, 2]), (.cookie, [1, 2, 3, 4, 5, 6, 7, 8])]
        let reply = try ForwardRig([upstream]).ask(query)
        #expect(reply.edns == (hasEDNS ? "size=1232 do" : nil))
        let asked = try #require(upstream.asked.first)
        #expect(asked.message.flags.description == "rd,ad,cd")
        let opt = try #require(asked.message.additional.first)
        #expect(opt.class.rawValue == 1232)
        #expect(opt.ttl == (hasEDNS ? 0x8000 : 0))
        #expect(opt.data == .other(.opt, hasEDNS ? [0, 8, 0, 7, 0, 1, 24, 0, 192, 0, 2] : []))
    }

    @Test(
        "asks over the client's transport unless options want another",
        arguments: [
            (Transport.udp, false, false, false, true), (.tcp, false, false, true, false),
            (.udp, true, false, true, false), (.udp, true, true, true, false), (.udp, false, true, false, true),
            (.tcp, false, true, false, false),
        ])
    func choosesTransport(
        _ client: Transport, _ forcesTCP: Bool, _ prefersUDP: Bool, _ isStream: Bool, _ passesTruncated: Bool
    ) throws {
        let upstream = FakeScript(.answer(Self.address))
        let rig = ForwardRig([upstream]) { options in
            options.forcesTCP = forcesTCP
            options.prefersUDP = prefersUDP
        }
        var query = TestQuery("www.example.", .a)
        query.transport = client
        #expect(try rig.ask(query).answer == Self.address)
        #expect(upstream.asked.map(\.prefersStream) == [isStream])
        #expect(upstream.asked.map(\.truncation) == [passesTruncated ? .askAgainOrTake : .askAgain])
    }

    @Test("asks once what many ask at the same time, and spells each answer as it was asked")
    func coalesces() throws {
        let gate = FakeGate()
        let upstream = FakeScript(.held(gate, .answer(Self.address)))
        let rig = ForwardRig([upstream])
        let names: [Name] = ["www.example.", "WWW.example.", "www.EXAMPLE."]
        let walks = names.map { rig.start(TestQuery($0, .a)) }
        // Not equal: other flags, another type.
        var other = TestQuery("www.example.", .a)
        other.flags.checkingDisabled = true
        let others = [rig.start(other), rig.start(TestQuery("www.example.", .aaaa))]
        gate.open()
        for (name, walk) in zip(names, walks) {
            #expect(try walk.reply().answer == ["\(name) 60 IN A 192.0.2.1"])
        }
        for walk in others { #expect(try walk.reply().responseCode == "NOERROR") }
        #expect(upstream.asked.count == 3)
        #expect(rig.metrics("clusterdns_forward_coalesced_total") == ["clusterdns_forward_coalesced_total 2"])
    }

    @Test(
        "asks the next upstream when one fails, says SERVFAIL or REFUSED, or sends what cannot be read",
        arguments: [
            refused, .code(.servFail), .code(.refused), .silence, .fail(.disconnected), .fail(.tls("no")),
            // An A record of three bytes; a record that ends too early.
            .raw([0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 3, 1, 2, 3], answers: 1), .raw([0xC0, 12, 0, 1], answers: 1),
        ])
    func failsOver(_ action: FakeAction) throws {
        let (first, second) = (FakeScript(action), FakeScript(.answer(Self.address)))
        let reply = try ForwardRig([first, second]).ask("www.example.")
        #expect(reply.answer == Self.address)
        #expect(first.asked.count == 1)
        #expect(second.asked.count == 1)
    }

    @Test("passes on codes that are answers, and the last of those that are not")
    func passesCodesOn() throws {
        let denial = FakeScript(.code(.nxDomain))
        let unasked = FakeScript(.answer(Self.address))
        #expect(try ForwardRig([denial, unasked]).ask("www.example.").responseCode == "NXDOMAIN")
        #expect(unasked.asked.isEmpty)
        let failing = [FakeScript(.code(.servFail)), FakeScript(.code(.refused))]
        #expect(try ForwardRig(failing).ask("www.example.").responseCode == "REFUSED")
        #expect(failing.map(\.asked.count) == [1, 1])
        let only = ForwardRig([FakeScript(.code(.refused)), FakeScript(.answer(Self.address))]) { options in
            options.policy = .sequential
            options.failoverCodes = [.servFail]
        }
        #expect(try only.ask("www.example.").responseCode == "REFUSED")
    }

    @Test("prefers a code to no reply at all")
    func prefersCode() throws {
        let reply = try ForwardRig([FakeScript(.code(.servFail)), FakeScript(Self.refused)]).ask("www.example.")
        #expect(reply.responseCode == "SERVFAIL")
        #expect(reply.flags == "rd,ra")
    }

    @Test("gives up after two tries for each upstream and says why")
    func givesUp() throws {
        let scripts = [FakeScript(Self.refused), FakeScript(Self.refused)]
        let walk = ForwardRig(scripts).start(TestQuery("www.example.", .a))
        let reply = try walk.reply()
        #expect(reply.responseCode == "SERVFAIL")
        #expect(reply.edns?.contains("ede=23:") == true)
        #expect(walk.failure?.hasSuffix("192.0.2.1:53: read: connection refused") == true)
        #expect(scripts.map(\.asked.count) == [2, 2])
    }

    @Test("answers before stub resolvers give up when nothing answers")
    func answersInTime() throws {
        let walk = ForwardRig([FakeScript(.silence)]).start(TestQuery("www.example.", .a))
        let reply = try walk.reply()
        #expect(reply.responseCode == "SERVFAIL")
        #expect(reply.edns?.contains("ede=22:") == true)
        #expect(walk.failure?.hasSuffix("192.0.2.0:53: i/o timeout") == true)
    }

    @Test("tells a client over UDP to come back over TCP when the only reply cannot be read")
    func truncatesUnreadable() throws {
        let upstream = FakeScript(.raw([0xC0, 12, 0, 1], answers: 1))
        #expect(try ForwardRig([upstream]).ask("www.example.").flags == "tc,rd,ra")
        var query = TestQuery("www.example.", .a)
        query.transport = .tcp
        let walk = ForwardRig([upstream]).start(query)
        #expect(try walk.reply().responseCode == "SERVFAIL")
        #expect(walk.failure == "192.0.2.0:53: the reply has a bad answer section")
    }

    @Test("asks without EDNS whoever does not know it, unless the client used it")
    func fallsBackToPlain() throws {
        let upstream = FakeScript { query, _ in
            query.message.additional.isEmpty ? .answer(Self.address) : .code(.formErr, hasEDNS: false)
        }
        let rig = ForwardRig([upstream])
        #expect(try rig.ask(TestQuery("www.example.", .a, edns: nil)).answer == Self.address)
        #expect(try rig.ask("www.example.").responseCode == "FORMERR")
        #expect(upstream.asked.count == 3)
    }

    @Test("bounds what is under way, and what waits for it does not count")
    func boundsConcurrency() throws {
        let gate = FakeGate()
        let rig = ForwardRig([FakeScript(.held(gate, .answer(Self.address)))]) { $0.concurrentMax = 1 }
        let waiting = [rig.start(TestQuery("www.example.", .a)), rig.start(TestQuery("www.example.", .a))]
        let walk = rig.start(TestQuery("other.example.", .a))
        let reply = try walk.reply()
        #expect(reply.responseCode == "SERVFAIL")
        #expect(reply.edns == "size=1232 ede=23:\"concurrent queries exceeded maximum 1\"")
        #expect(walk.failure == "concurrent queries exceeded maximum 1")
        gate.open()
        for walk in waiting { #expect(try walk.reply().answer == Self.address) }
        #expect(try rig.ask("other.example.").responseCode == "NOERROR")
        #expect(rig.metrics("coredns_forward_max").suffix(1) == ["coredns_forward_max_concurrent_rejects_total 1"])
    }

    @Test(
        "forwards its zones but for exceptions",
        arguments: [
            ("corp.example.", true), ("a.Corp.example.", true), ("sub.corp.example.", false),
            ("a.sub.corp.example.", false), ("xcorp.example.", false), ("example.", false),
        ])
    func matches(_ name: Name, _ isForwarded: Bool) throws {
        let upstream = FakeScript(.code(.noError))
        let rig = ForwardRig([upstream], zones: ["corp.example."], except: ["sub.corp.example."])
        #expect(try rig.ask(name).responseCode == (isForwarded ? "NOERROR" : "SERVFAIL"))
        #expect(upstream.asked.count == (isForwarded ? 1 : 0))
    }

    @Test("leaves codes and empty answers to the next forward, if there is one")
    func leavesToNext() throws {
        let next = FakeScript(.answer(Self.address))
        let rig = ForwardRig([FakeScript(.code(.nxDomain))], next: next) { $0.nextCodes = [.nxDomain] }
        #expect(try rig.ask("www.example.").answer == Self.address)
        let empty = ForwardRig([FakeScript(.answer([]))], next: next) { $0.passesNoData = true }
        #expect(try empty.ask("www.example.").answer == Self.address)
        let last = ForwardRig([FakeScript(.code(.nxDomain))]) { $0.nextCodes = [.nxDomain] }
        #expect(try last.ask("www.example.").responseCode == "NXDOMAIN")
    }

    @Test("lets queries that wait come to their end after the stop")
    func endsAfterStop() throws {
        let gate = FakeGate()
        let rig = ForwardRig([FakeScript(.held(gate, .answer(Self.address)))])
        let walk = rig.start(TestQuery("www.example.", .a))
        rig.plugin.stop()
        rig.loop.queue.sync {}
        #expect(!walk.isDone)
        gate.open()
        #expect(try walk.reply().answer == Self.address)
        // Also what came down the chain only now.
        #expect(try rig.ask("www.example.").answer == Self.address)
    }
}
