import AdminHTTP
import Corefile
import DNSMessage
import Explanation
import Locking
import PluginKit
import YAML

/// What `/debug/explain` tells: how the server answers a name, and why, from the objects that it has just now.
final class ExplainReport: Sendable {
    /// Longest query of the address, in bytes; a name takes up to 255, each of them three where it is escaped.
    private static let queryBytesMax = 2048
    private static let typesMax = 4

    private let corefile: Corefile
    private let host: HostContext
    private let clusters: ServedClusters
    private let routes = Lock<[ServerRoute]?>(nil)

    init(_ setup: Setup) {
        corefile = setup.corefile.corefile
        host = setup.host
        clusters = ServedClusters.of(setup)
    }

    /// `name`, `namespace`, `client`, `type` once or more; all but the name may be left out.
    func answer(_ query: String) -> HTTPResponse {
        guard query.utf8.count <= Self.queryBytesMax, let items = QueryItems(query) else {
            return Self.refusal("the query cannot be read")
        }
        guard let name = items.values(of: "name").first, !name.isEmpty else {
            return Self.refusal("a name is needed, as in /debug/explain?name=web.shop&namespace=default&type=A")
        }
        var types: [RecordType] = []
        for text in items.values(of: "type") {
            guard let type = RecordType(text.uppercased()) else { return Self.refusal("there is no type '\(text)'") }
            types.append(type)
        }
        let client = items.values(of: "client").first
        guard client.map({ IPAddress($0) != nil }) ?? true else { return Self.refusal("the client is no address") }
        guard types.count <= Self.typesMax else { return Self.refusal("more than \(Self.typesMax) types") }
        let routes = routes.withLock { known in
            let routes = known ?? CorefileRoutes.routes(of: corefile, host: host)
            known = routes
            return routes
        }
        let known = clusters.known
        guard let domain = Explainer.domain(of: routes), !known.isEmpty else {
            return Self.refusal("the Corefile has no kubernetes block, so there is nothing to explain")
        }
        var asker = Asker(namespace: items.values(of: "namespace").first ?? "default", domain: domain)
        asker.address = client.flatMap { IPAddress($0) }
        let plugins = ExplainedPlugins(
            corefile, ExplainedPlugins.Setting(host: host, clusters: known, client: asker.address, isServer: true))
        let explainer = Explainer(routes: routes, clusters: known, plugins: plugins) { _, _, _ in
            .notAsked("the server explains only what it knows itself")
        }
        let explanation = explainer.explain(name, types, asker: asker, sources: [])
        return HTTPResponse(contentType: Self.contentType, body: Array((explanation.json + "\n").utf8))
    }

    private static let contentType = "application/json"

    private static func refusal(_ text: String) -> HTTPResponse {
        let body = "{\"error\":\"\(JSONOutput.escaped(text))\"}\n"
        return HTTPResponse(status: 400, contentType: contentType, body: Array(body.utf8))
    }
}

/// The query of an address (RFC 3986 §3.4), as forms write it: `name=value&…`, percent-encoded.
struct QueryItems {
    private var items: [(name: String, value: String)] = []

    /// Nil where an escape is broken or the bytes are no text.
    init?(_ query: String) {
        for part in query.split(separator: "&") {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(sides[0]), let value = Self.decoded(sides.count > 1 ? sides[1] : "") else {
                return nil
            }
            items.append((name, value))
        }
    }

    func values(of name: String) -> [String] { items.filter { $0.name == name }.map(\.value) }

    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
