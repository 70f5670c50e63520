import DNSMessage
import Ldns
import Testing
@testable import Zone

@Suite("a zone")
struct ZoneTests {
    /// Much of it was recorded from CoreDNS.
    static let text = """
        $TTL 3600
        @   IN SOA ns1 admin 2024010101 7200 3600 1209600 300
            IN NS  ns1
            IN NS  ns2.other.test.
            IN MX  10 mail
        ns1 IN A 192.0.2.53
        ns1 IN AAAA 2001:db8::53
        mail IN A 192.0.2.25
        www 60 IN A 192.0.2.1
        www 60 IN A 192.0.2.2
        Mixed IN A 192.0.2.3
        cname1 IN CNAME www
        cname2 IN CNAME Cname1
        dangle IN CNAME nowhere
        outside IN CNAME www.other.test.
        loop1 IN CNAME loop2
        loop2 IN CNAME loop1
        self IN CNAME self
        cnwild IN CNAME abc.wild
        *.wild 120 IN A 192.0.2.99
        host.wild IN A 192.0.2.98
        *.deep.wild IN A 192.0.2.97
        *.cw IN CNAME www
        *.cl IN CNAME x.cl
        a.b.ent IN A 192.0.2.7
        sub IN NS ns.sub
        sub IN NS ns.other.test.
        sub IN DS 12345 13 2 0123456789012345678901234567890123456789012345678901234567890123
        ns.sub IN A 192.0.2.60
        occluded.sub IN TXT "not ours"
        deeper.sub IN NS ns.deeper.sub
        tosub IN CNAME x.sub
        near IN NS www
        near IN NS ns.sub
        near IN NS ns.near
        ns.near IN A 192.0.2.61
        dn IN DNAME www.other2.test.
        dn IN A 192.0.2.66
        dnin IN DNAME tgt
        below.dnin IN A 192.0.2.67
        x.tgt IN A 192.0.2.70
        _sip._tcp IN SRV 10 20 5060 www
        _sip._tcp IN SRV 20 20 5060 www
        alias IN HTTPS 0 www
        unknown IN TYPE65280 \\# 4 0A000001
        twice IN A 192.0.2.8
        twice IN A 192.0.2.8
        """

    static let servers = ["example.org. 3600 NS ns1.example.org.", "example.org. 3600 NS ns2.other.test."]
    /// With the TTL of a denial (RFC 2308 §3).
    static let authority = [
        "example.org. 300 SOA ns1.example.org. admin.example.org. 2024010101 7200 3600 1209600 300"
    ]
    static let www = ["www.example.org. 60 A 192.0.2.1", "www.example.org. 60 A 192.0.2.2"]

    struct Case: CustomTestStringConvertible {
        let name: Name
        let type: RecordType
        let outcome: String
        var answer: [String] = []
        var authority: [String] = []
        var additional: [String] = []
        var testDescription: String { "\(name) \(type)" }

        init(
            _ name: Name, _ type: RecordType, _ outcome: String, _ answer: [String] = [],
            _ authority: [String]? = nil, _ additional: [String] = []
        ) {
            self.name = name
            self.type = type
            self.outcome = outcome
            self.answer = answer
            self.additional = additional
            self.authority = authority ?? (outcome == "data" ? ZoneTests.servers : ZoneTests.authority)
        }
    }

