import ClusterIndex
import KubernetesWatch
import Manifests
import Testing

@Suite("Recorded streams") struct RecordedStreamTests {
    @Test("give the same items in JSON and in protobuf", arguments: Recordings.pairs)
    func encodings(name: String, shape: StreamDecoder.Shape, kind: ObjectKind) {
        var json = Recordings.transcript(name, Stream(.json, shape, kind))
        var protobuf = Recordings.transcript("\(name)-pb", Stream(.protobuf, shape, kind))
        #expect((json.fault, protobuf.fault) == (nil, nil))
        // Bookmarks were sent at the time of each recording.
        json.items.removeAll { if case .bookmark = $0 { true } else { false } }
        protobuf.items.removeAll { if case .bookmark = $0 { true } else { false } }
        #expect(json.items.map(\.words) == protobuf.items.map(\.words))
        #expect(json == protobuf)
        #expect(json.items.contains { $0.object != nil })
    }

    @Test("have the objects that the reader of manifests finds in them", arguments: Recordings.pairs)
    func manifests(name: String, shape: StreamDecoder.Shape, kind: ObjectKind) {
        let body = Recordings.body(name)
        let documents = shape == .list ? [body] : body.split(separator: 0x0A).compactMap(Self.objectOfEvent)
        var expected: [ClusterObject] = []
        for document in documents {
            let summary = ManifestReader.forEachObject(bytes: document, named: name) { object, _ in
                expected.append(object.withoutLabels)
            }
            #expect(summary.errors.isEmpty)
        }
        let items = Transcript(Stream(.json, shape, kind), body).items
        #expect(items.compactMap(\.object) == expected)
        #expect(!expected.isEmpty)
    }

    /// The object of an event that brings one. The recorded server writes `{"type":"ADDED","object":…}`.
    private static func objectOfEvent(_ line: ArraySlice<UInt8>) -> [UInt8]? {
        for type in ["ADDED", "MODIFIED"] {
            let prefix = Array("{\"type\":\"\(type)\",\"object\":".utf8)
            if line.starts(with: prefix) { return Array(line.dropFirst(prefix.count).dropLast()) }
        }
        return nil
    }

    @Test(
        "tell of every event in order",
        arguments: [
            (
                "watch-namespaces",
                [
                    "upsert rec 999", "upsert rec 1117", "upsert rec 1130", "delete rec 1131", "bookmark 1131",
                    "bookmark 1131",
                ]
            ),
            ("watchlist-services-empty", ["bookmark 1146 end"]),
            ("apiserver-sigterm-watch", ["bookmark 1422"]),
            ("watch-future-rv", []),
        ])
    func events(name: String, expected: [String]) {
        let kind = name == "watch-namespaces" ? ObjectKind.namespace : .service
        let transcript = Recordings.transcript(name, Stream(.json, .watch, kind))
        #expect(transcript.items.map(\.words) == expected)
        #expect(transcript.fault == nil)
    }

    @Test(
        "end their initial events with one bookmark", arguments: ["services", "endpointslices", "pods", "namespaces"])
    func initialEvents(resource: String) throws {
        let kind = try #require(WatchedResource(rawValue: resource)).kind
        let items = Recordings.transcript("watchlist-\(resource)", Stream(.json, .watch, kind)).items
        let ends = items.indices.filter {
            if case .bookmark(_, endsInitialEvents: true) = items[$0] { true } else { false }
        }
        #expect(ends.count == 1)
        #expect(items[..<(ends.first ?? 0)].allSatisfy { $0.object != nil })
    }

    @Test("tell of an object that stops matching the selector as deleted")
    func selector() {
        let items = Recordings.transcript("watch-services-selector", Stream(.json, .watch, .service)).items
        #expect(items.contains { if case .delete = $0 { true } else { false } })
        #expect(items.contains { $0.object != nil })
    }

    @Test("make one list of their pages")
    func pages() {
        let stream = Stream(.json, .list, .service)
        let pages = (0..<18).map { number in
            Recordings.transcript("services-page-\(number < 10 ? "0" : "")\(number)", stream)
        }
        #expect(
            pages.flatMap { $0.items.compactMap(\.object) } == Recordings.transcript("list-services", stream).objects)
        for (number, page) in pages.enumerated() {
            guard case .listMetadata(let version, let token)? = page.items.last else {
                Issue.record("page \(number) has no metadata")
                continue
            }
            #expect(version.description == "998")
            #expect(token.isEmpty == (number == 17))
        }
    }

    @Test("are the same with other requests for the same thing")
    func otherForms() {
        let two = Recordings.transcript("list-services-no-accept", Stream(.json, .list, .service))
        #expect(two == Recordings.transcript("list-services-pretty", Stream(.json, .list, .service)))
        #expect(
            two.objects == Recordings.transcript("list-services-pb-or-json", Stream(.protobuf, .list, .service)).objects
        )
        #expect(two.objects.count == 2)
        let none = Recordings.transcript("list-services-ns-missing", Stream(.json, .list, .service))
        #expect(none.items.map(\.words) == ["list 998"])
    }
}

extension Transcript {
    fileprivate var objects: [ClusterObject] { items.compactMap(\.object) }
}

extension ClusterObject {
    /// The API server selects by labels; we do not keep them.
    var withoutLabels: ClusterObject {
        switch self {
        case .namespace(var object):
            object.labels = [:]
            return .namespace(object)
        case .service(var object):
            object.labels = [:]
            return .service(object)
        case .endpointSlice(var object):
            object.labels = [:]
            return .endpointSlice(object)
        case .endpoints(var object):
            object.labels = [:]
            return .endpoints(object)
        case .pod(var object):
            object.labels = [:]
            return .pod(object)
        case .serviceImport: return self
        }
    }
}
