import ClusterIndex
import TestSupport
import Testing

@Suite("Objects out of the index of the recorded cluster")
struct GoldenObjectTests {
    @Test(
        "give every recorded question the same bytes",
        arguments: [IndexOptions(pods: .insecure), IndexOptions(pods: .verified)] + ChangeTests.options)
    func everyQuestion(options: IndexOptions) throws {
        let server = try RecordedServer(options, ttl: 30)
        var other = server
        other.index = server.index.rebuilt()
        var questions = 0
        // Classes other than IN never reach the index.
        for recording in GoldenFiles.Recording.allCases {
            for entry in try GoldenFiles.entries(recording)
            where !entry.ways.contains(where: { $0.hasPrefix("class=") }) {
                questions += 1
                let (ours, theirs) = (try server.reply(entry), try other.reply(entry))
                #expect(ours == theirs, "\(entry.key)")
            }
        }
        #expect(questions > 9000)
    }

    @Test("are what the cluster's own objects do not change: no serial moves")
    func nothingNew() throws {
        for recording in GoldenFiles.Recording.allCases {
            var index = try RecordedServer(recording).index.rebuilt()
            for object in try RecordedServer.objects() {
                let change = index.upsert(object)
                #expect(!change.movesSerial && !change.movesClusterSetSerial, "\(object.kind) \(object.key)")
            }
        }
    }
}

extension ClusterIndex {
    /// A new index of the objects of this one.
    func rebuilt() -> ClusterIndex {
        var new = ClusterIndex(options: options)
        forEachObject { new.upsert($0) }
        new.serial = serial
        new.clusterSetSerial = clusterSetSerial
        return new
    }
}
