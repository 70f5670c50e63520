import ClusterDirectory
import ClusterIndex
import DNSMessage
import DNSResolver
import KubernetesWatch
import TestSupport
import Testing

@Suite("The start of a directory")
struct StartTests {
    @Test("is over when everything is known; a kubeconfig's context says which namespace is ours")
    func started() async throws {
        let scene = try Scene()
        defer { scene.api.stop() }
        let directory = try await scene.directory()
        #expect(await directory.outcome("web A") == "web.shop.svc.cluster.local. 5.0: 10.96.0.1")
        let status = directory.status
        #expect(status.isSynced && status.missing == [] && status.failure == nil)
        #expect(try #require(status.age) < .seconds(60))
        let agents = Set(scene.api.requests.compactMap { $0.headers["user-agent"] })
        #expect(agents == ["clusterdns-directory"])
    }

    @Test("leaves nothing behind: neither watches nor descriptors", .timeLimit(.minutes(5)))
    func leftovers() async throws {
        let scene = try Scene()
        defer { scene.api.stop() }
        for round in 0..<3 {
            let directory = try await scene.directory()
            #expect(scene.api.watchCount() == 3)
            // Closed, or only let go.
            if round == 0 { directory.close() }
            withExtendedLifetime(directory) {}
        }
        #expect(await eventually { scene.api.watchCount() == 0 && scene.api.connectionCount == 0 })
    }

