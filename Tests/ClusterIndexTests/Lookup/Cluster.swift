import ClusterIndex
import DNSMessage

/// A cluster for one test, and its answers as short text.
struct Cluster {
    var index: ClusterIndex
    var zones: [ClusterZone] = [
        ClusterZone("cluster.local", primary: "cluster.local"),
        ClusterZone("set.local", isClusterSet: true),
        ClusterZone("in-addr.arpa", primary: "cluster.local"), ClusterZone("ip6.arpa", primary: "cluster.local"),
    ]

    /// The namespaces `a` and `ab` exist.
    init(_ options: IndexOptions, _ objects: [ClusterObject] = []) {
        index = ClusterIndex(options: options)
        for name in ["a", "ab"] { index.upsert(.namespace(Namespace(name: name))) }
        for object in objects { index.upsert(object) }
    }

    init(_ objects: ClusterObject...) { self.init(IndexOptions(), objects) }

    /// `web.a.svc.cluster.local A` gives `A 10.0.0.1`: the records of answer and additional section, `+` between
    /// them; `NODATA`, or NXDOMAIN with the reason.
    func ask(_ question: String) -> String {
        let words = question.split(separator: " ")
        guard words.count == 2, let name = try? Name(words[0]), let type = RecordType(String(words[1])),
            let zone = zones.first(where: { name.isSubdomain(of: $0.name) }),
            let answer = try? index.lookup(name, type, in: zone)
        else { return "no question: \(question)" }
        let records = answer.answer.map(Cluster.text).joined(separator: ", ")
        let more =
            answer.additional.isEmpty
            ? "" : " + " + answer.additional.map { "\($0.name) \(Cluster.text($0))" }.joined(separator: ", ")
        if let reason = answer.reason { return (records.isEmpty ? "" : records + " ") + "NXDOMAIN \(reason)" }
        if answer.responseCode != .noError { return answer.responseCode.description }
        let rest = answer.authority.isEmpty ? "" : records.isEmpty ? "NODATA" : " NODATA"
        return records + more + rest
    }

    private static func text(_ record: Record) -> String {
        switch record.data {
        case .a(let address), .aaaa(let address): "\(record.type) \(address)"
        case .srv(_, let weight, let port, let target): "SRV \(weight) \(port) \(target)"
        case .cname(let name), .ns(let name), .ptr(let name): "\(record.type) \(name)"
        case .soa(let soa): "SOA \(soa.primaryServer) \(soa.serial)"
        case .txt(let strings): "TXT \(strings.map { String(decoding: $0, as: UTF8.self) })"
        default: "\(record.type)"
        }
    }
}

extension ClusterObject {
    /// A service in namespace `a` unless told otherwise.
    static func service(
        _ name: String, in namespace: String = "a", _ clusterIPs: [String] = ["None"], ports: [ServicePort] = []
    ) -> ClusterObject {
        .service(Service(key: ObjectKey(namespace: namespace, name: name), clusterIPs: clusterIPs, ports: ports))
    }

    static func external(_ name: String, _ target: String) -> ClusterObject {
        .service(Service(key: ObjectKey(namespace: "a", name: name), kind: .externalName, externalName: target))
    }

    /// A slice in namespace `a` with one address an endpoint.
    static func slice(
        _ name: String, of service: String, _ addresses: [String], hosts: [String] = [], ports: [ServicePort] = [],
        type: EndpointSlice.AddressType = .ipv4
    ) -> ClusterObject {
        let endpoints = addresses.enumerated().map {
            Endpoint(addresses: [$1], hostname: $0 < hosts.count ? hosts[$0] : "")
        }
        return .endpointSlice(
            EndpointSlice(
                key: ObjectKey(namespace: "a", name: name), serviceName: service, addressType: type,
                endpoints: endpoints, ports: ports))
    }
}

extension ServicePort {
    static func tcp(_ name: String, _ number: UInt16?) -> ServicePort { ServicePort(name: name, number: number) }
}
