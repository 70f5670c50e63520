import EventLoop
import Upstream

/// One query over HTTPS, and who waits for its reply.
final class WebExchange {
    let token: ExchangeToken
    let message: [UInt8]
    let question: QuestionSection
    let handler: any ExchangeHandler
    /// The client while the exchange is under way, which so lives as long as that.
    var client: HTTPSClient?
    var timer: TimerToken?
    var receiver: WebReceiver?
    let sentTime = EventLoop.now

    init(
        _ token: ExchangeToken, _ message: [UInt8], _ question: QuestionSection, _ handler: any ExchangeHandler,
        _ client: HTTPSClient
    ) {
        self.token = token
        self.message = message
        self.question = question
        self.handler = handler
        self.client = client
    }
}

extension WebExchange: TimerHandler {
    func onTimer(_ token: TimerToken) {
        timer = nil
        client?.expire(self)
    }
}
