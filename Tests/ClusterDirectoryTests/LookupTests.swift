import ClusterDirectory
import ClusterIndex
import DNSMessage
import DNSResolver
import TestSupport
import Testing

@Suite("Look-ups in the process")
struct LookupTests {
    /// A cluster of two namespaces, with services of every kind.
    private static let manifest = """
        apiVersion: v1
        kind: List
        items:
        - {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
        - {apiVersion: v1, kind: Namespace, metadata: {name: prod}}
        - {apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop},
           spec: {clusterIPs: [10.96.0.1, "fd00:96::1"], ports: [{name: http, port: 80}]}}
        - {apiVersion: v1, kind: Service, metadata: {name: web, namespace: prod},
           spec: {clusterIPs: [10.96.0.2], ports: [{name: http, port: 80}]}}
        - {apiVersion: v1, kind: Service, metadata: {name: db, namespace: shop},
           spec: {clusterIP: None, ports: [{name: sql, port: 5432}]}}
        - {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4,
           metadata: {name: db-1, namespace: shop, labels: {kubernetes.io/service-name: db}},
           endpoints: [{addresses: [10.128.0.1], hostname: db-0}, {addresses: [10.128.0.2]}],
           ports: [{name: sql, port: 15432}]}
        - {apiVersion: v1, kind: Service, metadata: {name: search, namespace: shop},
           spec: {type: ExternalName, externalName: search.example.com}}
        - {apiVersion: v1, kind: Service, metadata: {name: gone, namespace: shop},
           spec: {type: ExternalName, externalName: gone.example.com}}
        - {apiVersion: v1, kind: Service, metadata: {name: alias, namespace: shop},
           spec: {type: ExternalName, externalName: web.prod.svc.cluster.local}}
        """

    /// What is known outside of the cluster.
    private static let outside = [
        "search.example.com.": ["192.0.2.1", "2001:db8::1"], "example.org.": ["192.0.2.2"],
        "a.b.c.d.e.example.org.": ["192.0.2.3"], "slow.example.org.": ["time-out"], "10.128.0.9": ["host.example.org"],
        "web.shop.svc.cluster.local.": ["192.0.2.66"], "nothing.shop.svc.cluster.local.": ["192.0.2.66"],
    ]

    /// The files must stay as long as the directory: it notices when they go.
    private static func directory(
        _ fallback: (any NameLookup)?, _ files: TemporaryDirectory
    ) async throws -> ClusterDirectory {
        let path = try files.write(manifest.utf8, to: "cluster.yaml")
        var options = DirectoryOptions()
        options.namespace = "shop"
        options.fallback = fallback
        options.index.pods = .insecure
        return try await ClusterDirectory(.manifests(path), options: options, timeout: .seconds(60))
    }

