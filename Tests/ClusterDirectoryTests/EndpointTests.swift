import ClusterDirectory
import ClusterIndex
import DNSMessage
import DNSResolver
import KubernetesWatch
import Locking
import TestSupport
import Testing

@Suite("The endpoints of a service as they change")
struct EndpointTests {
    private static let slices = [Sample.slice(of: "web", ["10.128.1.1", "10.128.1.2"])]

    @Test("come as they are now, and then at every change", .timeLimit(.minutes(5)))
    func changes() async throws {
        let scene = try Scene(Sample.shop + Self.slices)
        defer { scene.api.stop() }
        let directory = try await scene.directory()
        // A cluster IP and a headless service alike.
        var web = directory.endpoints(of: "web", port: "http").makeAsyncIterator()
        var db = directory.endpoints(of: "DB", in: "Shop", port: 80).makeAsyncIterator()
        #expect(await web.next()?.text == "10.128.1.1:8080 10.128.1.2:8080")
        #expect(await db.next()?.text == "10.128.0.1:8080 10.128.0.2:8080")
        scene.api.apply(Sample.slice(of: "web", ["10.128.1.2", "10.128.1.3"]))
        #expect(await web.next()?.text == "10.128.1.2:8080 10.128.1.3:8080")
        scene.api.apply(Sample.slice(of: "web", []))
        #expect(await web.next()?.text == "none")
        scene.api.delete(.services, Sample.key("web"))
        #expect(await web.next()?.text == "no service")
        scene.api.apply(Sample.slice(of: "web", ["10.128.1.9"]))
        scene.api.apply(Sample.service("web", at: "10.96.0.1"))
        #expect(await web.next()?.text == "10.128.1.9:8080")
        scene.api.delete(.namespaces, ObjectKey(name: "shop"))
        #expect(await web.next()?.text == "no service")
        #expect(await db.next()?.text == "no service")
        scene.api.apply(Sample.namespace("shop"))
        #expect(await web.next()?.text == "10.128.1.9:8080")
        #expect(directory.currentEndpoints(of: "web", port: "http")?.text == "10.128.1.9:8080")
    }

    @Test("move with a slice from one service to another, and when a slice is deleted")
    func moves() async throws {
        let scene = try Scene(Sample.shop + [Sample.headless("two")])
        defer { scene.api.stop() }
        let directory = try await scene.directory()
        var db = directory.endpoints(of: "db").makeAsyncIterator()
        var two = directory.endpoints(of: "two").makeAsyncIterator()
        #expect(await db.next()?.text == "10.128.0.1:8080 10.128.0.2:8080")
        #expect(await two.next()?.text == "none")
        guard case .endpointSlice(var slice) = Sample.slice(of: "db", ["10.128.0.1"]) else { return }
        slice.serviceName = "two"
        scene.api.apply(.endpointSlice(slice))
        #expect(await db.next()?.text == "none")
        #expect(await two.next()?.text == "10.128.0.1:8080")
        scene.api.delete(.endpointSlices, slice.key)
        #expect(await two.next()?.text == "none")
    }

    @Test("are told again after an outage only as far as they changed")
    func outage() async throws {
        let scene = try Scene(Sample.shop + Self.slices)
        defer { scene.api.stop() }
        let directory = try await scene.directory()
        var web = directory.endpoints(of: "web").makeAsyncIterator()
        var db = directory.endpoints(of: "db").makeAsyncIterator()
        #expect(await web.next()?.text == "10.128.1.1:8080 10.128.1.2:8080")
        #expect(await db.next()?.text == "10.128.0.1:8080 10.128.0.2:8080")
        scene.api.goDown()
        scene.api.apply(Sample.slice(of: "web", ["10.128.1.7"]))
        scene.api.delete(.services, Sample.key("nothing"))
        try scene.api.comeBack()
        #expect(await web.next()?.text == "10.128.1.7:8080")
        // Nothing came for this one: what comes next is the next change.
        scene.api.apply(Sample.slice(of: "db", ["10.128.0.3"]))
        #expect(await db.next()?.text == "10.128.0.3:8080")
    }

