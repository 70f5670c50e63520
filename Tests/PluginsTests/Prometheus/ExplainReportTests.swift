import AdminHTTP
import DNSMessage
import TestSupport
import Testing

@testable import Plugins

@Suite("/debug/explain")
struct ExplainReportTests {
    private static let manifest = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: default}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: default}
        spec: {clusterIPs: ["10.96.0.7"]}
        """

    private func get(_ query: String, _ options: String = "pods insecure") throws -> AdminClient.Response {
        let file = try TemporaryFile(Self.manifest)
        let server = try TestServer(
            """
            . {
                bind 127.0.0.1
                prometheus 127.0.0.1:{$PORT1}
                kubernetes cluster.local {
                    manifests \(file.path)
                    \(options)
                }
            }
            """)
        defer { server.stop() }
        return try AdminClient.get("/debug/explain\(query)", from: .loopback(server.ports[1]))
    }

    @Test("tells in JSON what the server answers")
    func answers() throws {
        let response = try get("?name=web&type=A")
        #expect(response.status == 200)
        #expect(
            response.body.hasPrefix(
                #"{"question":"web","types":["A"],"verdict":"resolves","summary":"web resolves to "#))
        #expect(
            response.body.contains(#"{"name":"web.default.svc.cluster.local.","ttl":5,"type":"A","data":"10.96.0.7"}"#))
    }

    @Test(
        "tells what plugins in front of the cluster do, and by what they go",
        arguments: [
            ("?name=web.default.svc.cluster.local.&type=A", #""act":"not worked out""#),
            ("?name=web.default.svc.cluster.local.&type=A&client=10.1.1.1", #""verdict":"resolves""#),
            ("?name=web.default.svc.cluster.local.&type=A&client=192.0.2.1", #""act":"refused""#),
        ])
    func plugins(query: String, words: String) throws {
        let response = try get(query, "}\n acl {\n allow net 10.0.0.0/8\n block")
        #expect(response.body.contains(words), "\(response.body)")
    }

    @Test("takes the namespace of the pod that asks, and names with escapes")
    func namespace() throws {
        let response = try get("?name=%77eb.default&namespace=other")
        #expect(response.body.contains(#""search":["other.svc.cluster.local.","#))
        #expect(response.body.contains(#""verdict":"resolves""#))
    }

    @Test(
        "refuses what cannot be meant, with a sentence",
        arguments: [
            ("", "a name is needed"), ("?namespace=default", "a name is needed"),
            ("?name=web&type=FOO", "no type 'FOO'"), ("?name=web&client=me", "the client is no address"),
            ("?name=%zz", "cannot be read"), ("?name=%ff", "cannot be read"), ("?name=%6", "cannot be read"),
            ("?name=web&type=A&type=A&type=A&type=A&type=A", "more than 4 types"),
            ("?name=" + String(repeating: "a", count: 3000), "cannot be read"),
        ])
    func refusals(query: String, words: String) throws {
        let response = try get(query)
        #expect(response.status == 400)
        #expect(response.body.contains(words), "\(response.body)")
    }

    @Test("has nothing to tell without a kubernetes block")
    func noCluster() throws {
        let server = try TestServer(". {\n bind 127.0.0.1\n prometheus 127.0.0.1:{$PORT1}\n whoami\n}")
        let response = try AdminClient.get("/debug/explain?name=web", from: .loopback(server.ports[1]))
        #expect(response.status == 400)
        #expect(response.body.contains("no kubernetes block"))
    }

    @Test("goes by the configuration that serves, after a reload too")
    func reload() throws {
        let file = try TemporaryFile(Self.manifest)
        func corefile(_ zone: String) -> String {
            """
            . {
                bind 127.0.0.1
                prometheus 127.0.0.1:{$PORT1}
                kubernetes \(zone) {
                    manifests \(file.path)
                }
            }
            """
        }
        let server = try TestServer(corefile("cluster.local"))
        for zone in ["cluster.local", "corp.local"] {
            try server.reload(corefile(zone))
            let response = try AdminClient.get("/debug/explain?name=web", from: .loopback(server.ports[1]))
            #expect(response.body.contains("\"web.default.svc.\(zone).\""), "\(response.body)")
        }
    }

    @Test(
        "reads the query of an address",
        arguments: [("a=1&b=2&a=3", ["1", "3"]), ("a", [""]), ("a=x%20y=z", ["x y=z"]), ("", []), ("&&", [])])
    func queryItems(query: String, values: [String]) throws {
        #expect(try #require(QueryItems(query)).values(of: "a") == values)
    }
}
