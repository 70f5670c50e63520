import DNSMessage
import PluginKit
@testable import Plugins
import Telemetry
import TestSupport
import Testing

/// The upstream of the recordings from CoreDNS: what a name has goes by its first label.
private func upstream() -> ScriptedAnswer {
    ScriptedAnswer { name, type in
        typealias Answer = ScriptedAnswer.Answer
        let missing = Answer(authority: ["example.org. 40 IN SOA ns. h. 1 2 3 4 10"])
        switch (name.prefix { $0 != "." }, type) {
        case ("v4", .a): return Answer(answer: ["\(name) 30 IN A 192.0.2.33", "\(name) 30 IN A 10.0.0.1"])
        case ("dual", .a): return Answer(answer: ["\(name) 30 IN A 192.0.2.34"])
        case ("dual", .aaaa): return Answer(answer: ["\(name) 30 IN AAAA 2001:db8::34"])
        case ("v6", .aaaa): return Answer(answer: ["\(name) 30 IN AAAA 2001:db8::35"])
        case ("cn", .a):
            return Answer(answer: ["\(name) 30 IN CNAME v4.example.org.", "v4.example.org. 20 IN A 192.0.2.36"])
        case ("cn", .aaaa): return Answer(answer: ["\(name) 30 IN CNAME v4.example.org."])
        case ("soa", .a): return Answer(answer: ["\(name) 300 IN A 192.0.2.37"])
        case ("soa", _): return Answer(authority: ["example.org. 15 IN SOA ns. h. 1 2 3 4 10"])
        case ("long", .a): return Answer(answer: ["\(name) 3600 IN A 192.0.2.38"])
        case ("long", _): return Answer()
        case ("mapped", .aaaa): return Answer(answer: ["\(name) 30 IN AAAA ::ffff:192.0.2.1"])
        case ("mapped", .a): return Answer(answer: ["\(name) 30 IN A 192.0.2.1"])
        case ("half", .aaaa): return Answer(code: .servFail)
        case ("half", .a): return Answer(answer: ["\(name) 30 IN A 192.0.2.39"])
        case ("sf", _): return Answer(code: .servFail)
        case ("nx", _): return Answer(authority: missing.authority, code: .nxDomain)
        default: return missing
        }
    }
}

private let v6 = SocketAddress(IPAddress(high: 0x2001_0DB8_0000_0000, low: 1), port: 5600)
private let v4 = SocketAddress(IPAddress(v4: 0x7F00_0001), port: 5600)

@Suite("dns64")
struct DNS64Tests {
    private func ask(
        _ options: String, _ name: Name, _ type: RecordType = .aaaa, client: SocketAddress = v6
    ) throws -> TestReply {
        var query = TestQuery(name, type)
        query.client = client
        return try TestBlock("dns64 \(options)", answering: upstream()).ask(query)
    }

    @Test(
        "translates names without IPv6 addresses, as recorded from CoreDNS",
        arguments: [
            ("v4.test", "NOERROR rd", ["v4.test. 30 IN AAAA 64:ff9b::c000:221", "v4.test. 30 IN AAAA 64:ff9b::a00:1"]),
            ("dual.test", "NOERROR rd,ra", ["dual.test. 30 IN AAAA 2001:db8::34"]),
            ("v6.test", "NOERROR rd,ra", ["v6.test. 30 IN AAAA 2001:db8::35"]),
            (
                "cn.test", "NOERROR rd",
                ["cn.test. 30 IN CNAME v4.example.org.", "v4.example.org. 20 IN AAAA 64:ff9b::c000:224"]
            ),
            ("none.test", "NOERROR rd", ["example.org. 40 IN SOA ns. h. 1 2 3 4 10"]),
            ("soa.test", "NOERROR rd", ["soa.test. 15 IN AAAA 64:ff9b::c000:225"]),
            ("long.test", "NOERROR rd", ["long.test. 600 IN AAAA 64:ff9b::c000:226"]),
            ("half.test", "NOERROR rd", ["half.test. 30 IN AAAA 64:ff9b::c000:227"]),
            ("mapped.test", "NOERROR rd", ["mapped.test. 30 IN AAAA 64:ff9b::c000:201"]),
            ("sf.test", "SERVFAIL rd,ra", []),
            ("nx.test", "NXDOMAIN rd,ra", ["example.org. 40 IN SOA ns. h. 1 2 3 4 10"]),
        ] as [(Name, String, [String])])
    func translates(name: Name, header: String, records: [String]) throws {
        let reply = try ask("", name)
        #expect("\(reply.responseCode) \(reply.flags)" == header)
        #expect(reply.answer + reply.authority == records)
        #expect(reply.message.questions == [Message.Question(name, .aaaa)])
    }