    @Test("wait for the first objects, and for a service that is yet to come")
    func waits() async throws {
        let scene = try Scene(Sample.shop + Self.slices)
        defer { scene.api.stop() }
        scene.api.inject(.silence, into: .requests(of: .endpointSlices), times: nil)
        let directory = try ClusterDirectory(starting: scene.source)
        let first = Task { () -> [String] in
            var texts: [String] = []
            for await set in directory.endpoints(of: "web") {
                texts.append(set.text)
                if texts.count == 1 { break }
            }
            return texts
        }
        #expect(scene.api.waitForRequests(count: 3))
        // What is known of the service already is not told without its endpoints.
        #expect(
            await eventually { await directory.outcome("web A") == "web.shop.svc.cluster.local. 5.0: 10.96.0.1" })
        scene.api.heal()
        #expect(await first.value == ["10.128.1.1:8080 10.128.1.2:8080"])
        var later = directory.endpoints(of: "later").makeAsyncIterator()
        #expect(await later.next()?.text == "no service")
        scene.api.apply(Sample.service("later", at: "10.96.0.8"))
        #expect(await later.next()?.text == "none")
    }

    @Test("of a slow consumer are the newest, never what was between nor what it has already")
    func slow() async throws {
        let scene = try Scene(Sample.shop)
        defer { scene.api.stop() }
        let directory = try await scene.directory()
        var db = directory.endpoints(of: "db").makeAsyncIterator()
        #expect(await db.next()?.text == "10.128.0.1:8080 10.128.0.2:8080")
        for number in 1...200 { scene.api.apply(Sample.slice(of: "db", ["10.128.9.\(number)"])) }
        #expect(await eventually { directory.currentEndpoints(of: "db")?.text == "10.128.9.200:8080" })
        #expect(await db.next()?.text == "10.128.9.200:8080")
        // There and back again is no change to whoever did not look.
        scene.api.apply(Sample.slice(of: "db", ["10.128.9.1"]))
        #expect(await eventually { directory.currentEndpoints(of: "db")?.text == "10.128.9.1:8080" })
        scene.api.apply(Sample.slice(of: "db", ["10.128.9.200"]))
        #expect(await eventually { directory.currentEndpoints(of: "db")?.text == "10.128.9.200:8080" })
        scene.api.apply(Sample.slice(of: "db", ["10.128.9.2"]))
        #expect(await db.next()?.text == "10.128.9.2:8080")
    }

    @Test("end with the task that waits for them, with the directory, and for one without the others")
    func ends() async throws {
        let scene = try Scene(Sample.shop)
        defer { scene.api.stop() }
        let directory = try await scene.directory()
        func count() -> Task<Int, Never> {
            Task {
                var count = 0
                for await _ in directory.endpoints(of: "db") { count += 1 }
                return count
            }
        }
        let (cancelled, early, stays) = (count(), count(), count())
        early.cancel()
        var seen = directory.endpoints(of: "db").makeAsyncIterator()
        _ = await seen.next()
        cancelled.cancel()
        _ = await cancelled.value
        _ = await early.value
        scene.api.apply(Sample.slice(of: "db", ["10.128.0.7"]))
        #expect(await seen.next()?.text == "10.128.0.7:8080")
        directory.close()
        #expect(await seen.next() == nil)
        #expect(await seen.next() == nil)
        _ = await stays.value
    }

    @Test("keep a directory alive that nobody else has, and let it go with the last of them")
    func lifetime() async throws {
        let scene = try Scene(Sample.shop)
        defer { scene.api.stop() }
        do {
            var db = try await scene.directory().endpoints(of: "db").makeAsyncIterator()
            #expect(await db.next()?.text == "10.128.0.1:8080 10.128.0.2:8080")
            #expect(scene.api.watchCount() == 3)
        }
        #expect(await eventually { scene.api.watchCount() == 0 })
    }

    @Test("reach a thousand subscribers, each the last change", .timeLimit(.minutes(5)))
    func thousand() async throws {
        let scene = try Scene(Sample.shop + Self.slices)
        defer { scene.api.stop() }
        let directory = try await scene.directory()
        let started = Lock(0)
        await withTaskGroup(of: String.self) { group in
            for number in 0..<1_000 {
                group.addTask {
                    var last = ""
                    var isFirst = true
                    for await set in directory.endpoints(of: number % 2 == 0 ? "db" : "web") {
                        if isFirst { started.withLock { $0 += 1 } }
                        isFirst = false
                        last = set.text
                        if last == "10.128.5.50:8080" { break }
                    }
                    return last
                }
            }
            #expect(await eventually { started.withLock { $0 } == 1_000 })
            for number in 1...50 {
                scene.api.apply(Sample.slice(of: "db", ["10.128.5.\(number)"]))
                scene.api.apply(Sample.slice(of: "web", ["10.128.5.\(number)"]))
            }
            var texts: [String: Int] = [:]
            for await text in group { texts[text, default: 0] += 1 }
            #expect(texts == ["10.128.5.50:8080": 1_000])
        }
    }

    @Test("serve an actor as well as anybody")
    @MainActor func actor() async throws {
        let scene = try Scene(Sample.shop)
        defer { scene.api.stop() }
        let directory = try await scene.directory()
        for await set in directory.endpoints(of: "db") {
            #expect(set.text == "10.128.0.1:8080 10.128.0.2:8080")
            break
        }
    }
}
