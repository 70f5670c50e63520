import ClusterIndex
import KubernetesWatch
import Testing

@testable import TestSupport

@Suite("Objects of the test server")
struct EncodingTests {
    @Test("are written byte for byte as a real one writes them", arguments: RecordedObject.all)
    func recordedBytes(object: RecordedObject) {
        let stored = StoredObject(object.object, object.extras, version: object.version)
        for (form, suffix) in [(WireForm.json, ""), (.protobuf, "-pb")] {
            let list = Recordings.body("list-\(object.resource.rawValue)\(suffix)")
            let bytes = stored.bytes(form)
            #expect(list.firstRange(of: bytes) != nil, "\(String(decoding: bytes, as: UTF8.self))")
        }
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
        let wanted = server.objects(resource).map(\.withoutLabels)
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
        #expect(list.items.compactMap(\.object) == server.objects(resource).map(\.withoutLabels))
        let watch = try RawExchange.streaming(server, resource, "&timeoutSeconds=1")
        let text = watch.text()
        #expect(text.hasPrefix(#"{"object":{""#) && !text.hasPrefix(#"{"object":{"metadata"#))
        let watched = Transcript(Stream(.json, .watch, resource.kind), Array(text.utf8))
        #expect(watched.items.compactMap(\.object) == server.objects(resource).map(\.withoutLabels))
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
