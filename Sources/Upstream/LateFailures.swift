package import EventLoop

/// Tells of failures that are known before `ask` returns, when it has returned.
package final class LateFailures: TimerHandler {
    private let loop: EventLoop
    private var waiting: [(token: ExchangeToken, handler: any ExchangeHandler, failure: ExchangeFailure)] = []

    package init(_ loop: EventLoop) { self.loop = loop }

    package var count: Int { waiting.count }

    package func add(_ token: ExchangeToken, _ failure: ExchangeFailure, _ handler: any ExchangeHandler) {
        if waiting.isEmpty { loop.schedule(after: 0, self) }
        waiting.append((token, handler, failure))
    }

    package func cancel(_ token: ExchangeToken) { waiting.removeAll { $0.token == token } }

    package func onTimer(_ token: TimerToken) {
        for _ in 0..<waiting.count where !waiting.isEmpty {
            let first = waiting.removeFirst()
            first.handler.onFailure(first.token, first.failure)
        }
        if !waiting.isEmpty { loop.schedule(after: 0, self) }
    }
}
