import ClusterIndex
import Testing

@Suite("An index under construction")
struct IndexDraftTests {
    @Test("shows a generation only when something was entered, and moves the serial when that counts")
    func generations() throws {
        var draft = IndexDraft(options: IndexOptions())
        let none = draft.nextGeneration(at: 1)
        #expect(none?.serial == nil)
        draft.upsert(.namespace(Namespace(name: "a")))
        let firstGeneration = draft.nextGeneration(at: 2)
        let first = try #require(firstGeneration)
        #expect(first.serial == 0)
        draft.upsert(.service("web", ["10.0.0.1"]))
        draft.upsert(.namespace(Namespace(name: "b")))
        let secondGeneration = draft.nextGeneration(at: 3)
        let second = try #require(secondGeneration)
        #expect(second.serial == 3)
        #expect(second.clusterSetSerial == 0)
        #expect(first.serial == 0)
        let nothing = draft.nextGeneration(at: 4)
        #expect(nothing?.serial == nil)
        draft.setSerials(cluster: 7, clusterSet: 8)
        draft.retainOnly(.service, [])
        let thirdGeneration = draft.nextGeneration(at: 9)
        let third = try #require(thirdGeneration)
        #expect(third.serial == 9)
        #expect(third.clusterSetSerial == 8)
    }
}
