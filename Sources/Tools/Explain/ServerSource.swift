import DNSMessage
import Explanation
import HTTPClient
import Plugins
import YAML

/// A running clusterdns: explains from what it answers from, and is asked over DNS what it really answers.
struct ServerSource {
    private static let metricsPort: UInt16 = 9153
    /// How long the DNS server has for each name.
    private static let askSeconds = 2

    private let url: String
    private let dns: SocketAddress?
    private let options: ExplainCommand

    init(_ server: String, _ options: ExplainCommand) throws(ExplainFailure) {
        guard let place = HostAndPort(server), !place.host.isEmpty else {
            throw ExplainFailure("'\(server)' is no HOST or HOST:PORT")
        }
        let host = place.host.contains(":") ? "[\(place.host)]" : place.host
        url = "http://\(host):\(place.port ?? Self.metricsPort)/debug/explain"
        self.options = options
        do throws(QueryMistake) {
            dns = try QueryServer.addresses(options.dns ?? host, QueryOptions()).first?.address
        } catch {
            guard options.dns == nil else { throw ExplainFailure("\(error)") }
            dns = nil
        }
    }

    func explanation(_ request: ExplainRequest) throws(ExplainFailure) -> NameExplanation {
        var items = [("name", request.name), ("namespace", request.namespace)]
        if let client = request.client { items.append(("client", "\(client)")) }
        items += request.types.map { ("type", "\($0)") }
        let query = items.map { "\($0.0)=\(Self.escaped($0.1))" }.joined(separator: "&")
        var explanation: NameExplanation
        let http = HTTPFetcher(userAgent: "clusterdns-explain")
        switch http.wait(for: HTTPRequest(url: "\(url)?\(query)"), seconds: options.timeout) {
        case .failure(let failure): throw ExplainFailure("\(url): \(failure)")
        case .success(let response): explanation = try read(response)
        }
        explanation.sources = ["the running server at \(url)"]
        if let pod = request.pod {
            explanation.notes.append(
                "The server does not know the DNS settings of the Pod \(pod); those of a pod that says nothing are "
                    + "taken. --kubeconfig reads them.")
        }
        if let dns {
            explanation.check(server: "\(dns)") { name, type in
                DNSAsker.ask(name, type, [dns], seconds: Self.askSeconds)
            }
        }
        return explanation
    }

    private func read(_ response: HTTPFetcher.Response) throws(ExplainFailure) -> NameExplanation {
        switch response.status {
        case 200: break
        case 404:
            throw ExplainFailure(
                "\(url) is not there: is it a clusterdns of this version, with 'prometheus' in its Corefile?")
        default:
            let error = (try? NodeTree.document(of: response.content)?.string(of: "error")) ?? ""
            throw ExplainFailure("the server answers \(response.status)\(error.isEmpty ? "" : ": \(error)")")
        }
        do {
            return try NameExplanation(json: response.content)
        } catch {
            throw ExplainFailure("what the server at \(url) sends is no explanation: \(error.message)")
        }
    }

    /// For the query of a URL (RFC 3986 §2.1).
    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                String(decoding: [byte], as: UTF8.self)
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }.joined()
    }
}
