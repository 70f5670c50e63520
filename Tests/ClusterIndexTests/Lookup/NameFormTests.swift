import ClusterIndex
import DNSMessage
import TestSupport
import Testing

@Suite("What names spell")
struct NameFormTests {
    private static let web = ObjectKey(namespace: "shop", name: "web")

    @Test(
        "is told in the terms of the cluster",
        arguments: [
            ("cluster.local", NameForm.apex), ("svc.cluster.local", .category("svc")),
            ("pod.cluster.local", .category("pod")), ("shop.svc.cluster.local", .namespace("shop", isOfPods: false)),
            ("shop.pod.cluster.local", .namespace("shop", isOfPods: true)),
            ("web.shop.svc.cluster.local", .service(web)),
            ("WEB.Shop.SVC.cluster.local", .service(web)), ("a.web.shop.svc.cluster.local", .endpoint("a", of: web)),
            ("_http._tcp.web.shop.svc.cluster.local", .port("_http", transport: "_tcp", of: web)),
            ("1-2-3-4.shop.pod.cluster.local", .pod("1-2-3-4", namespace: "shop")),
            ("ns.dns.cluster.local", .nameServer), ("dns-version.cluster.local", .version),
            ("web.cluster.local", .other(["web"])),
            ("a.b.c.web.shop.svc.cluster.local", .other(["a", "b", "c", "web", "shop", "svc"])),
        ])
    func forms(name: String, form: NameForm) throws {
        #expect(ClusterIndex().form(of: try Name(name), in: ClusterZone("cluster.local")) == form)
    }

    @Test("of a cluster set and with zones there is more")
    func more() throws {
        let index = ClusterIndex(options: IndexOptions(isZonal: true))
        let set = ClusterZone("set.local", isClusterSet: true)
        #expect(
            index.form(of: "a.east.web.shop.svc.set.local", in: set)
                == .clusterEndpoint("a", cluster: "east", of: Self.web))
        #expect(
            index.form(of: "zone-1.pin._zone.web.shop.svc.cluster.local", in: ClusterZone("cluster.local"))
                == .zonal("zone-1", of: Self.web))
        #expect(
            index.form(of: "7.2.0.192.in-addr.arpa", in: ClusterZone("in-addr.arpa"))
                == .reverse(try #require(IPAddress("192.0.2.7"))))
    }
}

@Suite("Single objects of an index")
struct SingleObjectTests {
    @Test("are those that it has in all")
    func single() throws {
        let index = try RecordedServer(.verified).index
        var services: [String: Set<String>] = [:]
        var namespaces: Set<String> = []
        index.forEachObject { object in
            switch object {
            case .namespace(let namespace): namespaces.insert(namespace.name)
            case .service(let service):
                services[service.key.namespace, default: []].insert(service.key.name)
                #expect(index.service(service.key) == service)
            case .endpointSlice(let slice) where !slice.serviceName.isEmpty:
                let key = ObjectKey(namespace: slice.key.namespace, name: slice.serviceName)
                #expect(
                    index.slices(of: key).contains { $0.key == slice.key && $0.endpoints == slice.endpoints },
                    "\(slice.key)")
            default: break
            }
        }
        #expect(Set(index.namespaceNames) == namespaces)
        for (namespace, names) in services { #expect(Set(index.serviceNames(in: namespace)) == names) }
        #expect(index.serviceNames(in: "nowhere").isEmpty)
        #expect(index.serviceNames(in: String(repeating: "x", count: 70)).isEmpty)
        #expect(index.service(ObjectKey(namespace: "prod", name: "nope")) == nil)
        #expect(index.slices(of: ObjectKey(namespace: "prod", name: "nope")).isEmpty)
    }

    @Test("knows which Services there are")
    func services() throws {
        let index = try RecordedServer(.insecure).index
        for object in try RecordedServer.objects() where object.kind == .service {
            #expect(index.hasService(object.key))
        }
        for key in [
            ObjectKey(namespace: "prod", name: "nope"), ObjectKey(namespace: "nope", name: "web"),
            ObjectKey(namespace: "prod", name: ""),
            ObjectKey(namespace: "prod", name: String(repeating: "x", count: 64)),
            // Slices name it, but there is no such Service.
            ObjectKey(namespace: "manual", name: "no-such-service"),
        ] {
            #expect(!index.hasService(key), "\(key)")
        }
    }
}
