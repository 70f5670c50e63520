import ClusterIndex
import DNSMessage
import Testing

@Suite("Options of the index")
struct OptionTests {
    static let pods: [ClusterObject] = [
        .pod(Pod(key: ObjectKey(namespace: "a", name: "p"), ip: "10.0.0.1")),
        .pod(Pod(key: ObjectKey(namespace: "a", name: "q"), ip: "fd00::1")),
        .pod(Pod(key: ObjectKey(namespace: "a", name: "done"), ip: "10.0.0.2", phase: "Succeeded")),
        .pod(Pod(key: ObjectKey(namespace: "a", name: "leaving"), ip: "10.0.0.3", isTerminating: true)),
    ]

    @Test(
        "pods: disabled, insecure, verified",
        arguments: [
            ("10-0-0-1.a.pod.cluster.local A", "NXDOMAIN podsDisabled", "A 10.0.0.1", "A 10.0.0.1"),
            ("10-0-0-1.a.pod.cluster.local AAAA", "NXDOMAIN podsDisabled", "NODATA", "NODATA"),
            ("10-0-0-1.ab.pod.cluster.local A", "NXDOMAIN podsDisabled", "A 10.0.0.1", "NXDOMAIN noSuchPod"),
            (
                "10-0-0-1.x.pod.cluster.local A", "NXDOMAIN podsDisabled", "NXDOMAIN noSuchNamespace",
                "NXDOMAIN noSuchNamespace"
            ),
            ("10-0-0-2.a.pod.cluster.local A", "NXDOMAIN podsDisabled", "A 10.0.0.2", "NXDOMAIN noSuchPod"),
            ("10-0-0-3.a.pod.cluster.local A", "NXDOMAIN podsDisabled", "A 10.0.0.3", "NXDOMAIN noSuchPod"),
            ("fd00--1.a.pod.cluster.local AAAA", "NXDOMAIN podsDisabled", "AAAA fd00::1", "AAAA fd00::1"),
            ("fd00-0--1.a.pod.cluster.local AAAA", "NXDOMAIN podsDisabled", "AAAA fd00::1", "NXDOMAIN noSuchPod"),
            ("--1.a.pod.cluster.local AAAA", "NXDOMAIN podsDisabled", "AAAA ::1", "NXDOMAIN noSuchPod"),
            ("--ffff-a00-1.a.pod.cluster.local A", "NXDOMAIN podsDisabled", "A 10.0.0.1", "NXDOMAIN noSuchPod"),
            (
                "1-2-3-256.a.pod.cluster.local A", "NXDOMAIN podsDisabled", "NXDOMAIN notAPodAddress",
                "NXDOMAIN notAPodAddress"
            ),
            (
                "01-2-3-4.a.pod.cluster.local A", "NXDOMAIN podsDisabled", "NXDOMAIN notAPodAddress",
                "NXDOMAIN notAPodAddress"
            ),
            ("x.10-0-0-1.a.pod.cluster.local A", "NXDOMAIN badName", "NXDOMAIN badName", "NXDOMAIN badName"),
            ("a.pod.cluster.local A", "NXDOMAIN podsDisabled", "NODATA", "NODATA"),
            ("pod.cluster.local A", "NODATA", "NODATA", "NODATA"),
            (
                "10-0-0-1.a.pod.cluster.local SRV", "NXDOMAIN podsDisabled",
                "SRV 100 0 10-0-0-1.a.pod.cluster.local. + 10-0-0-1.a.pod.cluster.local. A 10.0.0.1",
                "SRV 100 0 10-0-0-1.a.pod.cluster.local. + 10-0-0-1.a.pod.cluster.local. A 10.0.0.1"
            ),
        ])
    func pods(question: String, disabled: String, insecure: String, verified: String) {
        #expect(Cluster(IndexOptions(pods: .disabled), Self.pods).ask(question) == disabled)
        #expect(Cluster(IndexOptions(pods: .insecure), Self.pods).ask(question) == insecure)
        #expect(Cluster(IndexOptions(pods: .verified), Self.pods).ask(question) == verified)
    }

    @Test("a verified pod that leaves is answered until it is gone; one of two with its address may go")
    func leavingPods() {
        var cluster = Cluster(IndexOptions(pods: .verified), Self.pods)
        let question = "10-0-0-1.a.pod.cluster.local A"
        cluster.index.upsert(.pod(Pod(key: ObjectKey(namespace: "a", name: "twin"), ip: "10.0.0.1")))
        cluster.index.upsert(.pod(Pod(key: ObjectKey(namespace: "a", name: "p"), ip: "10.0.0.1", isTerminating: true)))
        #expect(cluster.ask(question) == "A 10.0.0.1")
        cluster.index.delete(.pod, ObjectKey(namespace: "a", name: "p"))
        #expect(cluster.ask(question) == "A 10.0.0.1")
        cluster.index.delete(.pod, ObjectKey(namespace: "a", name: "twin"))
        #expect(cluster.ask(question) == "NXDOMAIN noSuchPod")
    }

