import DNSMessage
import EventLoop
import PluginKit

/// Queries of one worker that wait for a refresh, and get the old answer when it takes too long. On its queue only.
final class StaleWaiters {
    private final class Waiter: TimerHandler {
        let parked: ParkedQuery
        let name: Name
        let type: RecordType
        let bits: UInt8
        let loop: EventLoop
        unowned let waiters: StaleWaiters
        let plugin: CachePlugin
        var timer: TimerToken?

        init(
            _ parked: ParkedQuery, _ question: QuestionView, bits: UInt8, _ loop: EventLoop, _ waiters: StaleWaiters,
            _ plugin: CachePlugin
        ) {
            self.parked = parked
            name = Name(question.name)
            type = question.type
            self.bits = bits
            self.loop = loop
            self.waiters = waiters
            self.plugin = plugin
        }

        func onTimer(_ token: TimerToken) {
            timer = nil
            waiters.all.removeAll { $0 === self }
            finish()
        }

        func finish() {
            if let timer { loop.cancel(timer) }
            timer = nil
            parked.resume { plugin.findStale(&$0) }
        }
    }

    private var all: [Waiter] = []

    /// Adds a query. Whether it is the first with its question, so that somebody has to ask.
    func add(
        _ parked: ParkedQuery, _ question: QuestionView, bits: UInt8, until timeout: Duration, _ loop: EventLoop,
        _ plugin: CachePlugin
    ) -> Bool {
        let waiter = Waiter(parked, question, bits: bits, loop, self, plugin)
        let isFirst = !all.contains { $0.name == waiter.name && $0.type == waiter.type && $0.bits == bits }
        all.append(waiter)
        waiter.timer = loop.schedule(after: UInt64(clamping: Int64(timeout / .nanoseconds(1))), waiter)
        return isFirst
    }

    /// The answer to a query in the background has come: whoever waits for it gets what is stored now.
    func resume(_ query: borrowing Query, _ plugin: CachePlugin) {
        guard !all.isEmpty else { return }
        let name = Name(query.question.name)
        let type = query.question.type
        let bits = AnswerKey.bits(query)
        let done = all.filter { $0.name == name && $0.type == type && $0.bits == bits }
        all.removeAll { waiter in done.contains { $0 === waiter } }
        for waiter in done { waiter.finish() }
    }
}
