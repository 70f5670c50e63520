import Dispatch
import HTTPClient

/// What the watches of a cluster have in common. All of it belongs to the queue.
final class WatchSession {
    let queue: DispatchQueue
    let transport: any Transport
    let credentials: any CredentialProvider
    let clock: any WatchClock
    /// What the server was found to be able to do.
    var memory = ServerMemory()
    private(set) var isStopped = false
    private let connection: APIConnection
    private weak var watcher: (any ClusterWatchObserver)?

    init(
        _ connection: APIConnection, queue: DispatchQueue, observer: any ClusterWatchObserver,
        transport: any Transport, credentials: any CredentialProvider, clock: any WatchClock
    ) {
        self.connection = connection
        self.queue = queue
        self.transport = transport
        self.credentials = credentials
        self.clock = clock
        watcher = observer
    }

    func stop() {
        isStopped = true
        transport.close()
    }

    /// Who is told; nobody any more once stopped.
    var observer: (any ClusterWatchObserver)? { isStopped ? nil : watcher }

    /// What goes over the network for a request.
    func httpRequest(
        _ request: WatchRequest, _ selection: ClusterWatch.Selection, as credentials: RequestCredentials
    ) -> HTTPRequest {
        var http = HTTPRequest(url: connection.server + request.target(selection))
        http.headers = [HTTPHeader("Accept", request.accept)]
        if let authorization = credentials.authorization {
            http.headers.append(HTTPHeader("Authorization", authorization))
        }
        http.headers += connection.headers
        http.transport = connection.transport
        if let certificate = credentials.clientCertificate { http.transport.clientCertificate = certificate }
        return http
    }
}