    @Test("namespaces and namespace_labels hide names, and pointers to them")
    func namespaces() throws {
        let objects: [ClusterObject] = [
            .namespace(Namespace(name: "a", labels: ["team": "x"])), .service("w", ["10.0.0.1"]),
            .service("w", in: "ab", ["10.0.0.2"]),
        ]
        for filter in [IndexOptions.NamespaceFilter.named(["a"]), .labelled(try LabelSelector("team in (x)"))] {
            let cluster = Cluster(IndexOptions(namespaces: filter), objects)
            #expect(cluster.ask("w.a.svc.cluster.local A") == "A 10.0.0.1")
            #expect(cluster.ask("w.ab.svc.cluster.local A") == "NXDOMAIN noSuchNamespace")
            #expect(cluster.ask("ab.svc.cluster.local A") == "NXDOMAIN noSuchNamespace")
            #expect(cluster.ask("1.0.0.10.in-addr.arpa PTR") == "PTR w.a.svc.cluster.local.")
            #expect(cluster.ask("2.0.0.10.in-addr.arpa PTR") == "NXDOMAIN noSuchAddress")
        }
    }

    @Test("labels leave objects out, also such as lose the label")
    func labels() throws {
        var cluster = Cluster(IndexOptions(labels: try LabelSelector("!hidden")), [.service("w", ["10.0.0.1"])])
        #expect(cluster.ask("w.a.svc.cluster.local A") == "A 10.0.0.1")
        let key = ObjectKey(namespace: "a", name: "w")
        cluster.index.upsert(.service(Service(key: key, labels: ["hidden": ""], clusterIPs: ["10.0.0.1"])))
        #expect(cluster.ask("w.a.svc.cluster.local A") == "NXDOMAIN noSuchService")
    }

    @Test("ignore empty_service hides a service without ready endpoints")
    func emptyServices() {
        var cluster = Cluster(
            IndexOptions(ignoresEmptyServices: true), [.service("w", ["10.0.0.1"]), .external("e", "x.org")])
        #expect(cluster.ask("w.a.svc.cluster.local A") == "NXDOMAIN noReadyEndpoint")
        #expect(cluster.ask("w.a.svc.cluster.local TXT") == "NXDOMAIN noReadyEndpoint")
        #expect(cluster.ask("e.a.svc.cluster.local A") == "CNAME x.org.")
        cluster.index.upsert(.slice("s", of: "w", ["10.1.0.1"]))
        #expect(cluster.ask("w.a.svc.cluster.local A") == "A 10.0.0.1")
    }

    @Test("noendpoints reads no endpoints")
    func noEndpoints() {
        let cluster = Cluster(
            IndexOptions(ignoresEndpoints: true), [.service("w"), .slice("s", of: "w", ["10.1.0.1"])])
        #expect(cluster.ask("w.a.svc.cluster.local A") == "NXDOMAIN noReadyEndpoint")
        #expect(cluster.ask("1.0.1.10.in-addr.arpa PTR") == "NXDOMAIN noSuchAddress")
    }

    @Test("endpoint_pod_names calls endpoints by their pods")
    func podNames() {
        let endpoints = [
            Endpoint(addresses: ["10.1.0.1"], targetName: "pod-1"),
            Endpoint(addresses: ["10.1.0.2"], hostname: "h", targetName: "pod-2"),
            Endpoint(addresses: ["10.1.0.3"], targetName: String(repeating: "x", count: 64)),
        ]
        let slice = EndpointSlice(key: ObjectKey(namespace: "a", name: "s"), serviceName: "w", endpoints: endpoints)
        let cluster = Cluster(IndexOptions(endpointPodNames: true), [.service("w"), .endpointSlice(slice)])
        #expect(cluster.ask("pod-1.w.a.svc.cluster.local A") == "A 10.1.0.1")
        #expect(cluster.ask("pod-2.w.a.svc.cluster.local A") == "NXDOMAIN noSuchEndpoint")
        #expect(cluster.ask("h.w.a.svc.cluster.local A") == "A 10.1.0.2")
        #expect(cluster.ask("10-1-0-3.w.a.svc.cluster.local A") == "A 10.1.0.3")
    }

