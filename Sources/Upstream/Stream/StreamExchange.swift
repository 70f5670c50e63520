import DNSMessage
import EventLoop

/// One query over a stream, and who waits for its reply.
final class StreamExchange {
    let token: ExchangeToken
    let handler: any ExchangeHandler
    let question: QuestionSection
    /// With the two bytes of its length in front.
    private(set) var framed: [UInt8]
    /// The client while the exchange is under way, which so lives as long as that.
    var client: StreamClient?
    weak var connection: StreamConnection?
    var timer: TimerToken?
    private(set) var id: UInt16 = 0
    private(set) var sentTime: UInt64 = 0
    /// Whether the connection it was sent on had been used before: the server may have closed it meanwhile.
    var isOnUsedConnection = false
    var hasTriedAgain = false

    init(
        _ token: ExchangeToken, _ message: UnsafeRawBufferPointer, _ question: QuestionSection,
        _ handler: any ExchangeHandler, _ client: StreamClient
    ) {
        self.token = token
        self.question = question
        self.handler = handler
        self.client = client
        framed = [UInt8(message.count >> 8), UInt8(message.count & 255)]
        framed += message
    }

    var mayTryAgain: Bool { isOnUsedConnection && !hasTriedAgain }

    func prepare(id: UInt16, on connection: StreamConnection) {
        self.id = id
        self.connection = connection
        sentTime = EventLoop.now
        framed[2] = UInt8(id >> 8)
        framed[3] = UInt8(id & 255)
    }

    /// Makes a message that came what the asker is to see; nil where it is not the reply.
    func reply(_ message: UnsafeMutableRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) -> Bool {
        framed.withUnsafeBytes { bytes in
            guard let query = bytes.baseAddress.map({ $0 + 2 }) else { return false }
            return question.reply(message, query: query, body)
        }
    }
}

extension StreamExchange: TimerHandler {
    func onTimer(_ token: TimerToken) {
        timer = nil
        connection?.noteTimeout(self)
        client?.fail(self, .timedOut(mismatches: 0))
    }
}