    static let inCluster: [(String, String)] = [
        // The search list of a pod.
        ("web A", "web.shop.svc.cluster.local. 5.0: 10.96.0.1"),
        ("web.prod A", "web.prod.svc.cluster.local. 5.0: 10.96.0.2"),
        ("web.prod.svc A", "web.prod.svc.cluster.local. 5.0: 10.96.0.2"),
        ("WEB.Prod.svc.cluster.local A", "WEB.Prod.svc.cluster.local. 5.0: 10.96.0.2"),
        ("web.prod.svc.cluster.local. A", "web.prod.svc.cluster.local. 5.0: 10.96.0.2"),
        (
            "web. ADDRESSES",
            "the server failed with REFUSED: it is no name of the cluster, and there is no fallback to ask"
        ),
        ("nothing A", "there is no such name (NXDOMAIN)"),
        ("web.nowhere A", "there is no such name (NXDOMAIN)"),
        // Both families of one moment.
        ("web ADDRESSES", "web.shop.svc.cluster.local. 5.0: 10.96.0.1, fd00:96::1"),
        ("web AAAA", "web.shop.svc.cluster.local. 5.0: fd00:96::1"),
        ("web.prod AAAA", "the name has no records of this type (NODATA)"),
        ("web.prod ADDRESSES", "web.prod.svc.cluster.local. 5.0: 10.96.0.2"),
        // Endpoints and pods.
        ("db A", "db.shop.svc.cluster.local. 5.0: 10.128.0.1, 10.128.0.2"),
        ("db-0.db A", "db-0.db.shop.svc.cluster.local. 5.0: 10.128.0.1"),
        ("10-128-0-2.db A", "10-128-0-2.db.shop.svc.cluster.local. 5.0: 10.128.0.2"),
        ("10-1-2-3.shop.pod A", "10-1-2-3.shop.pod.cluster.local. 5.0: 10.1.2.3"),
        // Services.
        (
            "_http._tcp.web SRV",
            "_http._tcp.web.shop.svc.cluster.local. 5.0: web.shop.svc.cluster.local.:80 10.96.0.1 fd00:96::1"
        ),
        (
            "_http._tcp.web.prod SRV",
            "_http._tcp.web.prod.svc.cluster.local. 5.0: web.prod.svc.cluster.local.:80 10.96.0.2"
        ),
        ("_sql._tcp.db-0.db SRV", "there is no such name (NXDOMAIN)"),
        ("_https._tcp.web SRV", "there is no such name (NXDOMAIN)"),
        ("gone SRV", "the name has no records of this type (NODATA)"),
        // Addresses.
        ("10.96.0.2 PTR", "2.0.96.10.in-addr.arpa. 5.0: web.prod.svc.cluster.local."),
        (
            "fd00:96::1 PTR",
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.0.d.f.ip6.arpa. 5.0: web.shop.svc.cluster.local."
        ),
        ("10.128.0.1 PTR", "1.0.128.10.in-addr.arpa. 5.0: db-0.db.shop.svc.cluster.local."),
        ("::ffff:10.96.0.2 PTR", "2.0.96.10.in-addr.arpa. 5.0: web.prod.svc.cluster.local."),
        ("10.128.0.77 PTR", "there is no such name (NXDOMAIN)"),
        ("10.96.0.7 A", "10.96.0.7. 2147483647.0: 10.96.0.7"),
        ("2001:db8::1 AAAA", "2001:db8::1. 2147483647.0: 2001:db8::1"),
        ("10.96.0.7 AAAA", "the name has no records of this type (NODATA)"),
        // Anything else.
        ("dns-version TXT", "dns-version.cluster.local. 28800.0: 1.1.0"),
        ("web TXT", "the name has no records of this type (NODATA)"),
        (
            "alias CNAME",
            "alias.shop.svc.cluster.local. 5.0: alias.shop.svc.cluster.local. 5 CNAME web.prod.svc.cluster.local."
        ),
        // Aliases within the cluster.
        ("alias A", "web.prod.svc.cluster.local. 5.0: 10.96.0.2"),
        ("alias AAAA", "the name has no records of this type (NODATA)"),
        (
            "search A",
            "the server failed with REFUSED: it is an alias of search.example.com., which is no name of the cluster, "
                + "and there is no fallback to ask"
        ),
        ("a..b A", "this is no name: a label is empty"),
        ("\(String(repeating: "x", count: 64)) A", "this is no name: a label is longer than 63 bytes"),
    ]

    @Test("find what the cluster has, as a pod does", arguments: LookupTests.inCluster)
    func found(question: String, expected: String) async throws {
        let files = try TemporaryDirectory()
        defer { withExtendedLifetime(files) {} }
        let directory = try await Self.directory(nil, files)
        #expect(await directory.outcome(question) == expected)
    }

    static let passedOn: [(String, String, Set<String>)] = [
        ("example.org A", "example.org. 3.0: 192.0.2.2", ["example.org."]),
        ("example.org. A", "example.org. 3.0: 192.0.2.2", ["example.org."]),
        ("a.b.c.d.e.example.org A", "a.b.c.d.e.example.org. 3.0: 192.0.2.3", ["a.b.c.d.e.example.org."]),
        ("slow.example.org A", "no server answered in time", ["slow.example.org."]),
        ("nothing A", "there is no such name (NXDOMAIN)", ["nothing."]),
        ("web A", "web.shop.svc.cluster.local. 5.0: 10.96.0.1", []),
        ("nothing.shop.svc.cluster.local. A", "there is no such name (NXDOMAIN)", []),
        ("web.prod. AAAA", "there is no such name (NXDOMAIN)", ["web.prod."]),
        // That a name exists without the record says more than that another does not exist.
        ("web.prod AAAA", "the name has no records of this type (NODATA)", ["web.prod."]),
        ("10.128.0.9 PTR", "10.128.0.9. 3.0: host.example.org.", ["10.128.0.9"]),
        ("10.96.0.2 PTR", "2.0.96.10.in-addr.arpa. 5.0: web.prod.svc.cluster.local.", []),
        // Aliases that lead out of the cluster.
        ("search ADDRESSES", "search.example.com. 3.0: 192.0.2.1, 2001:db8::1", ["search.example.com."]),
        ("search AAAA", "search.example.com. 3.0: 2001:db8::1", ["search.example.com."]),
        ("gone A", "there is no such name (NXDOMAIN)", ["gone.example.com.", "gone."]),
        (
            "search RECORD-A",
            "search.example.com. 3.0: search.shop.svc.cluster.local. 5 CNAME search.example.com., "
                + "search.example.com. 3 A 192.0.2.1", ["search.example.com."]
        ),
    ]

