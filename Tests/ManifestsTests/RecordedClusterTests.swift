import ClusterIndex
import Testing

@testable import Manifests

/// The cluster that was recorded with kubectl, in Tests/Golden.
struct RecordedClusterTests {
    static let path =
        #filePath.split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" } + "/Golden/cluster.json"

    @Test("reads the recorded cluster to the last object")
    func readsRecordedCluster() throws {
        let (objects, errors, skipped) = ManifestReader.read(path: Self.path)
        #expect(errors == [])
        #expect(skipped == 0)
        let counts = Dictionary(grouping: objects, by: \.kind).mapValues(\.count)
        #expect(counts == [.endpointSlice: 90, .service: 88, .pod: 29, .namespace: 13])
        var endpoints = 0
        var notReady = 0
        var types: [EndpointSlice.AddressType: Int] = [:]
        var kinds: [Service.Kind: Int] = [:]
        for object in objects {
            if case .endpointSlice(let slice) = object {
                endpoints += slice.endpoints.count
                notReady += slice.endpoints.count { $0.ready == false }
                types[slice.addressType, default: 0] += 1
            }
            if case .service(let service) = object { kinds[service.kind, default: 0] += 1 }
        }
        #expect(endpoints == 1497)
        #expect(notReady == 69)
        #expect(types == [.ipv4: 78, .ipv6: 11, .fqdn: 1])
        #expect(kinds == [.clusterIP: 68, .externalName: 15, .loadBalancer: 4, .nodePort: 1])
    }

    @Test("reads the services of the recorded cluster with all that DNS needs")
    func readsRecordedServices() throws {
        let objects = ManifestReader.read(path: Self.path).objects
        let services = objects.compactMap { if case .service(let service) = $0 { service } else { nil } }
        let dns = try #require(services.first { $0.key == ObjectKey(namespace: "kube-system", name: "kube-dns") })
        #expect(dns.clusterIPs == ["10.96.0.10", "fd00:96::b:6c0a"])
        #expect(
            dns.ports == [
                ServicePort(name: "dns", transport: "UDP", number: 53), ServicePort(name: "dns-tcp", number: 53),
                ServicePort(name: "metrics", number: 9153),
            ])
        #expect(services.count { $0.isHeadless } > 10)
        #expect(services.contains { $0.ingress == [.init(hostname: "lb-1.example.net")] })
        #expect(services.filter { $0.kind == .externalName }.contains { $0.externalName == "example.org." })
    }
}

/// The cluster that Corefile.example serves.
struct DemoClusterTests {
    @Test("reads the demo cluster without an error or a warning")
    func readsDemoCluster() {
        let path = #filePath.split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" } + "/Demo/cluster.yaml"
        var set = ManifestSet(paths: [path])
        var objects: [ClusterObject] = []
        let report = set.refresh { change in
            if case .upsert(let object) = change { objects.append(object) }
        }
        #expect(report.errors == [])
        #expect(set.skippedCount == 0)
        let counts = Dictionary(grouping: objects, by: \.kind).mapValues(\.count)
        #expect(counts == [.namespace: 4, .service: 10, .endpointSlice: 9, .pod: 14])
        // Every slice belongs to a service, and every pod that an endpoint names is there.
        let keys = Set(objects.filter { $0.kind == .service || $0.kind == .pod }.map(\.key))
        for case .endpointSlice(let slice) in objects {
            #expect(keys.contains(ObjectKey(namespace: slice.key.namespace, name: slice.serviceName)))
            for endpoint in slice.endpoints where !endpoint.targetName.isEmpty {
                #expect(keys.contains(ObjectKey(namespace: slice.key.namespace, name: endpoint.targetName)))
            }
        }
    }
}
