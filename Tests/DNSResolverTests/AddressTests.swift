import DNSMessage
import DNSResolver
import TestSupport
import Testing

@Suite("Looking addresses up", .serialized)
struct AddressTests {
    private static let zone = """
        both.test. 60 A 192.0.2.1
        both.test. 30 AAAA 2001:db8::1
        four.test. 60 A 192.0.2.4
        six.test. 60 AAAA 2001:db8::6
        text.test. 60 TXT hello
        alias.test. 20 CNAME far.alias.test.
        far.alias.test. 60 CNAME both.test.
        loose.test. 20 CNAME elsewhere.example.
        elsewhere.example. 10 A 198.51.100.7
        dangling.test. 20 CNAME nothing.test.
        round.test. 20 CNAME around.test.
        around.test. 20 CNAME round.test.
        half.test. 60 A 192.0.2.5
        half.test. AAAA SERVFAIL
        quarter.test. A NXDOMAIN
        quarter.test. 60 AAAA 2001:db8::7
        broken.test. * SERVFAIL
        lonely.test. A SERVFAIL
        no.test. * REFUSED
        web.shop.test. 60 A 192.0.2.9
        """

    @Test(
        "A and AAAA make one decision",
        arguments: [
            ("both.test.", AddressFamilies.all, "192.0.2.1 2001:db8::1"), ("both.test.", .v4, "192.0.2.1"),
            ("both.test.", .v6, "2001:db8::1"), ("BOTH.Test.", .v6, "2001:db8::1"),
            ("four.test.", .all, "192.0.2.4"), ("four.test.", .v6, "NODATA"), ("six.test.", .all, "2001:db8::6"),
            ("text.test.", .all, "NODATA"), ("shop.test.", .all, "NODATA"), ("none.test.", .all, "NXDOMAIN"),
            ("alias.test.", .all, "192.0.2.1 2001:db8::1"), ("dangling.test.", .all, "NXDOMAIN"),
            ("round.test.", .all, "aliases"), ("half.test.", .all, "192.0.2.5"), ("half.test.", .v6, "SERVFAIL"),
            ("quarter.test.", .all, "2001:db8::7"), ("broken.test.", .all, "SERVFAIL"),
            // One family fails, the other is not there: the name may exist.
            ("lonely.test.", .all, "SERVFAIL"), ("no.test.", .all, "REFUSED"),
            ("192.0.2.200", .all, "192.0.2.200"), ("2001:DB8::C", .all, "2001:db8::c"),
            ("192.0.2.200", .v6, "NODATA"), ("a..b", .all, "bad name"), ("", .all, "bad name"),
            // What only getaddrinfo takes for an address.
            ("127.1", .all, "oldForm"), ("2130706433", .v4, "oldForm"), ("0x7f.0.0.1", .all, "oldForm"),
            ("010.0.0.1", .all, "oldForm"), ("fe80::1%eth0", .all, "zone"), ("fe80::1%1", .v4, "zone"),
            ("127.1.", .all, "NXDOMAIN"), ("127.1.x", .all, "NXDOMAIN"), ("a%b.", .all, "NXDOMAIN"),
            ("1.2.3.4%5.", .all, "NXDOMAIN"), ("1.2.3.4.5", .all, "NXDOMAIN"), ("127.0.0.256.", .all, "NXDOMAIN"),
            ("localhost", .all, "127.0.0.1 ::1"), ("db.localhost.", .v4, "127.0.0.1"),
            ("x.invalid", .all, "NXDOMAIN"),
        ])
    func decides(host: String, families: AddressFamilies, expected: String) async throws {
        let rig = try Rig(Self.zone)
        #expect(await rig.addresses(host, families) == expected)
    }

