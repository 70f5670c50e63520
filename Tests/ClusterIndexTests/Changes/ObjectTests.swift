import DNSMessage
import TestSupport
import Testing

@testable import ClusterIndex

@Suite("Objects out of an index")
struct ObjectTests {
    @Test("give the same answers as those that went in", arguments: [UInt64(1), 2, 3, 4, 5])
    func random(seed: UInt64) {
        let options = ChangeTests.options[Int(seed) % ChangeTests.options.count]
        var cluster = RandomCluster(random: SeededRandom(seed &* 7919))
        var index = ClusterIndex(options: options)
        for namespace in RandomCluster.namespaces.dropLast() {
            index.upsert(.namespace(Namespace(name: namespace, labels: ["team": "x"])))
        }
        for _ in 0..<160 {
            let object = cluster.object()
            if cluster.random.chance(20) { index.delete(object.kind, object.key) } else { index.upsert(object) }
        }
        let ours = Answers(of: index, names: RandomCluster.questions, types: RandomCluster.types)
        let theirs = Answers(of: index.rebuilt(), names: RandomCluster.questions, types: RandomCluster.types)
        let differences = ours.differences(from: theirs)
        #expect(differences.isEmpty, "\(differences.count): \(differences.prefix(4))")
    }

    @Test("are the same when they come out again")
    func repeatable() {
        var cluster = RandomCluster(random: SeededRandom(31))
        var index = ClusterIndex(options: IndexOptions(pods: .verified, isZonal: true))
        for _ in 0..<400 { index.upsert(cluster.object()) }
        let once = index.rebuilt()
        #expect(once.objects == once.rebuilt().objects)
        #expect(Set(once.objects.map(\.kind)) == Set(ObjectKind.allCases))
    }

    @Test(
        "come back as they were, but for what no answer needs",
        arguments: [
            ClusterObject.namespace(Namespace(name: "a")),
            .service("w", ["10.0.0.1", "fd00::1"], ports: [.tcp("http", 80), ServicePort(number: nil)]),
            .service("headless", ports: [ServicePort(name: "d", transport: "UDP", number: 53)]),
            .service("twice", ["10.0.0.1", "10.0.0.1"]), .service("none", []), .external("e", "www.example.org."),
            .external("unusable", ""),
            .serviceImport(ServiceImport(key: ObjectKey(namespace: "a", name: "i"), ips: ["10.0.0.9"])),
            .serviceImport(ServiceImport(key: ObjectKey(namespace: "a", name: "h"), kind: .headless)),
            .slice("s", of: "w", ["10.1.0.1", "10.1.0.2"], hosts: ["h", ""], ports: [.tcp("http", 80)]),
            .slice("f", of: "w", ["a.example."], hosts: ["h"], type: .fqdn),
            .slice("nobody", of: "", []),
            .pod(Pod(key: ObjectKey(namespace: "a", name: "p"), ip: "fd00::7")),
            .endpoints(
                Endpoints(
                    key: ObjectKey(namespace: "a", name: "old"),
                    subsets: [
                        Endpoints.Subset(
                            ready: [Endpoint(addresses: ["10.1.0.1"], zone: "z1.east.")],
                            notReady: [Endpoint(addresses: [])], ports: [.tcp("", 1)])
                    ])),
        ])
    func single(object: ClusterObject) {
        var index = ClusterIndex(options: IndexOptions(pods: .verified, isZonal: true))
        index.upsert(object)
        #expect(index.objects == [object])
    }

    @Test("count endpoints that are not ready, and know slices of the cluster set alone")
    func slices() {
        let key = ObjectKey(namespace: "a", name: "s")
        var index = ClusterIndex()
        index.upsert(
            .endpointSlice(
                EndpointSlice(
                    key: key, importedServiceName: "Shared", sourceCluster: "c1",
                    endpoints: [
                        Endpoint(addresses: ["10.1.0.1"], ready: false), Endpoint(addresses: ["10.1.0.2"]),
                        Endpoint(addresses: ["10.1.0.3", "10.1.0.4"], ready: false),
                    ], ports: [.tcp("p", 1)])))
        let expected = EndpointSlice(
            key: key, importedServiceName: "shared", sourceCluster: "c1",
            endpoints: [Endpoint(addresses: ["10.1.0.2"]), Endpoint(addresses: ["", "", ""], ready: false)],
            ports: [.tcp("p", 1)])
        #expect(index.objects == [.endpointSlice(expected)])
    }

    @Test(
        "carry labels that the options' selectors let pass",
        arguments: ["", "app=web", "app in (x,y),app!=x", "app,app notin (,a,aa)", "app,!gone,tier!=db", "a in (),a"])
    func labels(text: String) throws {
        let selector = try LabelSelector(text)
        let example = try #require(selector.example)
        #expect(selector.matches(example))
        var index = ClusterIndex(options: IndexOptions(namespaces: .labelled(selector), labels: selector))
        index.upsert(.namespace(Namespace(name: "a", labels: example)))
        index.upsert(.service(Service(key: ObjectKey(namespace: "a", name: "w"), labels: example)))
        #expect(index.rebuilt().objects == index.objects)
        #expect(index.objects.count == 2)
    }

    @Test("have no labels where a selector lets nothing pass", arguments: ["a,!a", "a=b,a!=b", "a=b,a=c"])
    func contradiction(text: String) throws {
        #expect(try LabelSelector(text).example == nil)
    }
}

extension ClusterIndex {
    fileprivate var objects: [ClusterObject] {
        var objects: [ClusterObject] = []
        forEachObject { objects.append($0) }
        return objects.sorted { "\($0.key) \($0.kind)" < "\($1.key) \($1.kind)" }
    }
}
