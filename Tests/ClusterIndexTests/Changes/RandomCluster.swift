import ClusterIndex
import DNSMessage
import TestSupport

/// Random objects from so few names and addresses that they meet all the time.
struct RandomCluster {
    static let namespaces = ["a", "prod", "production", "ns-with-a-name-longer-than-sixteen"]
    static let services = ["web", "web-2", "db", "x", "a-service-with-a-name-beyond-thirty-two"]
    static let slices = ["s1", "s2", "s10", "s3"]
    static let hosts = ["", "", "", "h1", "h2", "10-0-0-1", "pod-with-a-long-name-0"]
    static let v4 = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "172.16.0.1", "::ffff:10.0.0.2"]
    static let v6 = ["fd00::1", "fd00::", "FD00::2", "fd00:0::1", "2001:db8::1:0:0:1"]
    static let zones = ["", "z1", "z2.east"]
    static let clusters = ["", "c1", "C2"]
    static let ports = [
        ("http", "TCP", 80), ("dns", "UDP", 53), ("dns-tcp", "TCP", 53), ("", "TCP", 81), ("", "SCTP", 0),
    ]

    var random: SeededRandom

    mutating func object() -> ClusterObject {
        switch Int.random(in: 0..<20, using: &random) {
        case 0:
            .namespace(Namespace(name: random.pick(Self.namespaces), labels: random.chance(50) ? ["team": "x"] : [:]))
        case 1..<6: .service(service())
        case 6..<14: .endpointSlice(slice())
        case 14..<16: .endpoints(endpoints())
        case 16..<18: .pod(pod())
        default: .serviceImport(serviceImport())
        }
    }

    private mutating func key(_ names: [String]) -> ObjectKey {
        ObjectKey(namespace: random.pick(Self.namespaces), name: random.pick(names))
    }

    private mutating func service() -> Service {
        let key = key(Self.services)
        let labels = random.chance(20) ? ["app": "hidden"] : [:]
        if random.chance(20) {
            let targets = [
                "web.prod.svc.cluster.local", "x.a.svc.cluster.local", "www.example.com", "10.0.0.1",
                "nope.a.svc.cluster.local",
            ]
            return Service(
                key: key, labels: labels, kind: .externalName, externalName: random.pick(targets), ports: ports())
        }
        let addresses =
            random.chance(40) ? ["None"] : (0..<Int.random(in: 1...3, using: &random)).map { _ in address() }
        return Service(key: key, labels: labels, clusterIPs: addresses, ports: ports())
    }

    private mutating func slice() -> EndpointSlice {
        let isImported = random.chance(20)
        return EndpointSlice(
            key: key(Self.slices), serviceName: isImported || random.chance(5) ? "" : random.pick(Self.services),
            importedServiceName: isImported ? random.pick(Self.services) : "",
            sourceCluster: random.pick(Self.clusters),
            addressType: random.chance(10) ? .fqdn : .ipv4, endpoints: someEndpoints(), ports: ports())
    }

    private mutating func endpoints() -> Endpoints {
        Endpoints(
            key: key(Self.services),
            subsets: (0..<Int.random(in: 0...2, using: &random)).map { _ in
                Endpoints.Subset(ready: someEndpoints(), notReady: someEndpoints(), ports: ports())
            })
    }

    private mutating func pod() -> Pod {
        Pod(
            key: key(["p1", "p2", "p3"]), ip: random.chance(10) ? "" : address(),
            phase: random.chance(10) ? "Failed" : "Running")
    }

    private mutating func serviceImport() -> ServiceImport {
        ServiceImport(
            key: key(Self.services), kind: random.chance(50) ? .headless : .clusterSetIP, ips: [address()],
            ports: ports())
    }

    private mutating func someEndpoints() -> [Endpoint] {
        (0..<Int.random(in: 0...4, using: &random)).map { _ in
            Endpoint(
                addresses: (0..<Int.random(in: 1...2, using: &random)).map { _ in
                    random.chance(5) ? "foo.example.com" : address()
                },
                ready: random.chance(20) ? false : nil, hostname: random.pick(Self.hosts),
                targetName: random.chance(50) ? "pod-1" : "", zone: random.pick(Self.zones))
        }
    }

    private mutating func address() -> String { random.pick(random.chance(60) ? Self.v4 : Self.v6) }

    private mutating func ports() -> [ServicePort] {
        (0..<Int.random(in: 0...3, using: &random)).map { _ in
            let (name, transport, number) = random.pick(Self.ports)
            return ServicePort(name: name, transport: transport, number: number == 0 ? nil : UInt16(number))
        }
    }
}

extension RandomCluster {
    /// Every name that the objects can give meaning to, and some beside.
    static let questions: [Name] = {
        var names = [
            "cluster.local", "svc.cluster.local", "pod.cluster.local", "ns.dns.cluster.local", "set.local",
            "nope.cluster.local",
        ]
        let dashed = [
            "10-0-0-1", "10-0-0-2", "10-0-0-3", "172-16-0-1", "fd00--1", "fd00--0", "fd00--", "fd00--2", "fd00-0--1",
            "2001-db8--1-0-0-1",
        ]
        let labels = Set(hosts + dashed + ["pod-1", "--ffff-10-0-0-2", "nope"]).subtracting([""]).sorted()
        for namespace in namespaces + ["nope"] {
            names += ["\(namespace).svc.cluster.local", "\(namespace).pod.cluster.local"]
            names += labels.map { "\($0).\(namespace).pod.cluster.local" }
            for service in services + ["nope"] {
                for zone in namespace == "a" ? ["cluster.local", "set.local"] : ["cluster.local"] {
                    let name = "\(service).\(namespace).svc.\(zone)"
                    names.append(name)
                    names += labels.map { "\($0).\(name)" }
                    names += ["_http._tcp", "_dns._udp", "_dns._tcp", "_._", "_nope._tcp", "_http._nope"].map {
                        "\($0).\(name)"
                    }
                    names += ["h1.c1", "10-0-0-1.c2", "z1.pin._zone", "z2.east.prefer._zone"].map { "\($0).\(name)" }
                }
            }
        }
        names += ["1.0.0.10", "2.0.0.10", "3.0.0.10", "1.0.16.172", "0.0.10"].map { "\($0).in-addr.arpa" }
        for last in ["0", "1", "2"] {
            names.append(last + String(repeating: ".0", count: 27) + ".0.0.d.f.ip6.arpa")
        }
        return names.compactMap { try? Name($0) }
    }()

    static let types: [RecordType] = [.a, .aaaa, .srv, .ptr, .cname, .txt, .soa, .ns]
}
