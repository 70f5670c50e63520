import DNSMessage
import Testing

@testable import ClusterIndex

@Suite("external addresses in the index")
struct ExternalAddressTests {
    private static let key = ObjectKey(namespace: "edge", name: "web")

    private static func service(_ ips: [String], _ hosts: [String] = [], port: UInt16 = 80) -> ClusterObject {
        .service(
            Service(
                key: key, clusterIPs: ["10.96.0.1"], externalIPs: ips,
                ingress: hosts.map { Service.Ingress(hostname: $0) }, ports: [ServicePort(number: port)]))
    }

    private static func index(keepsExternals: Bool = true) -> ClusterIndex {
        var options = IndexOptions()
        options.keepsExternals = keepsExternals
        var index = ClusterIndex(options: options)
        index.upsert(.namespace(Namespace(name: "edge")))
        return index
    }

    private static let zone = ExternalZone(
        "example.net", apexLabel: "dns", ttl: 5, serviceTTL: 5, answersHeadless: false, primary: "example.net",
        ownAddresses: [])

    /// How many records a question gets.
    private func count(_ index: ClusterIndex, _ name: Name, _ type: RecordType) -> Int {
        var scratch = LookupScratch()
        var nameScratch = NameScratch()
        var writer = MessageWriter()
        let question = QuestionView(name: nameScratch.read(name), type: type, class: .internet)
        writer.begin(question)
        _ = index.answer(question, in: Self.zone, scratch: &scratch, into: &writer)
        return writer.answerCount
    }

    @Test("come, change and go with their service, and so do their PTR records")
    func follow() {
        var index = Self.index()
        index.upsert(Self.service(["192.0.2.1", "192.0.2.2", "192.0.2.1", "no address", "2001:db8::1"]))
        #expect(count(index, "web.edge.example.net", .a) == 2)
        #expect(count(index, "web.edge.example.net", .aaaa) == 1)
        #expect(count(index, "1.2.0.192.in-addr.arpa", .ptr) == 1)
        let frozen = index
        index.upsert(Self.service(["192.0.2.3"]))
        #expect(count(index, "web.edge.example.net", .a) == 1)
        #expect(count(index, "1.2.0.192.in-addr.arpa", .ptr) == 0)
        #expect(count(index, "3.2.0.192.in-addr.arpa", .ptr) == 1)
        #expect(count(frozen, "1.2.0.192.in-addr.arpa", .ptr) == 1)
        index.upsert(Self.service([], ["lb.example.org", "192.0.2.9", "no..name"]))
        #expect(count(index, "web.edge.example.net", .a) == 1)
        index.delete(.service, Self.key)
        #expect(count(index, "web.edge.example.net", .a) == 0)
        #expect(count(frozen, "web.edge.example.net", .a) == 2)
    }

    @Test("move their own serial when they or the ports change, but not when a service comes")
    func serials() {
        var index = Self.index()
        #expect(!index.upsert(Self.service(["192.0.2.1"])).movesExternalSerial)
        #expect(!index.upsert(Self.service(["192.0.2.1"])).movesExternalSerial)
        let change = index.upsert(Self.service(["192.0.2.2"]))
        #expect(change.movesExternalSerial)
        #expect(!change.movesSerial)
        #expect(index.upsert(Self.service(["192.0.2.2"], port: 81)).movesExternalSerial)
        #expect(index.delete(.service, Self.key).movesExternalSerial)
    }

    @Test("do not move it when the service comes after its endpoint slice")
    func sliceFirst() {
        var index = Self.index()
        index.upsert(
            .endpointSlice(
                EndpointSlice(
                    key: ObjectKey(namespace: "edge", name: "web-1"), serviceName: "web",
                    endpoints: [Endpoint(addresses: ["10.1.2.3"])], ports: [ServicePort(number: 80)])))
        #expect(!index.upsert(Self.service(["192.0.2.1"])).movesExternalSerial)
        #expect(index.upsert(Self.service(["192.0.2.2"])).movesExternalSerial)
    }

    @Test("are not kept unless they are wanted")
    func notKept() {
        var index = Self.index(keepsExternals: false)
        #expect(index.upsert(Self.service(["192.0.2.1"])).movesSerial)
        let change = index.upsert(Self.service(["192.0.2.2"], ["lb.example.org"]))
        #expect(change == .none)
        #expect(count(index, "web.edge.example.net", .a) == 0)
        #expect(count(index, "2.2.0.192.in-addr.arpa", .ptr) == 0)
    }

    @Test("come back from the objects that an index gives")
    func roundTrip() {
        var index = Self.index()
        index.upsert(Self.service(["192.0.2.1", "2001:db8::1"], ["lb.example.org"]))
        var copy = ClusterIndex(options: index.options)
        index.forEachObject { copy.upsert($0) }
        #expect(count(copy, "web.edge.example.net", .a) == 1)
        #expect(count(copy, "web.edge.example.net", .aaaa) == 1)
        #expect(count(copy, "web.edge.example.net", .srv) == 2)
        #expect(count(copy, "1.2.0.192.in-addr.arpa", .ptr) == 1)
    }
}