    @Test(
        "answers what is there and denies what is not",
        arguments: [
            Case(
                "example.org", .soa, "data",
                ["example.org. 3600 SOA ns1.example.org. admin.example.org. 2024010101 7200 3600 1209600 300"]),
            Case(
                "example.org", .ns, "data", servers, [],
                ["ns1.example.org. 3600 A 192.0.2.53", "ns1.example.org. 3600 AAAA 2001:db8::53"]),
            Case(
                "example.org", .mx, "data", ["example.org. 3600 MX 10 mail.example.org."], servers,
                ["mail.example.org. 3600 A 192.0.2.25"]),
            Case("www.example.org", .a, "data", www), Case("WWW.Example.ORG", .a, "data", www),
            Case("www.example.org", .aaaa, "noData"), Case("www.example.org", .any, "noData"),
            Case("mixed.example.org", .a, "data", ["mixed.example.org. 3600 A 192.0.2.3"]),
            Case("nope.example.org", .a, "nameError"), Case("x.www.example.org", .a, "nameError"),
            Case("ent.example.org", .a, "emptyName"), Case("b.ent.example.org", .a, "emptyName"),
            Case("z.ent.example.org", .a, "nameError"),
            Case(
                "unknown.example.org", RecordType(rawValue: 65280), "data",
                ["unknown.example.org. 3600 TYPE65280 \\# 4 0a000001"]),
            Case("twice.example.org", .a, "data", ["twice.example.org. 3600 A 192.0.2.8"]),
            Case(
                "_sip._tcp.example.org", .srv, "data",
                [
                    "_sip._tcp.example.org. 3600 SRV 10 20 5060 www.example.org.",
                    "_sip._tcp.example.org. 3600 SRV 20 20 5060 www.example.org.",
                ], servers, www),
            Case(
                "alias.example.org", .https, "data", ["alias.example.org. 3600 HTTPS 0 www.example.org."], servers,
                www),
        ])
    func answers(_ asked: Case) throws { try check(asked) }

    @Test(
        "lets wildcards stand for names that are not there (RFC 4592)",
        arguments: [
            Case("a.wild.example.org", .a, "data", ["a.wild.example.org. 120 A 192.0.2.99"]),
            Case("a.b.wild.example.org", .a, "data", ["a.b.wild.example.org. 120 A 192.0.2.99"]),
            Case("a.wild.example.org", .mx, "noData"), Case("wild.example.org", .a, "emptyName"),
            Case("host.wild.example.org", .a, "data", ["host.wild.example.org. 3600 A 192.0.2.98"]),
            Case("x.host.wild.example.org", .a, "nameError"),
            Case("x.deep.wild.example.org", .a, "data", ["x.deep.wild.example.org. 3600 A 192.0.2.97"]),
            Case("deep.wild.example.org", .a, "emptyName"),
            Case("*.wild.example.org", .a, "data", ["*.wild.example.org. 120 A 192.0.2.99"]),
            Case("q.cw.example.org", .a, "data", ["q.cw.example.org. 3600 CNAME www.example.org."] + www),
        ])
    func wildcards(_ asked: Case) throws { try check(asked) }

    @Test(
        "follows aliases inside of the zone",
        arguments: [
            Case("cname1.example.org", .a, "data", ["cname1.example.org. 3600 CNAME www.example.org."] + www),
            Case("cname2.example.org", .cname, "data", ["cname2.example.org. 3600 CNAME Cname1.example.org."]),
            Case(
                "cname2.example.org", .a, "data",
                [
                    "cname2.example.org. 3600 CNAME Cname1.example.org.",
                    "Cname1.example.org. 3600 CNAME www.example.org.",
                ] + www),
            Case("cname1.example.org", .mx, "noData", ["cname1.example.org. 3600 CNAME www.example.org."]),
            Case("dangle.example.org", .a, "nameError", ["dangle.example.org. 3600 CNAME nowhere.example.org."]),
            Case("outside.example.org", .a, "alias", ["outside.example.org. 3600 CNAME www.other.test."], []),
            Case(
                "cnwild.example.org", .a, "data",
                [
                    "cnwild.example.org. 3600 CNAME abc.wild.example.org.", "abc.wild.example.org. 120 A 192.0.2.99",
                ]),
            Case(
                "loop1.example.org", .a, "data",
                [
                    "loop1.example.org. 3600 CNAME loop2.example.org.",
                    "loop2.example.org. 3600 CNAME loop1.example.org.",
                ]),
            Case("self.example.org", .a, "data", ["self.example.org. 3600 CNAME self.example.org."]),
            Case("q.cl.example.org", .a, "data", ["q.cl.example.org. 3600 CNAME x.cl.example.org."]),
        ])
    func aliases(_ asked: Case) throws { try check(asked) }

