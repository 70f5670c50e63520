import DNSMessage
@testable import DNSResolver
import TestSupport
import Testing

@Suite("Services, names, texts and records", .serialized)
struct ServiceTests {
    private static let zone = """
        _http._tcp.web.test. 60 SRV 20 0 8080 far.test.
        _http._tcp.web.test. 60 SRV 10 5 80 near.test.
        near.test. 60 A 192.0.2.1
        near.test. 60 AAAA 2001:db8::1
        _sip._udp.web.test. 30 SRV 0 0 5060 sip.example.
        sip.example. 10 A 198.51.100.9
        _dead._tcp.web.test. 60 SRV 0 0 0 .
        text.test. 60 TXT "one" "two"
        text.test. 60 TXT "three"
        mail.test. 60 MX 10 near.test.
        7.2.0.192.in-addr.arpa. 60 PTR seven.test.
        c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. 60 PTR twelve.test.
        """

    @Test("targets come by priority, with the addresses that came along or are looked up")
    func findsServices() async throws {
        let rig = try Rig(Self.zone)
        let web = try await rig.resolver.services(of: "_http._tcp.web.test.")
        #expect(
            web.values.map { "\($0.host) \($0.port) \($0.addresses.map(\.description).sorted())" } == [
                "near.test. 80 [\"192.0.2.1\", \"2001:db8::1\"]", "far.test. 8080 []",
            ])
        #expect(web.canonicalName == "_http._tcp.web.test.")
        let sip = try await rig.resolver.services(of: "_sip._udp.web.test")
        #expect(sip.values.map(\.addresses) == [[IPAddress(v4: 0xC633_6409)]])
        #expect(sip.timeToLive == .seconds(30))
    }

    @Test("a service that is expressly not there is NODATA")
    func refusesRoot() async throws {
        let rig = try Rig(Self.zone)
        let told = await rig.told { () throws(LookupError) in
            try await rig.resolver.services(of: "_dead._tcp.web.test.").values.map { "\($0.host)" }
        }
        #expect(told == "NODATA")
    }

    @Test(
        "addresses have names",
        arguments: [
            ("192.0.2.7", "seven.test."), ("::ffff:192.0.2.7", "seven.test."), ("2001:db8::c", "twelve.test."),
            ("192.0.2.8", "NXDOMAIN"),
        ])
    func findsNames(address: String, expected: String) async throws {
        let rig = try Rig(Self.zone)
        let asked = try #require(IPAddress(address))
        #expect(
            await rig.told { () throws(LookupError) in
                try await rig.resolver.names(of: asked).values.map(\.description)
            } == expected)
    }

    @Test("texts and records of any type come as they are")
    func findsRecords() async throws {
        let rig = try Rig(Self.zone)
        #expect(try await rig.resolver.texts(of: "text.test.").values.map(\.joined) == ["onetwo", "three"])
        let mail = try await rig.resolver.records(of: "mail.test.", .mx).values
        #expect(mail.map(RecordText.text) == ["mail.test. 60 IN MX 10 near.test."])
        let all = try await rig.resolver.records(of: "near.test.", .any).values
        #expect(all.map(\.type) == [.a, .aaaa])
    }

    @Test("every target of one priority is drawn first as often as its weight says")
    func drawsByWeight() {
        var random = SystemRandomNumberGenerator()
        let weights: [UInt16] = [0, 10, 30, 60]
        let targets =
            weights.enumerated().map {
                ServiceTarget(priority: 1, weight: $1, port: UInt16($0), host: .root)
            } + [ServiceTarget(priority: 0, weight: 0, port: 9, host: .root)]
        var first = [Int](repeating: 0, count: 4)
        for _ in 0..<10_000 {
            let sorted = ServiceOrder.sorted(targets, using: &random)
            #expect(sorted[0].port == 9)
            #expect(Set(sorted.map(\.port)) == [0, 1, 2, 3, 9])
            first[Int(sorted[1].port)] += 1
        }
        // Ten standard deviations.
        for (index, share) in [99, 990, 2_970, 5_941].enumerated() { #expect(abs(first[index] - share) < 500) }
        #expect(first[0] > 0)
        #expect(ServiceOrder.sorted([], using: &random).isEmpty)
    }
}
