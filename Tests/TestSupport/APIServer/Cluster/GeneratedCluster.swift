/// A made-up cluster, the same for the same numbers: that of `Tests/Benchmarks/cluster.py`, so that its questions and
/// zone files fit.
public struct GeneratedCluster: Sendable {
    /// How endpoints are spread.
    public enum Shape: String, Sendable, CaseIterable {
        /// Many services with a few endpoints, few with many: the benchmarks' cluster.
        case usual
        /// Full slices of 100 endpoints, one for each of the first services: the cluster that CoreDNS was measured on.
        case wide
    }

    /// A Service with its endpoints.
    public struct Workload: Sendable {
        /// Position in the cluster, from 0.
        public let serial: Int
        /// `metadata.namespace`.
        public let namespace: String
        /// `metadata.name`.
        public let name: String
        var kind = Kind.clusterIP
        var isDual = false
        var ports: [Port] = []
        var endpoints: [Backend] = []

        /// Below the cluster's domain.
        public var domain: String { "\(name).\(namespace).svc.cluster.local" }

        var families: [Int] { isDual ? [4, 6] : [4] }
    }

    enum Kind: CaseIterable {
        case clusterIP, headless, statefulSet, externalName

        static let shares = [0.84, 0.04, 0.08, 0.04]

        /// The weight of its number of endpoints.
        var weight: Double {
            switch self {
            case .clusterIP: 1
            case .headless: 0.6
            case .statefulSet: 0.5
            case .externalName: 0
            }
        }
    }

    struct Port {
        let name: String
        let number: UInt16
        let target: UInt16
    }

    struct Backend {
        let pod: String
        let hostname: String
        var isReady: Bool
        var serial = 0
    }

    static let sliceEndpointsMax = 100
    private static let namespaceServices = 100
    private static let largeServiceEndpoints = 1_000
    private static let dualStackShare = 0.1
    private static let notReadyShare = 0.01
    private static let seed = 20_261_121
    private static let words = """
        account address alert api asset audit auth backup basket batch billing blog booking cache cart catalog chat \
        checkout config content customer delivery device event export feed file gateway graph identity image import \
        index inventory invoice job ledger locale log mail media message metric notice offer order partner payment \
        photo policy price product profile proxy queue quota rating refund region report review route rule schedule \
        search session setting shop stock store stream survey task tax template tenant ticket token topic trace upload \
        user vault video voucher wallet
        """.split(separator: " ").map(String.init)
    private static let ports = [
        Port(name: "http", number: 80, target: 8_080), Port(name: "https", number: 443, target: 8_443),
        Port(name: "grpc", number: 9_000, target: 9_000), Port(name: "metrics", number: 9_090, target: 9_090),
        Port(name: "db", number: 5_432, target: 5_432),
    ]

    /// The services, by serial.
    public let services: [Workload]
    /// Services and endpoints have other addresses in another one; names stay.
    public var generation = 0

    /// A cluster with so many services, and so many endpoints counted over all slices.
    public init(services: Int, endpoints: Int, shape: Shape = .usual) {
        var random = PythonRandom(seed: "\(Self.seed)/\(services)/\(endpoints)")
        var made = (0..<services).map { Self.service($0, of: services, &random) }
        let counts: [Int]
        switch shape {
        case .usual: counts = Self.podCounts(made, endpoints, &random)
        case .wide:
            for index in made.indices { (made[index].kind, made[index].isDual) = (.clusterIP, false) }
            counts = Self.fullSlices(services, endpoints)
        }
        for index in made.indices { Self.fill(&made[index], counts[index], &random) }
        var serial = 0
        for index in made.indices {
            for place in made[index].endpoints.indices {
                serial += 1
                made[index].endpoints[place].serial = serial
            }
        }
        self.services = made
    }

    private static func service(_ serial: Int, of count: Int, _ random: inout PythonRandom) -> Workload {
        let kind = Kind.allCases[random.index(weights: Kind.shares)]
        let namespace = "team-\(padded(serial % max(1, count / namespaceServices), 3))"
        let name = "\(random.choice(words))-\(random.choice(words))-\(padded(serial, 5))"
        var service = Workload(serial: serial, namespace: namespace, name: name)
        service.kind = kind
        guard kind != .externalName else { return service }
        service.isDual = random.fraction() < dualStackShare
        if random.fraction() < 0.15 {
            let port = random.choice(ports)
            service.ports = [Port(name: "", number: port.number, target: port.target)]
        } else {
            let count = random.choice([1, 1, 1, 2, 2, 3])
            service.ports = random.sample(ports, count).sorted { $0.name < $1.name }
        }
        return service
    }

    /// How many pods each service has, so that the slices together hold `endpoints` endpoints.
    private static func podCounts(
        _ services: [Workload], _ endpoints: Int, _ random: inout PythonRandom
    ) -> [Int] {
        let plain = services.indices.filter { services[$0].kind == .clusterIP && !services[$0].isDual }
        let large = Set(plain.prefix(endpoints / (largeServiceEndpoints * 10)))
        var counts = services.indices.map { large.contains($0) ? largeServiceEndpoints : 0 }
        let budget = endpoints - counts.reduce(0, +)
        var shares: [(index: Int, share: Double)] = []
        for index in services.indices where services[index].kind.weight > 0 && !large.contains(index) {
            shares.append((index, services[index].kind.weight * random.logNormal()))
        }
        let total = shares.reduce(0.0) { $0 + $1.share * Double(services[$1.index].families.count) }
        for (index, share) in shares { counts[index] = max(1, Int(Double(budget) * share / total)) }
        var missing = endpoints - services.indices.reduce(0) { $0 + counts[$1] * services[$1].families.count }
        let step = missing > 0 ? 1 : -1
        let rest = plain.filter { !large.contains($0) }
        var turn = 0
        while missing != 0, turn < abs(missing) * services.count + rest.count, !rest.isEmpty {
            let index = rest[turn % rest.count]
            if counts[index] + step >= 1 {
                counts[index] += step
                missing -= step
            }
            turn += 1
        }
        precondition(missing == 0, "\(endpoints) endpoints are too few for \(services.count) services")
        return counts
    }

    private static func fullSlices(_ services: Int, _ endpoints: Int) -> [Int] {
        precondition(endpoints <= services * sliceEndpointsMax, "\(endpoints) endpoints need more services")
        return (0..<services).map { min(sliceEndpointsMax, max(0, endpoints - $0 * sliceEndpointsMax)) }
    }

    private static func fill(_ service: inout Workload, _ pods: Int, _ random: inout PythonRandom) {
        for ordinal in 0..<pods {
            let isStateful = service.kind == .statefulSet
            let pod = isStateful ? "\(service.name)-\(ordinal)" : "\(service.name)-\(padded(random.bits(48), 12))"
            service.endpoints.append(
                Backend(
                    pod: pod, hostname: isStateful ? pod : "", isReady: random.fraction() >= notReadyShare))
        }
        for start in stride(from: 0, to: pods, by: sliceEndpointsMax) {
            service.endpoints[start].isReady = true
            service.endpoints[min(start + sliceEndpointsMax, pods) - 1].isReady = true
        }
    }

    static func padded(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    private static func padded(_ number: UInt64, _ width: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
