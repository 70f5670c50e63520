import Dispatch
import HTTPClient

/// How requests get to the API server.
protocol Transport: AnyObject {
    /// As `HTTPClient.send`.
    func send(_ request: HTTPRequest, to receiver: any HTTPReceiver) -> any Cancellable
    /// Further requests do not use the connections that are open now; those that are out keep theirs.
    func renew()
    /// As `HTTPClient.close`.
    func close()
}

/// A request that is out.
protocol Cancellable: AnyObject {
    /// As `HTTPExchange.cancel`.
    func cancel()
}

/// The way over the network.
final class NetworkTransport: Transport {
    private let queue: DispatchQueue
    private let userAgent: String
    /// Those before it live as long as an exchange of theirs does.
    private var client: HTTPClient

    init(_ queue: DispatchQueue, userAgent: String) {
        self.queue = queue
        self.userAgent = userAgent
        client = HTTPClient(queue: queue, userAgent: userAgent)
    }

    func send(_ request: HTTPRequest, to receiver: any HTTPReceiver) -> any Cancellable {
        NetworkExchange(client.send(request, to: receiver), of: client, queue)
    }

    func renew() { client = HTTPClient(queue: queue, userAgent: userAgent) }

    func close() { client.close() }
}

private final class NetworkExchange: Cancellable {
    private let exchange: HTTPExchange
    private let client: HTTPClient
    private let queue: DispatchQueue

    init(_ exchange: HTTPExchange, of client: HTTPClient, _ queue: DispatchQueue) {
        self.exchange = exchange
        self.client = client
        self.queue = queue
    }

    /// A client is not let go from within a call of its own.
    deinit { queue.async { [client] in withExtendedLifetime(client) {} } }

    func cancel() { exchange.cancel() }
}

/// Where credentials come from.
protocol CredentialProvider: AnyObject {
    /// As `Credentials.current`.
    func current(_ handle: @escaping (Result<RequestCredentials, CredentialFault>) -> Void)
    /// As `Credentials.refused`.
    func refused()
}

extension Credentials: CredentialProvider {}
