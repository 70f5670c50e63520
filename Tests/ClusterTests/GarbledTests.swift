import ClusterIndex
import KubernetesWatch
import TestSupport
import Testing

@Suite("a stream that is garbled")
struct GarbledTests {
    @Test(
        "in the middle of an event does not swallow the next one",
        arguments: [true, false], [StreamFault.wrongLength, .garbage, .cutFrame])
    func swallowed(offersProtobuf: Bool, fault: StreamFault) async throws {
        var behaviour = APIServer.Behaviour()
        behaviour.offersProtobuf = offersProtobuf
        let api = try APIServer(behaviour)
        defer { api.stop() }
        api.apply(Sample.shop)
        let dns = try TestServer(watching: api)
        #expect(api.waitForWatches(count: 3))
        api.strike(fault)
        // One event, and no bookmark for a minute.
        api.apply(Sample.service("late", at: "10.96.1.1"))
        #expect(try await differences(dns, from: api) == [])
    }
}
