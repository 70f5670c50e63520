package import DNSMessage
import Dispatch
import EventLoop
import Locking

/// Asks one server once after another and waits for what comes of it. Used from one thread, which is not the queue's.
package final class BlockingExchange: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: `loop` and its clients are touched on `queue` only.
    private let queue = DispatchQueue(label: "clusterdns.upstream.blocking")
    private let loop: EventLoop

    /// An answer, and how it came.
    package struct Reply: Sendable {
        /// The message as it came, truncated or not.
        package let bytes: [UInt8]
        package let transport: UpstreamTransport
        /// From sending to the answer.
        package let nanoseconds: UInt64
    }

    /// Nil where there is no descriptor left.
    package init?() {
        guard let loop = EventLoop(queue: queue) else { return nil }
        self.loop = loop
    }

    deinit { queue.sync { [loop] in loop.close() } }

    /// Sends a query and waits for its answer, or why there is none.
    package func ask(
        _ server: SocketAddress, _ message: [UInt8], overTCP: Bool, seconds: Int
    ) -> Result<Reply, ExchangeFailure> {
        let waiting = Waiting()
        let client = queue.sync { [loop] in
            // What is asked for is sent as it is: the letters of a name are not to be mixed.
            var settings = UpstreamSettings()
            settings.mixesCase = false
            settings.connectTimeout = UInt64(seconds) * 1_000_000_000
            let client = DatagramClient(address: server, loop: loop, settings: settings)
            message.withUnsafeBytes { bytes in
                let query = UpstreamQuery(message: bytes, prefersStream: overTCP, truncation: .take)
                _ = client.ask(query, deadline: EventLoop.now + UInt64(seconds) * 1_000_000_000, waiting)
            }
            return Held(client)
        }
        let result = waiting.wait()
        queue.sync { client.client.close() }
        return result
    }

    /// A client on its way through this thread, which does not touch it.
    private struct Held: @unchecked Sendable {
        // Guard of `@unchecked Sendable`: the client is used on the queue only.
        let client: any UpstreamClient
        init(_ client: any UpstreamClient) { self.client = client }
    }
}

/// Waits for the end of one exchange.
private final class Waiting: ExchangeHandler, Sendable {
    private let result = Lock<Result<BlockingExchange.Reply, ExchangeFailure>?>(nil)
    private let arrived = DispatchSemaphore(value: 0)

    func onReply(
        _ token: ExchangeToken, _ reply: UnsafeRawBufferPointer, _ transport: UpstreamTransport, roundTrip: UInt64
    ) {
        note(.success(BlockingExchange.Reply(bytes: Array(reply), transport: transport, nanoseconds: roundTrip)))
    }

    func onFailure(_ token: ExchangeToken, _ failure: ExchangeFailure) { note(.failure(failure)) }

    private func note(_ outcome: Result<BlockingExchange.Reply, ExchangeFailure>) {
        result.withLock { $0 = $0 ?? outcome }
        arrived.signal()
    }

    /// The client tells in any case: when the deadline is over, at the latest.
    func wait() -> Result<BlockingExchange.Reply, ExchangeFailure> {
        arrived.wait()
        return result.withLock { $0 } ?? .failure(.closed)
    }
}
