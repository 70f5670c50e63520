import DNSMessage
@testable import DNSResolver
import Dispatch
import EventLoop
import Locking
import TestSupport
import Testing

@Suite("The life of a resolver", .serialized)
struct LifeTests {
    /// A server that keeps queries until the test lets it answer.
    private final class Gate: Sendable {
        private let isOpen = Lock(false)
        func open() { isOpen.withLock { $0 = true } }
        func wait() {
            _ = patiently { isOpen.withLock { $0 } }
        }
    }

    private func until(_ condition: @Sendable () -> Bool) async throws {
        #expect(await eventually { condition() })
    }

    @Test("a task that is cancelled ends at once, and takes its questions back")
    func cancels() async throws {
        let server = try ScriptedUpstream { _ in [] }
        let rig = try Rig(patiently: [server])
        let resolver = rig.resolver
        let tasks = (0..<20).map { number in
            Task {
                await rig.told { () throws(LookupError) in
                    try await resolver.addresses(of: "n\(number).test.").values.map(\.description)
                }
            }
        }
        try await until { server.heard.count == 40 }
        for task in tasks { task.cancel() }
        for task in tasks { #expect(await task.value == "cancelled") }
        // A task that is cancelled before it asks asks nothing.
        let early = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await rig.addresses("early.test.")
        }
        #expect(await early.value == "cancelled")
        #expect(server.heard.count == 40)
        #expect(resolver.core.queue.sync { resolver.core.desk.pendingCount } == 0)
    }

    @Test("of those who wait for one question each may go by itself")
    func cancelsOneOfMany() async throws {
        let gate = Gate()
        let server = try ScriptedUpstream { heard in
            gate.wait()
            return [.reply(heard.answer())]
        }
        let rig = try Rig(patiently: [server])
        let first = Task { await rig.addresses("a.test.", .v4) }
        let second = Task { await rig.addresses("a.test.", .v4) }
        try await until { server.connectionCount == 0 }
        try await Task.sleep(for: .milliseconds(50))
        first.cancel()
        #expect(await first.value == "cancelled")
        gate.open()
        #expect(await second.value == "192.0.2.1")
    }

    @Test("closing ends what is under way, and what comes later")
    func closes() async throws {
        let server = try ScriptedUpstream { _ in [] }
        let rig = try Rig(patiently: [server]) { $0.questionsMax = 4 }
        let resolver = rig.resolver
        let tasks = (0..<20).map { number in Task { await rig.addresses("n\(number).test.", .v4) } }
        try await until { server.heard.count == 4 }
        resolver.close()
        for task in tasks { #expect(await task.value == "closed") }
        #expect(server.heard.count == 4)
        #expect(await rig.addresses("localhost") == "closed")
        resolver.close()
        #expect(resolver.core.queue.sync { resolver.core.loop?.watchCount } == 0)
    }

    @Test("letting go of it closes it")
    func isLetGo() async throws {
        let server = try ScriptedUpstream { [.reply($0.answer())] }
        weak var core: ResolverCore?
        weak var loop: EventLoop?
        do {
            let rig = try Rig([server])
            #expect(await rig.addresses("a.test.", .v4) == "192.0.2.1")
            core = rig.resolver.core
            loop = rig.resolver.core.queue.sync { rig.resolver.core.loop }
            #expect(loop != nil)
        }
        #expect(await eventually { core == nil && loop == nil })
    }

    @Test("equal questions that are under way at once are one")
    func coalesces() async throws {
        let gate = Gate()
        let server = try ScriptedUpstream { heard in
            gate.wait()
            return [.reply(heard.answer())]
        }
        let rig = try Rig(patiently: [server])
        let begun = Lock(0)
        let tasks = (0..<100).map { number in
            Task {
                begun.withLock { $0 += 1 }
                return await rig.addresses(number.isMultiple(of: 2) ? "same.test." : "SAME.test.", .v4)
            }
        }
        #expect(await eventually { begun.withLock { $0 } == 100 })
        try await Task.sleep(for: .milliseconds(300))
        gate.open()
        for task in tasks { #expect(await task.value == "192.0.2.1") }
        // A task that began late asks once more.
        #expect(server.heard.count < 10)
    }

    @Test("ten thousand look-ups at once need no more sockets than there may be questions under way")
    func isBounded() async throws {
        let server = try ScriptedUpstream { heard in
            var reply = heard.answer(count: 0)
            let question = heard.query?.questions.first?.name.labels.first.map { Array($0) } ?? []
            let number = UInt32(String(decoding: question.dropFirst(), as: UTF8.self)) ?? 0
            reply = heard.answer(number)
            return [.reply(reply)]
        }
        let rig = try Rig([server], conf: "options timeout:30 attempts:5") { $0.questionsMax = 64 }
        let resolver = rig.resolver
        let most = Lock(0)
        let right = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<10_000 {
                group.addTask {
                    let found = try? await resolver.addresses(of: "n\(number).test.", .v4).values
                    if number.isMultiple(of: 500) {
                        most.withLock { $0 = max($0, resolver.core.queue.sync { resolver.core.loop?.watchCount ?? 0 }) }
                    }
                    return found == [IPAddress(v4: UInt32(number))]
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(right == 10_000)
        #expect((1...64).contains(most.withLock { $0 }))
    }

    @Test("whatever a server sends does no harm", arguments: 0..<8)
    func survivesGarbage(seed: UInt64) async throws {
        let server = try ScriptedUpstream { heard in
            var random = SystemRandomNumberGenerator()
            var reply = heard.answer(count: Int.random(in: 0...4, using: &random))
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let place = Int.random(in: 4..<reply.count, using: &random)
                reply[place] = UInt8.random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) { reply.removeLast(Int.random(in: 0..<reply.count - 12, using: &random)) }
            return [.reply(reply)]
        }
        var configuration = ResolverConfiguration()
        configuration.servers = [server.address]
        configuration.timeout = .milliseconds(20)
        configuration.attempts = 1
        let rig = try Rig([server]) { [configuration] in $0.configuration = .fixed(configuration) }
        for number in 0..<60 {
            let told = await rig.told { () throws(LookupError) in
                try await rig.resolver.records(of: "n\(number).test.", .any).values.map { "\($0.name)" }
            }
            #expect(!told.isEmpty)
        }
    }
}
