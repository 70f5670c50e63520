import ClusterDirectory
import Testing

@Suite struct EndpointSetTests {
    @Test("a service that is gone has no endpoints")
    func gone() {
        #expect(EndpointSet(serviceExists: false).endpoints.isEmpty)
    }
}