    @Test("aliases that lead out of a reply are asked on")
    func asksOn() async throws {
        let script = ZoneScript("elsewhere.example. 10 A 198.51.100.7\nelsewhere.example. 10 AAAA 2001:db8::9")
        let server = try ScriptedUpstream { heard in
            guard let query = heard.query, heard.asked.hasPrefix("loose.test.") else { return script.steps(heard) }
            var reply = script.reply(query, .noError)
            reply.answer = [RecordText.record("loose.test. 5 CNAME elsewhere.example.")]
            return [.reply(reply.encoded())]
        }
        let rig = try Rig([server])
        let answers = try await rig.resolver.addresses(of: "loose.test.")
        #expect(Set(answers.values.map(\.description)) == ["198.51.100.7", "2001:db8::9"])
        #expect(answers.canonicalName == "elsewhere.example.")
        #expect(answers.timeToLive == .seconds(5))
    }

    @Test("results tell the last name, the least TTL and the server")
    func tells() async throws {
        let rig = try Rig(Self.zone)
        let answers = try await rig.resolver.addresses(of: "alias.test.")
        #expect(answers.canonicalName == "both.test.")
        #expect(answers.timeToLive == .seconds(20))
        #expect(answers.source == .server(rig.servers[0].address))
        #expect(try await rig.resolver.addresses(of: "192.0.2.1").source == .literal)
    }

    @Test("a family that does not come is not waited for, once the other is there")
    func hasGrace() async throws {
        let rig = try Rig("slow.test. 60 A 192.0.2.1\nslow.test. AAAA silence", conf: "options timeout:30 attempts:5") {
            $0.familyGrace = .milliseconds(20)
        }
        #expect(await rig.addresses("slow.test.") == "192.0.2.1")
    }

    @Test("with no-aaaa only A records are asked for")
    func omitsAAAA() async throws {
        let rig = try Rig(Self.zone, conf: "options no-aaaa")
        #expect(await rig.addresses("both.test.") == "192.0.2.1")
        #expect(await rig.addresses("both.test.", .v6) == "NODATA")
        #expect(rig.asked == ["both.test. A"])
    }

    @Test("a reply that does not fit into UDP is fetched over TCP, and with use-vc there is no UDP")
    func usesTCP() async throws {
        let server = try ScriptedUpstream { heard in
            [.reply(heard.answer(count: heard.transport == .udp ? 0 : 300, truncated: heard.transport == .udp))]
        }
        let rig = try Rig([server])
        #expect(try await rig.resolver.addresses(of: "many.test.", .v4).values.count == 300)
        #expect(server.heard.map(\.transport) == [.udp, .tcp])
        let other = try Rig([server], conf: "options use-vc")
        #expect(try await other.resolver.addresses(of: "many.test.", .v4).values.count == 300)
        #expect(server.heard.map(\.transport) == [.udp, .tcp, .tcp])
    }

    @Test("queries carry RD and an OPT record of 1232 bytes; a server that cannot read that is asked without")
    func hasEDNS() async throws {
        let server = try ScriptedUpstream { heard in
            let hasOPT = heard.query?.additional.contains { $0.type == .opt } == true
            return [.reply(hasOPT ? heard.answer(count: 0, code: 1) : heard.answer())]
        }
        let rig = try Rig([server])
        #expect(await rig.addresses("a.test.", .v4) == "192.0.2.1")
        #expect(await rig.addresses("b.test.", .v4) == "192.0.2.1")
        let queries = server.heard.compactMap(\.query)
        #expect(queries.map { $0.additional.first?.class.rawValue } == [1_232, nil, nil])
        #expect(queries.allSatisfy { $0.flags.recursionDesired && $0.flags.opcode == .query })
    }

    @Test("what the server says about a failure is told")
    func explains() async throws {
        let server = try ScriptedUpstream { heard in
            let text = Array("not synced\u{1B}[2J".utf8)
            let option = [0, 15, 0, UInt8(2 + text.count), 0, 14] + text
            let opt: [UInt8] = [0, 0, 41, 4, 208, 0, 0, 0, 0, 0, UInt8(option.count)] + option
            var reply = heard.answer(count: 0, code: 2)
            reply[11] = 1
            return [.reply(reply + opt)]
        }
        let rig = try Rig([server])
        await #expect(throws: LookupError("a.test.", .serverFailure(.servFail, explanation: "not synced[2J"))) {
            try await rig.resolver.addresses(of: "a.test.")
        }
    }
}
