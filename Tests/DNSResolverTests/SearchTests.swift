import DNSMessage
@testable import DNSResolver
import TestSupport
import Testing

@Suite("The search list", .serialized)
struct SearchTests {
    @Test(
        "tries the names that glibc tries, in that order",
        arguments: [
            ("web", "search a.test b.test\noptions ndots:1", "web.a.test. web.b.test. web."),
            ("web.x", "search a.test b.test\noptions ndots:1", "web.x. web.x.a.test. web.x.b.test."),
            ("web.x", "search a.test b.test\noptions ndots:2", "web.x.a.test. web.x.b.test. web.x."),
            ("web", "search a.test\noptions ndots:0", "web. web.a.test."),
            ("web.", "search a.test\noptions ndots:5", "web."), ("web.x.", "search a.test", "web.x."),
            (".", "search a.test", "."), ("web", "search .", "web."),
            ("web.x", "search . a.test", "web.x. web.x.a.test."),
            ("web", "search a.test . b.test", "web.a.test. web. web.b.test."),
            ("web", "search a.test\noptions no-tld-query", "web.a.test."),
            ("web.x", "search a.test\noptions no-tld-query ndots:2", "web.x.a.test. web.x."),
            ("web", "", "web."), ("a\\.", "search a.test", "a\\.. a\\..a.test."),
            ("_http._tcp.web", "search a.test\noptions ndots:5", "_http._tcp.web.a.test. _http._tcp.web."),
        ])
    func candidates(name: String, conf: String, expected: String) throws {
        let configuration = ResolverConfiguration(resolvConf: conf) { $0 == "LOCALDOMAIN" && conf.isEmpty ? "" : nil }
        let list = SearchList(name, try Name(name), configuration)
        #expect(list.candidates.map(\.description).joined(separator: " ") == expected)
    }

    @Test("a suffix that makes a name too long is passed over")
    func passesOverLongNames() throws {
        let label = String(repeating: "x", count: 60)
        let name = [label, label, label].joined(separator: ".")
        let configuration = ResolverConfiguration(resolvConf: "search \(label).\(label) b.test\noptions ndots:9")
        let list = SearchList(name, try Name(name), configuration)
        #expect(list.candidates.map(\.description) == ["\(name).b.test.", "\(name)."])
    }

    private static let zone = """
        web.a.test. 60 TXT here
        web.b.test. 60 A 192.0.2.2
        only.a.test. 60 TXT here
        fails.a.test. * SERVFAIL
        fails.b.test. 60 A 192.0.2.3
        ill.a.test. * SERVFAIL
        mute.a.test. * silence
        mute.b.test. 60 A 192.0.2.4
        """

    @Test(
        "goes on after NODATA and failures, and the most telling error remains",
        arguments: [
            ("web", "192.0.2.2", "web.a.test. web.b.test."), ("only", "NODATA", "only.a.test. only.b.test. only."),
            ("fails", "192.0.2.3", "fails.a.test. fails.b.test."), ("ill", "SERVFAIL", "ill.a.test. ill.b.test. ill."),
            ("none", "NXDOMAIN", "none.a.test. none.b.test. none."),
            // Where nobody answers, only the name as it was written is left to try.
            ("mute", "time-out", "mute.a.test. mute."), ("web.b.test", "192.0.2.2", "web.b.test."),
        ])
    func walks(name: String, expected: String, asked: String) async throws {
        let rig = try Rig(Self.zone, conf: "search a.test b.test\noptions ndots:1 timeout:1 attempts:1")
        #expect(await rig.addresses(name, .v4) == expected)
        #expect(
            rig.asked.joined(separator: " ") == asked.split(separator: " ").map { "\($0) A" }.joined(separator: " "))
    }

    @Test("A and AAAA come from the same name of the list")
    func decidesForBoth() async throws {
        let rig = try Rig(
            "web.a.test. 60 AAAA 2001:db8::1\nweb.b.test. 60 A 192.0.2.2", conf: "search a.test b.test")
        #expect(await rig.addresses("web") == "2001:db8::1")
    }

    @Test("services, texts and other records are looked for in the same way")
    func searchesOtherTypes() async throws {
        let rig = try Rig(
            "web.b.test. 60 TXT hello\n_http._tcp.web.b.test. 60 SRV 0 0 80 web.b.test.",
            conf: "search a.test b.test\noptions ndots:5")
        #expect(try await rig.resolver.texts(of: "web").values.map(\.joined) == ["hello"])
        #expect(try await rig.resolver.services(of: "_http._tcp.web").values.map(\.port) == [80])
        #expect(try await rig.resolver.records(of: "web", .txt).values.map(\.name) == ["web.b.test."])
    }
}
