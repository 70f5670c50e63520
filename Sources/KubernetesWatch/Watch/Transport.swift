import HTTPClient

/// How requests get to the API server.
protocol Transport: AnyObject {
    /// As `HTTPClient.send`.
    func send(_ request: HTTPRequest, to receiver: any HTTPReceiver) -> any Cancellable
    /// As `HTTPClient.close`.
    func close()
}

/// A request that is out.
protocol Cancellable: AnyObject {
    /// As `HTTPExchange.cancel`.
    func cancel()
}

extension HTTPExchange: Cancellable {}

/// The way over the network.
final class NetworkTransport: Transport {
    private let client: HTTPClient

    init(_ client: HTTPClient) { self.client = client }

    func send(_ request: HTTPRequest, to receiver: any HTTPReceiver) -> any Cancellable {
        client.send(request, to: receiver)
    }

    func close() { client.close() }
}

/// Where credentials come from.
protocol CredentialProvider: AnyObject {
    /// As `Credentials.current`.
    func current(_ handle: @escaping (Result<RequestCredentials, CredentialFault>) -> Void)
    /// As `Credentials.refused`.
    func refused()
}

extension Credentials: CredentialProvider {}
