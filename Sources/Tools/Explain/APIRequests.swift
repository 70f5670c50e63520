import Dispatch
import HTTPClient
import KubernetesWatch
import Locking
import YAML

/// Asks an API server for single objects, one after another.
struct APIRequests {
    private let connection: APIConnection
    private let seconds: Int
    private let http = BlockingHTTP()

    init(_ connection: APIConnection, seconds: Int) {
        self.connection = connection
        self.seconds = seconds
    }

    /// The object at a path.
    func get(_ path: String) -> Result<Field, ExplainFailure> {
        let carried: RequestCredentials
        switch credentials() {
        case .success(let found): carried = found
        case .failure(let failure): return .failure(failure)
        }
        var request = HTTPRequest(url: connection.server + path)
        request.headers = [HTTPHeader("Accept", "application/json")] + connection.headers
        if let authorization = carried.authorization {
            request.headers.append(HTTPHeader("Authorization", authorization))
        }
        request.transport = connection.transport
        if let certificate = carried.clientCertificate { request.transport.clientCertificate = certificate }
        return http.get(request, seconds: seconds).flatMap(Self.object)
    }

    private static func object(_ response: BlockingHTTP.Response) -> Result<Field, ExplainFailure> {
        do throws(YAMLFault) {
            let root = try NodeTree.document(of: response.content)
            guard response.status == 200 else {
                let message = try? root?.string(of: "message")
                return .failure(ExplainFailure(message ?? "the API server answers \(response.status)"))
            }
            guard let root else { return .failure(ExplainFailure("the API server sends nothing")) }
            return .success(root)
        } catch {
            let status = response.status == 200 ? "what is no JSON" : "\(response.status)"
            return .failure(ExplainFailure("the API server answers \(status)"))
        }
    }

    private func credentials() -> Result<RequestCredentials, ExplainFailure> {
        let queue = DispatchQueue(label: "clusterdns.explain.credentials")
        let found = Lock<Result<RequestCredentials, CredentialFault>?>(nil)
        let arrived = DispatchSemaphore(value: 0)
        queue.async { [connection] in
            let credentials = Credentials(connection.credentials, queue: queue)
            credentials.current { result in
                found.withLock { $0 = result }
                arrived.signal()
                withExtendedLifetime(credentials) {}
            }
        }
        _ = arrived.wait(timeout: .now() + .seconds(seconds))
        switch found.withLock({ $0 }) {
        case .success(let credentials): return .success(credentials)
        case .failure(let fault): return .failure(ExplainFailure("\(fault)"))
        case nil: return .failure(ExplainFailure("the credentials took longer than \(seconds) s"))
        }
    }
}
