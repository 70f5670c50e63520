import ClusterIndex
import KubernetesWatch
import TestSupport

/// A part of a cluster that changes by chance, beside `Sample.shop`, which stays.
struct RandomChanges {
    private static let namespaces = ["left", "right"]
    private static let names = (0..<12).map { "s\($0)" }

    /// What was ever answered.
    private var seen: Set<String> = []
    private var lastAddress = 0

    /// Makes so many changes.
    mutating func make(_ count: Int, _ api: APIServer, _ random: inout SeededRandom) {
        for _ in 0..<count {
            let namespace = random.pick(Self.namespaces)
            let name = random.pick(Self.names)
            switch Int.random(in: 0..<20, using: &random) {
            case 0: api.delete(.namespaces, ObjectKey(name: namespace))
            case 1...3: api.apply(Sample.namespace(namespace))
            case 4...6: api.delete(.services, Sample.key(name, in: namespace))
            case 7...9: api.apply(Sample.headless(name, in: namespace))
            case 10...12: api.delete(.endpointSlices, Sample.key("\(name)-1", in: namespace))
            case 13...15: api.apply(Sample.slice(of: name, in: namespace, [address("10.128"), address("10.128")]))
            default: api.apply(Sample.service(name, in: namespace, at: address("10.97")))
            }
            seen.formUnion(Expectation(api).outcomes.keys)
        }
    }

    private mutating func address(_ network: String) -> String {
        lastAddress += 1
        return "\(network).\(lastAddress / 250).\(lastAddress % 250)"
    }

    /// Waits until exactly what there is now is answered; what is still wrong after a minute.
    func differences(_ dns: TestServer, from api: APIServer) async throws -> [String] {
        let expectation = Expectation(api)
        let gone = seen.filter { expectation.outcomes[$0] == nil }.map { ($0, "NXDOMAIN") }
        return try await ClusterTests.differences(
            dns, from: api, gone: Dictionary(uniqueKeysWithValues: gone))
    }
}
