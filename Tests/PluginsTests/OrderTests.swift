import PluginKit
import Plugins
import Testing

@Suite("the registry")
struct OrderTests {
    /// CoreDNS's plugins in the order in which queries meet them.
    private static let order = """
        root metadata geoip cancel proxyproto quic grpc_server https https3 timeouts multisocket reload nsid \
        bufsize bind debug trace ready health pprof shed prometheus errors log dnstap local dns64 any chaos \
        loadbalance tsig rewrite autopath acl cache header dnssec tls minimal template transfer hosts \
        route53 azure clouddns k8s_external kubernetes file auto secondary etcd loop forward grpc erratic \
        whoami on sign view nomad
        """.split(separator: " ").map(String.init)

    @Test("has the plugins in CoreDNS's order: loop behind forward would never see a probe")
    func isInOrder() {
        let own = Set(["rrl"])
        let names = Registry.kinds.map { $0.name }.filter { !own.contains($0) }
        #expect(names == Self.order.filter { names.contains($0) })
    }

    @Test("either has a plugin of CoreDNS or refuses it in words")
    func isComplete() {
        let known = Set(Registry.kinds.map { $0.name }).union(Registry.notBuilt)
        #expect(Self.order.filter { !known.contains($0) } == [])
        #expect(Registry.kinds.map { $0.name }.filter(Registry.notBuilt.contains) == [])
    }
}
