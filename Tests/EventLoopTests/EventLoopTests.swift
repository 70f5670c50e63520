import CLinux
import Dispatch
import EventLoop
import Testing

@Suite("A loop of descriptors and timers")
struct EventLoopTests {
    private let queue = DispatchQueue(label: "test.loop")

    /// Notes what it hears; touched on the queue only.
    private final class Listener: EventHandler, TimerHandler {
        var heard: [String] = []
        var then: () -> Void = {}

        func onReady(_ readiness: Readiness) {
            heard.append(readiness.isSuperset(of: .broken) ? "broken" : "ready")
            then()
        }

        func onTimer(_ token: TimerToken) {
            heard.append("timer")
            then()
        }
    }

    private func eventually(_ condition: () -> Bool) -> Bool {
        for _ in 0..<2_000 {
            if queue.sync(execute: condition) { return true }
            usleep(5_000)
        }
        return false
    }

    @Test("tells of a pipe that can be read, until it is unwatched")
    func readsPipe() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { ends.forEach { close($0) } }
        let loop = try #require(EventLoop(queue: queue))
        let listener = Listener()
        queue.sync {
            let token = loop.watch(ends[0], for: .reading, listener)
            #expect(token != nil)
            listener.then = { token.map(loop.unwatch) }
        }
        #expect(write(ends[1], "x", 1) == 1)
        #expect(eventually { !listener.heard.isEmpty })
        queue.sync { loop.poll() }
        #expect(queue.sync { listener.heard } == ["ready"])
        queue.sync { loop.close() }
    }

    @Test("fires timers in the order of their times, and not those that were taken back")
    func firesTimers() throws {
        let loop = try #require(EventLoop(queue: queue))
        let listeners = (0..<5).map { _ in Listener() }
        var order: [Int] = []
        queue.sync {
            for (index, delay) in [(0, 9), (1, 3), (2, 5), (3, 1), (4, 7)] {
                let token = loop.schedule(after: UInt64(delay) * 2_000_000, listeners[index])
                if index == 2 { loop.cancel(token) }
            }
        }
        for (index, listener) in listeners.enumerated() {
            queue.sync { listener.then = { order.append(index) } }
        }
        #expect(eventually { listeners[0].heard == ["timer"] })
        #expect(queue.sync { listeners[2].heard }.isEmpty)
        #expect(queue.sync { order } == [3, 1, 4, 0] || queue.sync { order.count } < 4)
        queue.sync { loop.close() }
    }

    private final class Entrance: LoopEntrance {
        let queue: DispatchQueue

        init(_ queue: DispatchQueue) { self.queue = queue }

        func enter(_ work: () -> Void) { queue.sync(execute: work) }
    }

    @Test("waits beside a queue that others enter, and goes onto it with what it found")
    func waitsBeside() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { ends.forEach { close($0) } }
        let loop = try #require(EventLoop(Entrance(queue)))
        let (reader, sleeper) = (Listener(), Listener())
        queue.sync {
            #expect(loop.watch(ends[0], for: .reading, reader) != nil)
            reader.then = {
                dispatchPrecondition(condition: .onQueue(queue))
                var byte: UInt8 = 0
                #expect(read(ends[0], &byte, 1) == 1)
            }
            loop.schedule(after: 30_000_000, sleeper)
        }
        for count in 1...100 {
            #expect(write(ends[1], "x", 1) == 1)
            #expect(eventually { reader.heard.count == count })
        }
        #expect(eventually { sleeper.heard == ["timer"] })
        queue.sync { loop.close() }
        #expect(write(ends[1], "x", 1) == 1)
        usleep(20_000)
        #expect(queue.sync { reader.heard.count } == 100)
    }

    @Test("refuses a descriptor that is none")
    func refusesBadDescriptor() throws {
        let loop = try #require(EventLoop(queue: queue))
        queue.sync {
            #expect(loop.watch(-1, for: .reading, Listener()) == nil)
            loop.close()
        }
    }

    /// Takes a watch and a timer back when it goes.
    private final class Parting: EventHandler, TimerHandler {
        var goodbye: () -> Void = {}

        deinit { goodbye() }

        func onReady(_ readiness: Readiness) {}
        func onTimer(_ token: TimerToken) {}
    }

    @Test("handlers that go when it is closed may still take back what they have there")
    func letsHandlersGo() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { ends.forEach { close($0) } }
        let loop = try #require(EventLoop(queue: queue))
        var count = 0
        queue.sync {
            let token = loop.watch(ends[0], for: .reading, Listener())
            let timer = loop.schedule(after: 1_000_000_000_000, Listener())
            for isTimer in [false, true] {
                let parting = Parting()
                parting.goodbye = {
                    token.map(loop.unwatch)
                    loop.cancel(timer)
                    count += 1
                }
                if isTimer {
                    loop.schedule(after: 1_000_000_000_000, parting)
                } else {
                    _ = loop.watch(ends[1], for: .reading, parting)
                }
            }
            loop.close()
        }
        #expect(count == 2)
    }
}
