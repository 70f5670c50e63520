import ClusterIndex
import KubernetesWatch
import Testing

@testable import TestSupport

@Suite("Objects of the test server")
struct EncodingTests {
    private static let kubectl =
        #"{"f:spec":{"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:name":{},"#
        + #""f:port":{},"f:protocol":{}}},"f:selector":{}}}"#

    private static func recorded(
        _ resource: WatchedResource, _ object: ClusterObject, _ version: UInt64, _ fill: (inout ObjectExtras) -> Void
    ) -> (WatchedResource, StoredObject) {
        var extras = ObjectExtras()
        fill(&extras)
        return (resource, StoredObject(object, extras, version: version))
    }

    /// Objects of the recordings, said again.
    private static var recordedObjects: [(WatchedResource, StoredObject)] {
        [
            recorded(
                .services,
                .service(
                    Service(
                        key: ObjectKey(namespace: "1-digit-first", name: "web"), clusterIPs: ["10.107.209.184"],
                        ports: [ServicePort(name: "http", number: 80)])), 486
            ) { extras in
                extras.uid = "f3b68f3a-4a37-4239-9f7f-fe6110a53980"
                extras.selector = ["app": "w"]
                extras.managedFields = [
                    .init(manager: "kubectl", operation: "Apply", time: 1_795_206_890, fields: kubectl)
                ]
            },
            recorded(
                .services,
                .service(
                    Service(
                        key: ObjectKey(namespace: "ext", name: "external"), kind: .externalName,
                        externalName: "www.example.com")), 435
            ) { extras in
                extras.uid = "4d9ecaf3-93d7-4c8b-8164-4595be31bacc"
                extras.managedFields = [
                    .init(
                        manager: "kubectl", operation: "Apply", time: 1_795_206_890,
                        fields: #"{"f:spec":{"f:externalName":{},"f:type":{}}}"#)
                ]
            },
            recorded(.namespaces, .namespace(Namespace(name: "edge", labels: edgeLabels)), 252) { extras in
                (extras.uid, extras.created) = ("3318a668-2212-4596-bc03-340a932689ab", 1_795_206_888)
                extras.annotations["kubectl.kubernetes.io/last-applied-configuration"] =
                    #"{"apiVersion":"v1","kind":"Namespace","metadata":{"annotations":{},"labels":{"team":"edge"},"#
                    + "\"name\":\"edge\"}}\n"
                extras.managedFields = [
                    .init(
                        manager: "kubectl-client-side-apply", time: 1_795_206_888,
                        fields: #"{"f:metadata":{"f:annotations":{".":{},"#
                            + #""f:kubectl.kubernetes.io/last-applied-configuration":{}},"f:labels":{".":{},"#
                            + #""f:kubernetes.io/metadata.name":{},"f:team":{}}}}"#)
                ]
            },
            recorded(.endpointSlices, .endpointSlice(slice), 873) { extras in
                (extras.uid, extras.generation) = ("8d5624a0-c8b9-4bf2-a04d-f00e01ab66e5", 4)
                extras.generateName = "mysql-read-"
                extras.owner = .init(name: "mysql-read", uid: "b4161518-ea92-471c-b602-02c82bb7e1d4")
                extras.nodes = ["node-a", "node-c", "node-b"]
                extras.targetUIDs = [
                    "c5e485e2-55b6-4ffb-9cf1-0a066f5f093e", "ccdf4cce-6e36-47e9-aba1-3ead243ed7c4",
                    "a4728dff-3d29-488a-91b4-26847cd278cd",
                ]
                let fields = ObjectExtras.ballast(for: .endpointSlice(slice)).managedFields[0].fields
                let uid = ObjectExtras.uid(0x51CE, "db/mysql-read-98pq6")
                extras.managedFields = [
                    .init(
                        manager: "kube-controller-manager", time: 1_795_206_914,
                        fields: fields.replacing(uid, with: "b4161518-ea92-471c-b602-02c82bb7e1d4"))
                ]
            },
        ]
    }

    private static let edgeLabels = ["kubernetes.io/metadata.name": "edge", "team": "edge"]

    private static let slice = EndpointSlice(
        key: ObjectKey(namespace: "db", name: "mysql-read-98pq6"),
        labels: ["endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"],
        serviceName: "mysql-read", addressType: .ipv6,
        endpoints: [("fd00:244:2::a", "mysql-0", 1), ("fd00:244:2::c", "mysql-2", 3), ("fd00:244:2::b", "mysql-1", 2)]
            .map { address, pod, zone in
                Endpoint(
                    addresses: [address], ready: zone != 2, serving: zone != 2, terminating: false, targetName: pod,
                    zone: "zone-\(zone)")
            },
        ports: [ServicePort(name: "mysql", number: 3_306)], lastChangeTriggerTime: "2026-01-01T00:00:00Z")

    @Test("are written byte for byte as a real one writes them", arguments: recordedObjects.indices)
    func recordedBytes(index: Int) {
        let (resource, stored) = Self.recordedObjects[index]
        let json = Recordings.body("list-\(resource.rawValue)")
        let protobuf = Recordings.body("list-\(resource.rawValue)-pb")
        #expect(
            json.firstRange(of: stored.bytes(.json)) != nil, "\(String(decoding: stored.bytes(.json), as: UTF8.self))")
        #expect(protobuf.firstRange(of: stored.bytes(.protobuf)) != nil, "\(stored.bytes(.protobuf))")
    }

    @Test(
        "end their initial events with a bookmark as recorded",
        arguments: [
            (WatchedResource.services, UInt64(1_137), UInt64(1_137)), (.endpointSlices, 1_140, 1_140),
            (.pods, 1_143, 1_146), (.namespaces, 1_140, 1_143),
        ])
    func bookmarks(resource: WatchedResource, json: UInt64, protobuf: UInt64) {
        for (form, version, suffix) in [(WireForm.json, json, ""), (.protobuf, protobuf, "-pb")] {
            let body = Recordings.body("watchlist-\(resource.rawValue)\(suffix)")
            let bookmark = EventWriter(resource, form).bookmark(version, endsInitialEvents: true).payload
            #expect(body.firstRange(of: bookmark) != nil, "\(form): \(String(decoding: bookmark, as: UTF8.self))")
        }
    }

    @Test("arrive whole, in lists and in watches, in both encodings", arguments: WatchedResource.allCases)
    func roundTrip(resource: WatchedResource) throws {
        let server = try APIServer()
        server.apply(Samples.objects)
        let wanted = server.objects(resource)
        #expect(wanted.count >= 2)
        for encoding in [StreamDecoder.Encoding.json, .protobuf] where encoding == .json || resource.hasProtobuf {
            let accept = encoding == .json ? "application/json" : RawExchange.protobuf
            let list = try RawExchange(server, resource.path, accept: accept)
            #expect(list.status == 200)
            let listed = Transcript(Stream(encoding, .list, resource.kind), list.body())
            #expect(listed.fault == nil)
            #expect(listed.items.compactMap(\.object) == wanted)
            #expect(listed.items.last?.words == "list \(server.version)")
            let watch = try RawExchange.streaming(server, resource, "&timeoutSeconds=1", encoding)
            let watched = Transcript(Stream(encoding, .watch, resource.kind), watch.body())
            #expect(watched.fault == nil)
            #expect(watched.items.compactMap(\.object) == wanted)
            #expect(watched.words.last == "bookmark \(server.version) end")
        }
    }

    @Test("arrive whole when the members of JSON objects come in the worst order", arguments: WatchedResource.allCases)
    func reversedMembers(resource: WatchedResource) throws {
        var behaviour = APIServer.Behaviour()
        behaviour.reversesMembers = true
        let server = try APIServer(behaviour)
        server.apply(Samples.objects)
        let list = Transcript(
            Stream(.json, .list, resource.kind), try RawExchange(server, resource.path).body())
        #expect(list.items.compactMap(\.object) == server.objects(resource))
        let watch = try RawExchange.streaming(server, resource, "&timeoutSeconds=1")
        let text = watch.text()
        #expect(text.hasPrefix(#"{"object":{""#) && !text.hasPrefix(#"{"object":{"metadata"#))
        let watched = Transcript(Stream(.json, .watch, resource.kind), Array(text.utf8))
        #expect(watched.items.compactMap(\.object) == server.objects(resource))
        #expect(watched.words.last == "bookmark \(server.version) end")
    }

    @Test("weigh about what real ones do: services 1,180 bytes of JSON and 780 of protobuf, full slices 27 and 13 KB")
    func weight() {
        let cluster = GeneratedCluster(services: 200, endpoints: 2_000, shape: .wide)
        let store = ObjectStore(historyMax: 10)
        for object in cluster.objects { _ = store.apply(object, nil) }
        for (resource, form, wanted) in [
            (WatchedResource.services, WireForm.json, 1_180), (.services, .protobuf, 780),
            (.endpointSlices, .json, 27_000), (.endpointSlices, .protobuf, 13_100),
        ] {
            let objects = store.objects(resource)
            let mean = objects.reduce(0) { $0 + $1.bytes(form).count } / objects.count
            #expect((wanted * 85 / 100...wanted * 115 / 100).contains(mean), "\(resource) \(form): \(mean)")
        }
    }
}