    @Test(
        "zonal picks endpoints by their zone",
        arguments: [
            ("z1.pin._zone.w.a.svc.cluster.local A", "A 10.1.0.1"),
            ("Z1.PIN._zone.w.a.svc.cluster.local A", "A 10.1.0.1"),
            ("b.east.prefer._zone.w.a.svc.cluster.local A", "A 10.1.0.2"),
            ("z9.pin._zone.w.a.svc.cluster.local A", "NODATA"),
            ("z9.prefer._zone.w.a.svc.cluster.local A", "A 10.1.0.1, A 10.1.0.2"),
            ("z1.near._zone.w.a.svc.cluster.local A", "NXDOMAIN badName"),
            ("z1.pin._zone.c.a.svc.cluster.local A", "NXDOMAIN noSuchEndpoint"),
            ("pin._zone.w.a.svc.cluster.local A", "NXDOMAIN noSuchPort"),
        ])
    func zonal(question: String, expected: String) {
        let endpoints = [
            Endpoint(addresses: ["10.1.0.1"], zone: "z1"), Endpoint(addresses: ["10.1.0.2"], zone: "B.east"),
        ]
        let slice = EndpointSlice(key: ObjectKey(namespace: "a", name: "s"), serviceName: "w", endpoints: endpoints)
        let objects: [ClusterObject] = [.service("w"), .service("c", ["10.0.0.1"]), .endpointSlice(slice)]
        #expect(Cluster(IndexOptions(isZonal: true), objects).ask(question) == expected)
    }

    @Test(
        "a cluster set answers ServiceImports",
        arguments: [
            ("w.a.svc.set.local A", "A 10.9.0.1"), ("w.a.svc.cluster.local A", "NXDOMAIN noSuchService"),
            ("h.a.svc.set.local A", "A 10.1.0.1"), ("e1.c1.h.a.svc.set.local A", "A 10.1.0.1"),
            ("E1.C1.h.a.svc.set.local A", "A 10.1.0.1"), ("e1.c2.h.a.svc.set.local A", "NXDOMAIN noSuchEndpoint"),
            ("e1.h.a.svc.set.local A", "NXDOMAIN noSuchEndpoint"), ("_http._tcp.h.a.svc.set.local A", "A 10.1.0.1"),
            ("h.a.svc.set.local SRV", "SRV 100 80 e1.c1.h.a.svc.set.local. + e1.c1.h.a.svc.set.local. A 10.1.0.1"),
            ("1.0.1.10.in-addr.arpa PTR", "NXDOMAIN noSuchAddress"),
        ])
    func clusterSet(question: String, expected: String) {
        let slice = EndpointSlice(
            key: ObjectKey(namespace: "a", name: "s"), importedServiceName: "h", sourceCluster: "C1",
            endpoints: [Endpoint(addresses: ["10.1.0.1"], hostname: "e1")],
            ports: [ServicePort(name: "http", number: 80)])
        let objects: [ClusterObject] = [
            .serviceImport(ServiceImport(key: ObjectKey(namespace: "a", name: "w"), ips: ["10.9.0.1"])),
            .serviceImport(ServiceImport(key: ObjectKey(namespace: "a", name: "h"), kind: .headless)),
            .endpointSlice(slice),
        ]
        #expect(Cluster(IndexOptions(), objects).ask(question) == expected)
    }

    @Test("the server's own addresses decide the apex name servers")
    func nameServers() {
        var cluster = Cluster(.service("dns", ["10.0.0.10"]), .slice("dns-1", of: "dns", ["10.1.0.1"]))
        let own = ["10.1.0.1", "fd00::1"].compactMap { IPAddress($0) }
        cluster.zones = [ClusterZone("cluster.local", ownAddresses: own)]
        #expect(cluster.ask("Cluster.local NS") == "NS dns.a.svc.Cluster.local. + dns.a.svc.Cluster.local. A 10.0.0.10")
        #expect(cluster.ask("ns.dns.cluster.local A") == "A 10.0.0.10")
        cluster.index.delete(.endpointSlice, ObjectKey(namespace: "a", name: "dns-1"))
        #expect(
            cluster.ask("cluster.local NS")
                == "NS ns.dns.cluster.local. + ns.dns.cluster.local. A 10.1.0.1, ns.dns.cluster.local. AAAA fd00::1")
        #expect(cluster.ask("ns.dns.cluster.local AAAA") == "AAAA fd00::1")
        #expect(cluster.ask("x.ns.dns.cluster.local A") == "NXDOMAIN badName")
    }
}
