import ClusterIndex

/// Builds a cluster of headless services with so many endpoints and then moves one endpoint so many times.
///
/// Run under callgrind with and without changes, the difference is the instructions of a change (see instructions.py).
@main
enum EndpointChanges {
    static let endpointsPerSlice = 10
    static let changesMax = 1000
    static let port = ServicePort(name: "http", number: 8080)

    static func main() {
        let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
        guard numbers.count == 2, numbers[0] >= endpointsPerSlice else { return }
        let services = numbers[0] / endpointsPerSlice
        var index = ClusterIndex()
        index.upsert(.namespace(Namespace(name: "default")))
        for number in 0..<services {
            index.upsert(.service(service(number)))
            index.upsert(.endpointSlice(slice(number, lastAddress: address(number * endpointsPerSlice))))
        }
        // Spread over the cluster: a step that has no factor in common with the number of services. All are made before
        // the first is entered, so that making them does not count.
        let changes = (0..<changesMax).map { slice($0 &* 7919 % services, lastAddress: address(0x20_0000 + $0)) }
        var published = index
        for change in changes.prefix(numbers[1]) {
            index.upsert(.endpointSlice(change))
            published = index  // each change is a generation of its own, as if readers answered from it
        }
        withExtendedLifetime(published) {}
    }

    static func name(_ number: Int) -> ObjectKey {
        ObjectKey(namespace: "default", name: "service-\(number)")
    }

    static func service(_ number: Int) -> Service {
        Service(key: name(number), clusterIPs: ["None"], ports: [port])
    }

    static func slice(_ number: Int, lastAddress: String) -> EndpointSlice {
        let first = number * endpointsPerSlice
        var endpoints = (1..<endpointsPerSlice).map { Endpoint(addresses: [address(first + $0)], ready: true) }
        endpoints.append(Endpoint(addresses: [lastAddress], ready: true))
        return EndpointSlice(
            key: ObjectKey(namespace: "default", name: "service-\(number)-a"), serviceName: "service-\(number)",
            endpoints: endpoints, ports: [port])
    }

    static func address(_ number: Int) -> String {
        "10.\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255)"
    }
}