    @Test(
        "pass what the cluster has not to the fallback, in full, and nothing else", arguments: LookupTests.passedOn)
    func elsewhere(question: String, expected: String, asked: Set<String>) async throws {
        let fallback = ScriptedLookup(Self.outside)
        let files = try TemporaryDirectory()
        defer { withExtendedLifetime(files) {} }
        let directory = try await Self.directory(fallback, files)
        #expect(await directory.outcome(question) == expected)
        #expect(fallback.questions == asked)
    }

    @Test("fail when the directory is closed, and endpoints end")
    func closed() async throws {
        let files = try TemporaryDirectory()
        defer { withExtendedLifetime(files) {} }
        let directory = try await Self.directory(nil, files)
        directory.close()
        #expect(await directory.outcome("web A") == "nobody looks names up here any more")
        #expect(directory.answer(to: "web.shop.svc.cluster.local.", .a) == nil)
        #expect(directory.currentEndpoints(of: "web") == nil)
        for await set in directory.endpoints(of: "web") { Issue.record("\(set)") }
        await #expect(throws: DirectoryError.closed) { try await directory.waitUntilSynced() }
    }

    @Test("answer like a server without waiting, and only for the cluster's own names")
    func answers() async throws {
        let files = try TemporaryDirectory()
        defer { withExtendedLifetime(files) {} }
        let directory = try await Self.directory(nil, files)
        let found = try #require(directory.answer(to: "web.shop.svc.cluster.local.", .a))
        #expect(found.answer.map(GoldenAnswer.text) == ["web.shop.svc.cluster.local. 5 A 10.96.0.1"])
        let denied = try #require(directory.answer(to: "nothing.shop.svc.cluster.local.", .a))
        #expect(denied.responseCode == .nxDomain)
        #expect(denied.reason == .noSuchService)
        #expect(denied.authority.map(\.type) == [.soa])
        #expect(directory.answer(to: "example.org.", .a) == nil)
    }

    @Test("A and AAAA are of one moment, however many ask while the cluster changes", .timeLimit(.minutes(5)))
    func oneMoment() async throws {
        func service(_ number: Int) -> ClusterObject {
            .service(
                Service(
                    key: Sample.key("web"), clusterIPs: ["10.96.1.\(number)", "fd00::\(number)"],
                    ports: [ServicePort(name: "http", number: 80)]))
        }
        let scene = try Scene([Sample.namespace("shop"), service(0)])
        defer { scene.api.stop() }
        let directory = try await scene.directory()
        let allowed = Set((0..<100).map { Set(["10.96.1.\($0)", $0 == 0 ? "fd00::" : "fd00::\($0)"]) })
        let strange = await withTaskGroup(of: [Set<String>].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var strange: [Set<String>] = []
                    for _ in 0..<2_000 {
                        let found = (try? await directory.addresses(of: "web").values.map(\.description)) ?? []
                        if !allowed.contains(Set(found)) { strange.append(Set(found)) }
                    }
                    return strange
                }
            }
            for number in 1..<100 { scene.api.apply(service(number)) }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(strange == [])
        #expect(
            await eventually {
                await directory.outcome("web ADDRESSES")
                    == "web.shop.svc.cluster.local. 5.0: 10.96.1.99, fd00::99"
            })
    }

    @Test("a namespace that can be none is refused", arguments: ["", "a.b", "..", String(repeating: "x", count: 64)])
    func badNamespace(namespace: String) async {
        let options = DirectoryOptions(namespace: namespace)
        #expect(throws: DirectoryError.badNamespace(namespace)) { try start(.manifests("nothing"), options) }
    }
}
