import Dispatch
import HTTPClient
import KubernetesWatch
import YAML

/// Asks an API server for single objects, one after another.
struct APIRequests {
    private let connection: APIConnection
    private let seconds: Int
    private let http = HTTPFetcher(userAgent: "clusterdns-explain")

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
        return http.wait(for: request, seconds: seconds).mapError { ExplainFailure("\($0)") }.flatMap(Self.object)
    }

    private static func object(_ response: HTTPFetcher.Response) -> Result<Field, ExplainFailure> {
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
        return awaited(on: queue) { done in
            let credentials = Credentials(connection.credentials, queue: queue)
            credentials.current { result in
                done(result.mapError { ExplainFailure("\($0)") })
                withExtendedLifetime(credentials) {}
            }
            queue.asyncAfter(deadline: .now() + .seconds(seconds)) {
                done(.failure(ExplainFailure("the credentials took longer than \(seconds) s")))
            }
        }
    }
}
