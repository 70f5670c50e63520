import DNSMessage
import Dispatch
import Synchronization
import TestSupport
import Testing

@testable import ClusterIndex

@Suite("Readers beside a writer")
struct ConcurrencyTests {
    @Test("answer from whole generations, A and AAAA of one name alike")
    func generations() {
        let published = Mutex(ClusterIndex())
        let isDone = Atomic(false)
        let disagreements = Atomic(0)
        let names = Array(RandomCluster.questions.prefix(300))
        // One writer and three readers; each copy is dropped by whoever is last to hold it.
        DispatchQueue.concurrentPerform(iterations: 4) { worker in
            if worker == 0 {
                var cluster = RandomCluster(random: SeededRandom(3))
                var index = ClusterIndex(options: IndexOptions(pods: .verified))
                for step in 0..<1500 {
                    let object = cluster.object()
                    if step % 4 == 0 { index.delete(object.kind, object.key) } else { index.upsert(object) }
                    published.withLock { $0 = index }
                }
                isDone.store(true, ordering: .releasing)
                return
            }
            repeat {
                let index = published.withLock { $0 }
                let answers = Answers(of: index, names: names, types: [.a, .aaaa])
                disagreements.add(answers.disagreements(.a, .aaaa).count, ordering: .relaxed)
            } while !isDone.load(ordering: .acquiring)
        }
        #expect(disagreements.load(ordering: .relaxed) == 0)
    }
}
