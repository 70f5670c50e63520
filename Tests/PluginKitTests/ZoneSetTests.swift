import DNSMessage
import PluginKit
import Testing

struct ZoneSetTests {
    private static let zones: [Name] = [
        "cluster.local", "svc.cluster.local", "in-addr.arpa", "10.in-addr.arpa", "Example.ORG",
    ]

    @Test(
        "finds the zone with the most labels that a name is in",
        arguments: [
            ("web.default.svc.cluster.local", "svc.cluster.local"),
            ("WEB.Default.SVC.cluster.LOCAL", "svc.cluster.local"),
            ("svc.cluster.local", "svc.cluster.local"),
            ("cluster.local", "cluster.local"),
            ("x.cluster.local", "cluster.local"),
            ("xcluster.local", nil),
            ("local", nil),
            (".", nil),
            ("1.2.3.10.in-addr.arpa", "10.in-addr.arpa"),
            ("1.2.3.110.in-addr.arpa", "in-addr.arpa"),
            ("a.example.org", "example.org"),
        ] as [(Name, Name?)])
    func closest(name: Name, zone: Name?) {
        #expect(find(name, in: ZoneSetTests.zones) == zone)
    }

    @Test("the root is the zone of every name, its own too")
    func root() {
        #expect(find("a.b", in: [.root]) == .root)
        #expect(find(.root, in: [.root]) == .root)
        #expect(find("a.b", in: [.root, "b"]) == "b")
    }

    @Test("passes over the zone that is the name itself when a parent is wanted")
    func parent() {
        var scratch = NameScratch()
        let set = ZoneSet(["example.org", "org"])
        #expect(set.closest(scratch.read("example.org"), belowExact: true) == 1)
        #expect(set.closest(scratch.read("a.example.org"), belowExact: true) == 0)
        #expect(set.closest(scratch.read("org"), belowExact: true) == nil)
    }

    @Test("of equal zones the first counts, and thousands of zones are told apart")
    func many() {
        let zones = (0..<3000).compactMap { try? Name("z\($0).test") }
        #expect(find("a.z2999.test", in: zones) == "z2999.test")
        #expect(find("a.z3000.test", in: zones) == nil)
        var scratch = NameScratch()
        #expect(ZoneSet(["a.test", "A.test"]).closest(scratch.read("a.test")) == 0)
    }

    private func find(_ name: Name, in zones: [Name]) -> Name? {
        var scratch = NameScratch()
        let set = ZoneSet(zones)
        return set.closest(scratch.read(name)).map { set.zones[$0] }
    }
}