    @Test("says that the role lacks a permission, and which")
    func forbidden() async throws {
        var behaviour = APIServer.Behaviour()
        behaviour.forbidden = [.init(.list, .endpointSlices), .init(.watch, .endpointSlices)]
        let scene = try Scene(Sample.shop, behaviour)
        defer { scene.api.stop() }
        let error = await #expect(throws: DirectoryError.self) {
            try await ClusterDirectory(scene.source, timeout: .seconds(2))
        }
        guard case .forbidden = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        let text = "\(try #require(error))"
        #expect(text.hasPrefix("cannot watch endpointslices: "))
        #expect(
            text.hasSuffix(
                "; the role needs list and watch on namespaces, services and endpointslices.discovery.k8s.io"))
    }

    @Test("what could be listed is answered all the same; what is not known is no denial")
    func partly() async throws {
        var behaviour = APIServer.Behaviour()
        behaviour.forbidden = [.init(.list, .endpointSlices), .init(.watch, .endpointSlices)]
        let scene = try Scene(Sample.shop, behaviour)
        defer { scene.api.stop() }
        let directory = try ClusterDirectory(starting: scene.source)
        #expect(
            await eventually {
                await directory.outcome("web A") == "web.shop.svc.cluster.local. 5.0: 10.96.0.1"
            })
        let unknown = "the server failed with SERVFAIL: the objects of the cluster have not arrived yet"
        #expect(await directory.outcome("db A") == unknown)
        #expect(await directory.outcome("nothing A") == unknown)
        #expect(await directory.outcome("10.96.0.77 PTR") == unknown)
        #expect(directory.answer(to: "nothing.shop.svc.cluster.local.", .a)?.responseCode == .servFail)
        #expect(directory.status.missing == ["endpointslices"])
        #expect(directory.status.age == nil)
        scene.api.configure { $0.forbidden = [] }
        try await directory.waitUntilSynced(timeout: .seconds(60))
        #expect(await directory.outcome("nothing A") == "there is no such name (NXDOMAIN)")
        #expect(await eventually { directory.status.failure == nil })
    }

    @Test("says that the API server cannot be reached, or does not know us, or has nothing to say")
    func failures() async throws {
        let scene = try Scene()
        defer { scene.api.stop() }
        func error() async -> DirectoryError? {
            await #expect(throws: DirectoryError.self) {
                try await ClusterDirectory(scene.source, timeout: .milliseconds(500))
            }
        }
        scene.api.configure { $0.users = .known(tokens: ["secret": "someone"]) }
        if case .unauthorized(let text) = await error() {
            #expect(text.contains("the API server does not accept our credentials"))
        } else {
            Issue.record("a stranger is let in")
        }
        scene.api.configure { $0.users = .anybody }
        scene.api.inject(.respond(.loginPage), times: nil)
        guard case .failing = await error() else {
            Issue.record("a login page is no API server")
            return
        }
        scene.api.heal()
        scene.api.inject(.silence, times: nil)
        #expect(await error() == .tooSlow(missing: ["endpointslices", "namespaces", "services"]))
        scene.api.heal()
        scene.api.goDown()
        guard case .unreachable(let text) = await error() else {
            Issue.record("it is down")
            return
        }
        #expect(text.contains("127.0.0.1:\(scene.api.port)"))
    }

    @Test("says at once that there is nothing to reach an API server with")
    func noConnection() async throws {
        let files = try TemporaryDirectory()
        #expect(throws: DirectoryError.noConnection(["kubeconfig \(files.path)/nothing does not exist"])) {
            try start(.kubeconfig("\(files.path)/nothing"))
        }
        try files.write("contexts: []".utf8, to: "kubeconfig")
        #expect { try start(.kubeconfig("\(files.path)/kubeconfig", context: "prod")) } throws: {
            "\($0)".contains("context 'prod' not found; there are none")
        }
        #expect { try start(.inCluster) } throws: {
            "\($0)".hasSuffix("must be defined; outside of a pod, name a kubeconfig or manifests")
        }
    }

    @Test("ends when the task is cancelled, and when the directory is closed")
    func calledOff() async throws {
        let scene = try Scene()
        defer { scene.api.stop() }
        scene.api.inject(.silence, times: nil)
        let directory = try ClusterDirectory(starting: scene.source)
        let cancelled = Task { try await directory.waitUntilSynced(timeout: .seconds(600)) }
        cancelled.cancel()
        await #expect(throws: DirectoryError.cancelled) { try await cancelled.value }
        let closed = Task { try await directory.waitUntilSynced(timeout: .seconds(600)) }
        #expect(scene.api.waitForRequests(count: 3))
        directory.close()
        await #expect(throws: DirectoryError.closed) { try await closed.value }
    }

    @Test("goes on while the API server is away, and catches up when it is back")
    func outage() async throws {
        let scene = try Scene()
        defer { scene.api.stop() }
        let directory = try await scene.directory()
        scene.api.goDown()
        #expect(await eventually { directory.status.failure?.contains("cannot watch services: ") == true })
        #expect(directory.status.isSynced)
        #expect(await directory.outcome("web A") == "web.shop.svc.cluster.local. 5.0: 10.96.0.1")
        scene.api.delete(.services, Sample.key("web"))
        scene.api.apply(Sample.service("new", at: "10.96.0.9"))
        try scene.api.comeBack()
        #expect(
            await eventually { await directory.outcome("web A") == "there is no such name (NXDOMAIN)" })
        #expect(
            await eventually { await directory.outcome("new A") == "new.shop.svc.cluster.local. 5.0: 10.96.0.9" })
        #expect(await eventually { directory.status.failure == nil })
    }

    @Test("only the namespaces that are wanted are asked for, and known")
    func namespaces() async throws {
        let more = [Sample.namespace("other"), Sample.service("web", in: "other", at: "10.96.0.3")]
        let scene = try Scene(Sample.shop + more)
        defer { scene.api.stop() }
        var options = DirectoryOptions()
        options.index.namespaces = .named(["shop"])
        let directory = try await scene.directory(options)
        #expect(await directory.outcome("web A") == "web.shop.svc.cluster.local. 5.0: 10.96.0.1")
        #expect(await directory.outcome("web.other A") == "there is no such name (NXDOMAIN)")
        let services = scene.api.requests.filter { $0.resource == .services }
        #expect(services.allSatisfy { $0.parameters["fieldSelector"] == "metadata.namespace=shop" })
    }

    @Test("manifests are read, and read again when they change; their mistakes are told")
    func manifests() async throws {
        let files = try TemporaryDirectory()
        func service(_ address: String) -> String {
            """
            {apiVersion: v1, kind: Namespace, metadata: {name: default}}
            ---
            {apiVersion: v1, kind: Service, metadata: {name: web, namespace: default}, spec: {clusterIP: \(address)}}

            """
        }
        try files.write(service("10.96.0.1").utf8, to: "cluster.yaml")
        let directory = try await ClusterDirectory(.manifests(files.path), timeout: .seconds(60))
        #expect(await directory.outcome("web A") == "web.default.svc.cluster.local. 5.0: 10.96.0.1")
        #expect(directory.status == DirectoryStatus(isSynced: true))
        try files.write(service("10.96.0.2").utf8, to: "cluster.yaml")
        #expect(
            await eventually {
                await directory.outcome("web A") == "web.default.svc.cluster.local. 5.0: 10.96.0.2"
            })
        try files.write("spec: [".utf8, to: "cluster.yaml")
        #expect(
            await eventually { directory.status.failure?.hasPrefix("\(files.path)/cluster.yaml:") == true })
        #expect(await directory.outcome("web A") == "web.default.svc.cluster.local. 5.0: 10.96.0.2")
        let error = await #expect(throws: DirectoryError.self) {
            try await ClusterDirectory(.manifests(files.path), timeout: .seconds(60))
        }
        guard case .manifests(let mistakes) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(mistakes.count == 1)
    }
}
