import TestSupport
import Testing

@testable import ClusterIndex

@Suite("A new list")
struct RetainTests {
    @Test("of every kind deletes what is not in it, and nothing of other kinds", arguments: ObjectKind.allCases)
    func everyKind(kind: ObjectKind) {
        let objects = ["a", "ab"].flatMap(Self.objects)
        var index = ClusterIndex(options: IndexOptions(pods: .verified))
        var expected = index
        for object in objects {
            index.upsert(object)
            if object.kind != kind || object.key == objects.first(where: { $0.kind == kind })?.key {
                expected.upsert(object)
            }
        }
        let kept = objects.first { $0.kind == kind }.map { Set([$0.key]) } ?? []
        let change = index.retainOnly(kind, kept)
        #expect(change.movesSerial == (kind != .namespace))
        #expect(change.movesClusterSetSerial == (kind == .serviceImport || kind == .endpointSlice))
        let ours = Answers(of: index, names: RandomCluster.questions, types: RandomCluster.types)
        let theirs = Answers(of: expected, names: RandomCluster.questions, types: RandomCluster.types)
        #expect(ours.differences(from: theirs).isEmpty)
        #expect(index.retainOnly(kind, kept) == .none)
    }

    private static func objects(_ namespace: String) -> [ClusterObject] {
        let key = { ObjectKey(namespace: namespace, name: $0) }
        let port = ServicePort(name: "http", number: 80)
        let endpoints = [Endpoint(addresses: ["10.0.0.2"])]
        return [
            .namespace(Namespace(name: namespace)),
            .service(Service(key: key("web"), clusterIPs: ["10.0.0.1"], ports: [port])),
            .endpointSlice(
                EndpointSlice(
                    key: key("s1"), serviceName: "web", importedServiceName: "db", endpoints: endpoints,
                    ports: [port])),
            .endpoints(
                Endpoints(key: key("x"), subsets: [Endpoints.Subset(ready: endpoints, ports: [port])])),
            .pod(Pod(key: key("p1"), ip: "10.0.0.3")),
            .serviceImport(ServiceImport(key: key("db"), kind: .headless, ports: [port])),
        ]
    }

    @Test("knows slices that only the cluster set names")
    func clusterSetSlices() {
        var cluster = Cluster(
            .serviceImport(ServiceImport(key: ObjectKey(namespace: "a", name: "w"), kind: .headless)),
            .endpointSlice(
                EndpointSlice(
                    key: ObjectKey(namespace: "a", name: "s"), importedServiceName: "w",
                    endpoints: [Endpoint(addresses: ["10.1.0.1"])])))
        #expect(cluster.ask("w.a.svc.set.local A") == "A 10.1.0.1")
        #expect(cluster.index.retainOnly(.endpointSlice, []).movesClusterSetSerial)
        #expect(cluster.ask("w.a.svc.set.local A") == "NXDOMAIN noReadyEndpoint")
    }

    @Test("spelled in upper case keeps what it names")
    func upperCase() {
        var cluster = Cluster(.service("Web", ["10.0.0.1"]), .service("db", ["10.0.0.2"]))
        cluster.index.retainOnly(.service, [ObjectKey(namespace: "A", name: "WEB")])
        #expect(cluster.ask("web.a.svc.cluster.local A") == "A 10.0.0.1")
        #expect(cluster.ask("db.a.svc.cluster.local A") == "NXDOMAIN noSuchService")
    }

    @Test("without anything leaves nothing behind")
    func nothing() {
        var cluster = RandomCluster(random: SeededRandom(17))
        var index = ClusterIndex(options: IndexOptions(pods: .verified))
        for _ in 0..<300 { index.upsert(cluster.object()) }
        for kind in ObjectKind.allCases { index.retainOnly(kind, []) }
        var left = 0
        index.forEachObject { _ in left += 1 }
        #expect(left == 0)
        #expect(index.head.pointee.namespaces.isEmpty)
    }
}