    @Test("serves clients over IPv4 only where it is told to")
    func families() throws {
        #expect(try ask("", "v4.test", client: v4).answer.isEmpty)
        #expect(try ask("{\nallow_ipv4\n}", "v4.test", client: v4).answer.count == 2)
        #expect(try ask("", "v4.test", .mx).authority.count == 1)
        #expect(try ask("", "v4.test", .a).answer.first == "v4.test. 30 IN A 192.0.2.33")
    }

    @Test("translates all names where it is told to, but none that does not exist")
    func all() throws {
        let options = "{\nprefix 2001:db8:64::/96\ntranslate_all\n}"
        #expect(try ask(options, "dual.test").answer == ["dual.test. 30 IN AAAA 2001:db8:64::c000:222"])
        #expect(try ask(options, "v6.test").authority.count == 1)
        #expect(try ask(options, "nx.test").responseCode == "NXDOMAIN")
    }

    @Test(
        "puts addresses where RFC 6052 wants them",
        arguments: [
            ("2001:db8::/32", "2001:db8:c000:221::"), ("2001:db8:100::/40", "2001:db8:1c0:2:21::"),
            ("2001:db8:122::/48", "2001:db8:122:c000:2:2100::"), ("2001:db8:122:300::/56", "2001:db8:122:3c0:0:221::"),
            ("2001:db8:122:344::/64", "2001:db8:122:344:c0:2:2100::"),
            ("2001:db8:122:344::/96", "2001:db8:122:344::192.0.2.33"), ("64:ff9b::/96", "64:ff9b::192.0.2.33"),
        ])
    func layouts(prefix: String, expected: String) throws {
        let translation = try #require(AddressPrefix(prefix).flatMap { TranslationPrefix($0) })
        #expect(translation.address(for: IPAddress(v4: 0xC000_0221)) == IPAddress(expected))
    }

    @Test("leaves the answer alone for who checks signatures by itself, with DO and CD")
    func validating() throws {
        for (dnssecOK, isDisabled, count) in [(true, true, 0), (true, false, 2), (false, true, 2)] {
            var query = TestQuery("v4.test", .aaaa, edns: TestQuery.EDNS(dnssecOK: dnssecOK))
            query.client = v6
            query.flags.checkingDisabled = isDisabled
            let reply = try TestBlock("dns64", answering: upstream()).ask(query)
            #expect(reply.answer.count == count)
            #expect(reply.message.flags.checkingDisabled == isDisabled)
        }
    }

    @Test("counts what it translates")
    func counts() throws {
        let block = try RunningBlock("dns64", answering: upstream())
        var query = TestQuery("v4.test", .aaaa)
        query.client = v6
        for name in ["v4.test", "none.test", "dual.test", "nx.test"] as [Name] {
            query.name = name
            block.ask(query)
        }
        #expect(
            block.metrics("coredns_dns64_requests_translated_total{")
                == ["coredns_dns64_requests_translated_total{server=\"dns://:53\"} 2"])
    }

    @Test(
        "tells what is wrong",
        arguments: [
            ("dns64 10.0.0.0/8", ["2:7 error: '10.0.0.0/8' is no IPv6 prefix"]),
            ("dns64 64:ff9b::/95", ["2:7 error: a prefix for dns64 is 32, 40, 48, 56, 64 or 96 bits long, not 95"]),
            (
                "dns64 {\nprefix x\ntranslate\n}",
                ["3:8 error: 'x' is no IPv6 prefix", "4:1 error: unknown property 'translate'"]
            ),
        ] as [(String, [String])])
    func mistakes(lines: String, expected: [String]) {
        #expect(TestBlock.mistakes(lines + "\nwhoami") == expected)
    }
}