    static let delegation = ["sub.example.org. 3600 NS ns.sub.example.org.", "sub.example.org. 3600 NS ns.other.test."]
    static let glue = ["ns.sub.example.org. 3600 A 192.0.2.60"]

    @Test(
        "sends whoever asks below a delegation to its servers",
        arguments: [
            Case("sub.example.org", .a, "delegation", [], delegation, glue),
            Case("sub.example.org", .ns, "delegation", [], delegation, glue),
            // First what lies below the delegation, then what else is known (RFC 9471).
            Case(
                "x.near.example.org", .a, "delegation", [],
                [
                    "near.example.org. 3600 NS www.example.org.", "near.example.org. 3600 NS ns.sub.example.org.",
                    "near.example.org. 3600 NS ns.near.example.org.",
                ], ["ns.near.example.org. 3600 A 192.0.2.61"] + www + glue),
            Case("www.sub.example.org", .a, "delegation", [], delegation, glue),
            Case("ns.sub.example.org", .a, "delegation", [], delegation, glue),
            Case("occluded.sub.example.org", .txt, "delegation", [], delegation, glue),
            Case("x.deeper.sub.example.org", .a, "delegation", [], delegation, glue),
            Case("x.sub.example.org", .ds, "delegation", [], delegation, glue),
            Case(
                "sub.example.org", .ds, "data",
                [
                    "sub.example.org. 3600 DS 12345 13 2 "
                        + "0123456789012345678901234567890123456789012345678901234567890123"
                ]),
            Case(
                "tosub.example.org", .a, "delegation", ["tosub.example.org. 3600 CNAME x.sub.example.org."],
                delegation, glue),
        ])
    func delegations(_ asked: Case) throws {
        try check(asked)
        let reply = try AskedZone(Self.text).ask(asked.name, asked.type)
        if asked.outcome == "delegation" {
            #expect(reply.message.flags.isAuthoritative == !asked.answer.isEmpty)
        }
    }

    @Test(
        "moves the names below a DNAME (RFC 6672)",
        arguments: [
            Case(
                "x.dn.example.org", .a, "alias",
                [
                    "dn.example.org. 3600 DNAME www.other2.test.",
                    "x.dn.example.org. 3600 CNAME x.www.other2.test.",
                ], []),
            Case("dn.example.org", .dname, "data", ["dn.example.org. 3600 DNAME www.other2.test."]),
            Case("dn.example.org", .a, "data", ["dn.example.org. 3600 A 192.0.2.66"]),
            Case("dnin.example.org", .a, "noData"),
            // The alias that comes of it is what was asked for.
            Case(
                "y.dnin.example.org", .cname, "data",
                [
                    "dnin.example.org. 3600 DNAME tgt.example.org.",
                    "y.dnin.example.org. 3600 CNAME y.tgt.example.org.",
                ]),
            Case(
                "x.dnin.example.org", .a, "data",
                [
                    "dnin.example.org. 3600 DNAME tgt.example.org.",
                    "x.dnin.example.org. 3600 CNAME x.tgt.example.org.", "x.tgt.example.org. 3600 A 192.0.2.70",
                ]),
            Case(
                "below.dnin.example.org", .a, "nameError",
                [
                    "dnin.example.org. 3600 DNAME tgt.example.org.",
                    "below.dnin.example.org. 3600 CNAME below.tgt.example.org.",
                ]),
        ])
    func redirections(_ asked: Case) throws { try check(asked) }

