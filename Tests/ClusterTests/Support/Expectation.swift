import ClusterIndex
import DNSMessage
import KubernetesWatch
import TestSupport

/// What is to be answered, told from the objects and without the help of the server.
struct Expectation {
    /// What becomes of a query, by its text. Answers that are long, and aliases, are left out.
    private(set) var outcomes: [String: String] = [:]
    private static let addressesMax = 40

    init(_ objects: [ClusterObject]) {
        var namespaces: Set<String> = []
        var endpoints: [ObjectKey: Set<String>] = [:]
        for object in objects {
            if case .namespace(let namespace) = object { namespaces.insert(namespace.name) }
            guard case .endpointSlice(let slice) = object, slice.addressType == .ipv4 else { continue }
            let service = ObjectKey(namespace: slice.key.namespace, name: slice.serviceName)
            for endpoint in slice.endpoints where endpoint.ready != false {
                endpoints[service, default: []].formUnion(endpoint.addresses)
            }
        }
        for case .service(let service) in objects {
            addAddressNames(service)
            guard namespaces.contains(service.key.namespace) else { continue }
            service.isHeadless ? addHeadless(service, endpoints[service.key] ?? []) : add(service)
        }
    }

    /// Everything that an API server has now.
    init(_ api: APIServer) { self.init(WatchedResource.allCases.flatMap { api.objects($0) }) }

    private mutating func add(_ service: Service) {
        guard service.kind != .externalName else { return }
        let name = Sample.name(service.key.name, in: service.key.namespace)
        let addresses = service.clusterIPs.filter { !$0.contains(":") }
        outcomes["\(name) A"] = Self.text(addresses)
    }

    /// An address is looked up without asking for its service's namespace, which may have gone first.
    private mutating func addAddressNames(_ service: Service) {
        guard service.kind != .externalName, !service.isHeadless else { return }
        let name = Sample.name(service.key.name, in: service.key.namespace)
        for address in service.clusterIPs where !address.contains(":") {
            outcomes["\(Self.reverse(address)) PTR"] = name
        }
    }

    private mutating func addHeadless(_ service: Service, _ endpoints: Set<String>) {
        guard endpoints.count <= Self.addressesMax else { return }
        let name = Sample.name(service.key.name, in: service.key.namespace)
        outcomes["\(name) A"] = endpoints.isEmpty ? "NXDOMAIN" : Self.text(Array(endpoints))
    }

    private static func text(_ words: [String]) -> String {
        words.isEmpty ? "no data" : words.sorted().joined(separator: " ")
    }

    private static func reverse(_ address: String) -> String {
        address.split(separator: ".").reversed().joined(separator: ".") + ".in-addr.arpa."
    }

    /// The names that another expectation has and this one has not, as they are to be answered now.
    func without(_ other: Expectation) -> [String: String] {
        other.outcomes.filter { outcomes[$0.key] == nil }.mapValues { _ in "NXDOMAIN" }
    }

    /// What is answered otherwise, or not at all, a line for each.
    func differences(from server: TestServer, gone: [String: String] = [:]) throws -> [String] {
        let client = try server.udp()
        let all = outcomes.merging(gone) { wanted, _ in wanted }
        return try all.sorted { $0.key < $1.key }.compactMap { query, wanted in
            let outcome = try client.ask(QueryText("\(query) bufsize=4096")).outcome
            return outcome == wanted ? nil : "\(query): \(outcome) instead of \(wanted)"
        }
    }
}

extension Reply {
    /// The data of the answer, sorted; `no data`; or the code.
    var outcome: String {
        guard code == .noError else { return "\(code)" }
        let data = answer.map { String($0.split(separator: " ").last ?? "") }.sorted()
        return data.isEmpty ? "no data" : data.joined(separator: " ")
    }
}
