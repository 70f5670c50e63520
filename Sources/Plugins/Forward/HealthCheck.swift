import DNSMessage
import EventLoop
import Upstream

/// Asks an upstream that failed, again and again until it answers, whatever it answers. On the worker's queue.
final class HealthCheck: ExchangeHandler, TimerHandler {
    private let worker: ForwardWorker
    private let index: Int

    init(_ worker: ForwardWorker, _ index: Int) {
        self.worker = worker
        self.index = index
    }

    func check() {
        let options = worker.setting.options
        let domain = options.healthDomain
        var name = NameScratch()
        var request = UpstreamRequest()
        let question = QuestionView(name: name.read(domain), type: .ns, class: .internet)
        request.write(question, isRecursive: options.healthIsRecursive)
        let query = UpstreamQuery(message: request.message, prefersStream: options.forcesTCP, truncation: .take)
        _ = worker.client(index).ask(query, deadline: EventLoop.now + ForwardLimits.healthTimeout, self)
    }

    func onReply(
        _ token: ExchangeToken, _ reply: UnsafeRawBufferPointer, _ transport: UpstreamTransport, roundTrip: UInt64
    ) {
        worker.setting.servers[index].noteReply()
        end()
    }

    func onFailure(_ token: ExchangeToken, _ failure: ExchangeFailure) {
        worker.setting.servers[index].noteFailedCheck()
        guard !worker.isStopping else { return end() }
        worker.loop.schedule(after: max(worker.setting.options.healthInterval, 1_000_000), self)
    }

    func onTimer(_ token: TimerToken) { worker.isStopping ? end() : check() }

    private func end() {
        worker.setting.servers[index].endChecking()
        worker.settle()
    }
}

/// Asks one upstream for another plugin. On the worker's queue.
final class ProbeExchange: ExchangeHandler {
    private let worker: ForwardWorker
    private let question: ProbeQuestion

    init(_ worker: ForwardWorker, _ question: ProbeQuestion) {
        self.worker = worker
        self.question = question
    }

    func ask(_ index: Int) {
        var name = NameScratch()
        var request = UpstreamRequest()
        let asked = QuestionView(name: name.read(question.name), type: question.type, class: .internet)
        request.write(asked, isRecursive: true)
        let isStream = worker.setting.options.forcesTCP
        let query = UpstreamQuery(message: request.message, prefersStream: isStream, truncation: .take)
        let deadline = EventLoop.now &+ min(question.time, ForwardLimits.budget)
        _ = worker.client(index).ask(query, deadline: deadline, self)
    }

    func onReply(
        _ token: ExchangeToken, _ reply: UnsafeRawBufferPointer, _ transport: UpstreamTransport, roundTrip: UInt64
    ) {
        let code = MessageReader(reply)?.header.flags.responseCode ?? .formErr
        question.done(.answered(code))
        worker.settle()
    }

    func onFailure(_ token: ExchangeToken, _ failure: ExchangeFailure) {
        question.done(.failed("\(failure)"))
        worker.settle()
    }
}
