@testable import DNSResolver
import Dispatch
import Glibc
import Locking
import Testing

@Suite("The way onto a resolver's queue")
struct EntranceTests {
    private let entrance = QueueEntrance(label: "test.entrance")
    private let notes = Notes()

    /// What was done.
    private final class Notes: @unchecked Sendable {
        // Guard of `@unchecked Sendable`: touched on the entrance's queue only.
        var all: [String] = []
        var isInside = false
        var count = 0
        var meetings = 0

        func visit() {
            if isInside { meetings += 1 }
            isInside = true
            count += 1
            isInside = false
        }
    }

    private func eventually(_ condition: () -> Bool) -> Bool {
        for _ in 0..<2_000 {
            if entrance.queue.sync(execute: condition) { return true }
            usleep(5_000)
        }
        return false
    }

    @Test("who finds nobody at work does his own at once, on his own thread")
    func isInline() {
        let thread = Lock<pthread_t?>(nil)
        entrance.run { thread.withLock { $0 = pthread_self() } }
        #expect(thread.withLock { $0 } == pthread_self())
        thread.withLock { $0 = nil }
        entrance.enter { thread.withLock { $0 = pthread_self() } }
        #expect(thread.withLock { $0 } == pthread_self())
    }

    @Test("what work brings is done after it")
    func isLater() {
        entrance.run { [entrance, notes] in
            notes.all.append("begins")
            entrance.run { notes.all.append("next") }
            entrance.run { notes.all.append("last") }
            notes.all.append("ends")
        }
        #expect(entrance.queue.sync { notes.all } == ["begins", "ends", "next", "last"])
    }

    @Test("work that brings more without end keeps no thread, and all of it is done")
    func isBounded() {
        bring(1_000)
        #expect(eventually { notes.count == 1_000 })
    }

    private func bring(_ rest: Int) {
        guard rest > 0 else { return }
        entrance.run { [self] in
            notes.visit()
            bring(rest - 1)
        }
    }

    @Test("many threads and a guest are there one at a time, and nothing is lost")
    func excludes() {
        let guest = DispatchQueue(label: "test.guest")
        let isOver = DispatchSemaphore(value: 0)
        guest.async { [entrance, notes] in
            for _ in 0..<500 { entrance.enter { notes.visit() } }
            isOver.signal()
        }
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            for _ in 0..<500 { entrance.run { [notes] in notes.visit() } }
        }
        isOver.wait()
        #expect(eventually { notes.count == 4_500 })
        #expect(entrance.queue.sync { notes.meetings } == 0)
    }
}
