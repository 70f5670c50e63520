import ClusterIndex
import KubernetesWatch
import Testing

@Suite("Recorded refusals") struct RecordedStatusTests {
    private static let expiredToken =
        "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTEsInN0YXJ0IjoiZGIvcGdcdTAwMDAifQ"

    @Test(
        "are a Status in place of a list",
        arguments: [
            ("401-bad-token", 401, "Unauthorized", "Unauthorized"),
            ("403-list", 403, "Forbidden", "services is forbidden: User"),
            ("403-endpointslices", 403, "Forbidden", "endpointslices.discovery.k8s.io is forbidden: User"),
            ("410-continue", 410, "Expired", "The provided continue parameter is too old"),
            ("410-exact", 410, "Expired", "The resourceVersion for the provided list is too old."),
            ("422-watchlist-without-match", 422, "Invalid", "ListOptions.meta.k8s.io \"\" is invalid: "),
            ("504-rv-too-large-list", 504, "Timeout", "Timeout: Too large resource version: 101153, current: 1153"),
        ])
    func lists(name: String, code: Int, reason: String, message: String) throws {
        let transcript = Recordings.transcript(name, Stream(.json, .list, .service))
        let status = try #require(transcript.status)
        #expect((status.code, status.reason) == (code, reason))
        #expect(status.message.hasPrefix(message))
        #expect(status.retryAfterSeconds == (code == 504 ? 1 : 0))
        #expect(status.continueToken == (name == "410-continue" ? Self.expiredToken : ""))
    }

    @Test(
        "are a Status in an ERROR event",
        arguments: [
            ("410-watch-old-rv", 410, "too old resource version: 1178 (1249)"),
            ("410-watch-rv1", 410, "too old resource version: 1 (1249)"),
            ("504-rv-too-large-watchlist", 504, "Timeout: Too large resource version: 101153, current: 1155"),
        ])
    func watches(name: String, code: Int, message: String) throws {
        let status = try #require(Recordings.transcript(name, Stream(.json, .watch, .service)).status)
        #expect((status.code, status.message) == (code, message))
        #expect(status.retryAfterSeconds == (code == 504 ? 1 : 0))
    }

    @Test(
        "say the same in protobuf",
        arguments: [
            ("410-continue", StreamDecoder.Shape.list), ("410-exact", .list), ("410-watch-old-rv", .watch),
            ("410-watch-rv1", .watch),
        ])
    func encodings(name: String, shape: StreamDecoder.Shape) {
        let json = Recordings.transcript(name, Stream(.json, shape, .service))
        #expect(json == Recordings.transcript("\(name)-pb", Stream(.protobuf, shape, .service)))
        #expect(json.status != nil)
    }

    @Test("name the permission in protobuf too")
    func forbidden() throws {
        let status = try #require(Recordings.transcript("403-pb", Stream(.protobuf, .list, .service)).status)
        #expect((status.code, status.reason) == (403, "Forbidden"))
        #expect(status.message.contains("cannot list resource \"services\" in API group \"\" at the cluster scope"))
    }

    @Test(
        "that are no objects at all are told as such",
        arguments: [
            ("429-list", StreamDecoder.Encoding.json, "the response is not JSON: \"T\" is out of place in a list"),
            (
                "429-list-pb", .protobuf,
                "the response is not protobuf: something does not begin with \"k8s\" and a zero byte"
            ),
            ("404-unknown-group", .json, "the response is not JSON: \"4\" is out of place in a list"),
            ("list-services-table", .json, "the response is a \"Table\", not a ServiceList"),
            (
                "list-services-partialmetadata", .json,
                "the response is a \"PartialObjectMetadataList\", not a ServiceList"
            ),
            ("list-pods", .json, "the response is a \"PodList\", not a ServiceList"),
            ("list-pods-pb", .protobuf, "the response is a \"PodList\", not a ServiceList"),
            ("watch-future-rv", .json, "the response ends in the middle"),
        ])
    func others(name: String, encoding: StreamDecoder.Encoding, fault: String) {
        let transcript = Recordings.transcript(name, Stream(encoding, .list, .service))
        #expect(transcript.fault?.description == fault)
        #expect(transcript.items.isEmpty)
    }
}

extension Transcript {
    /// The status, if that is all there is.
    fileprivate var status: APIStatus? {
        guard items.count == 1, fault == nil, case .status(let status) = items[0] else { return nil }
        return status
    }
}