    private func check(_ asked: Case) throws {
        let reply = try AskedZone(Self.text).ask(asked.name, asked.type)
        #expect(reply.outcome.word == asked.outcome)
        #expect(reply.answer == asked.answer)
        #expect(reply.authority == asked.authority)
        #expect(reply.additional == asked.additional)
    }

    @Test("says where an alias leads that leaves the zone")
    func tellsTargets() throws {
        let zone = try AskedZone(Self.text)
        #expect(try zone.ask("outside.example.org", .a).alias == "www.other.test.")
        #expect(try zone.ask("a.b.dn.example.org", .a).alias == "a.b.www.other2.test.")
    }

    @Test("does not make names that are too long of a DNAME")
    func tooLongNames() throws {
        let label = String(repeating: "x", count: 60)
        let zone = try AskedZone(
            "@ SOA ns h 1 2 3 4 5\n@ NS ns\nd DNAME \(label).\(label).\(label).example.org.\n")
        #expect(try zone.ask(Name("a.d.example.org"), .a).outcome.word == "nameError")
        let reply = try zone.ask(Name("\(label).d.example.org"), .a)
        #expect(reply.outcome.word == "nameTooLong")
        #expect(reply.answer.count == 1)
    }

    @Test("ends a DNAME that leads to itself")
    func endsLoops() throws {
        let zone = try AskedZone("@ SOA ns h 1 2 3 4 5\n@ NS ns\nd DNAME d\ne DNAME x.e\n")
        #expect(try zone.ask("a.d.example.org", .a).outcome.word == "data")
        #expect(try zone.ask("a.e.example.org", .a).answer.count <= 2 * Limits.aliasesMax)
    }

    @Test(
        "refuses what cannot be served",
        arguments: [
            ("@ NS ns\n", ["there is no SOA record for example.org."]),
            (
                "@ SOA ns h 1 2 3 4 5\n@ SOA ns h 2 2 3 4 5\nx SOA ns h 1 2 3 4 5\n",
                [
                    "there is a second SOA record with other values",
                    "an SOA record at x.example.org., which is not the top of the zone",
                ]
            ),
            (
                "@ SOA ns h 1 2 3 4 5\n@ NSEC3PARAM 1 0 0 -\nx CH TXT y\n",
                [
                    "NSEC3 is not supported; sign the zone with NSEC",
                    "class CH does not belong in a zone of class IN",
                ]
            ),
        ])
    func refuses(_ text: String, _ reasons: [String]) throws {
        let records = try ZoneFile.records(in: Array(text.utf8), origin: "example.org", ttl: 1)
        let error = #expect(throws: ZoneMistakes.self) { try Zone("example.org", records) }
        #expect(error?.all.map(\.reason.description) == reasons)
    }

    @Test("passes over what is not in the zone, and takes an SOA that is there twice")
    func notices() throws {
        let text = "@ SOA ns h 1 2 3 4 5\n@ NS ns\nx.example.net. A 10.0.0.1\n@ SOA ns h 1 2 3 4 5\n"
        let records = try ZoneFile.records(in: Array(text.utf8), origin: "example.org", ttl: 1)
        let zone = try Zone("example.org", records)
        #expect(zone.recordCount == 2)
        #expect(zone.serial == 1)
        #expect(zone.notices.map(\.record) == [2])
        #expect(
            zone.notices.map(\.reason.description) == ["x.example.net. is not in the zone example.org."])
    }

    @Test("serves the root")
    func root() throws {
        let zone = try AskedZone(". SOA a. b. 1 2 3 4 5\n. NS a.\na. A 10.0.0.1\norg. NS ns.org.\n", apex: .root)
        #expect(try zone.ask(.root, .ns).answer == [". 3600 NS a."])
        #expect(try zone.ask("a", .a).answer == ["a. 3600 A 10.0.0.1"])
        #expect(try zone.ask("x.org", .a).outcome.word == "delegation")
        #expect(try zone.ask("x.test", .a).outcome.word == "nameError")
    }
}
