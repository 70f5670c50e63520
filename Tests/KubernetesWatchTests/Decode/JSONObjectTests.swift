import ClusterIndex
import KubernetesWatch
import Testing

@Suite("Objects in JSON") struct JSONObjectTests {
    /// The only item of a watch with one event; the object has a name and a version in front.
    private static func item(_ kind: ObjectKind, _ members: String, type: String = "ADDED") -> StreamItem? {
        let metadata = "\"metadata\":{\"name\":\"b\",\"namespace\":\"a\",\"resourceVersion\":\"1\"}"
        let event = "{\"type\":\"\(type)\",\"object\":{\(metadata)\(members.isEmpty ? "" : ",")\(members)}}\n"
        let transcript = Transcript(Stream(.json, .watch, kind), Array(event.utf8))
        return transcript.fault == nil && transcript.items.count == 1 ? transcript.items[0] : nil
    }

    private static func service(_ change: (inout Service) -> Void = { _ in }) -> ClusterObject {
        var service = Service(key: ObjectKey(namespace: "a", name: "b"))
        change(&service)
        return .service(service)
    }

    private static func slice(_ change: (inout EndpointSlice) -> Void = { _ in }) -> ClusterObject {
        var slice = EndpointSlice(key: ObjectKey(namespace: "a", name: "b"))
        change(&slice)
        return .endpointSlice(slice)
    }

    @Test(
        "are services",
        arguments: [
            ("\"spec\":{}", service()),
            ("\"spec\":{\"type\":\"LoadBalancer\"}", service { $0.kind = .loadBalancer }),
            ("\"spec\":{\"type\":\"Unheard\"}", service()),
            (
                "\"spec\":{\"type\":\"ExternalName\",\"externalName\":\"x.y\"}",
                service {
                    $0.kind = .externalName
                    $0.externalName = "x.y"
                }
            ),
            ("\"spec\":{\"clusterIP\":\"10.0.0.1\"}", service { $0.clusterIPs = ["10.0.0.1"] }),
            ("\"spec\":{\"clusterIP\":\"None\",\"clusterIPs\":null}", service { $0.clusterIPs = ["None"] }),
            ("\"spec\":{\"clusterIP\":\"\"}", service()),
            (
                "\"spec\":{\"clusterIPs\":[\"10.0.0.1\",\"fd00:0:0:0:0:0:0:1234\"],\"clusterIP\":\"10.0.0.1\"}",
                service { $0.clusterIPs = ["10.0.0.1", "fd00:0:0:0:0:0:0:1234"] }
            ),
            (
                "\"spec\":{\"ports\":[{\"port\":80},{\"name\":\"dns\",\"protocol\":\"UDP\",\"port\":53}]}",
                service {
                    $0.ports = [ServicePort(number: 80), ServicePort(name: "dns", transport: "UDP", number: 53)]
                }
            ),
            ("\"spec\":{\"ports\":null,\"externalIPs\":[\"1.2.3.4\"]}", service { $0.externalIPs = ["1.2.3.4"] }),
            (
                "\"status\":{\"loadBalancer\":{\"ingress\":[{\"ip\":\"1.2.3.4\"},{\"hostname\":\"x\"}]}},\"spec\":{}",
                service { $0.ingress = [.init(ip: "1.2.3.4"), .init(hostname: "x")] }
            ),
            ("\"spec\":{},\"status\":{\"loadBalancer\":{}}", service()),
            ("\"spec\":{},\"kind\":\"Service\",\"apiVersion\":\"v1\"", service()),
        ] as [(String, ClusterObject)])
    func services(members: String, expected: ClusterObject) {
        #expect(Self.item(.service, members) == .upsert(expected, ResourceVersion("1")))
    }

    @Test(
        "are slices",
        arguments: [
            ("\"addressType\":\"IPv4\",\"endpoints\":null,\"ports\":null", slice()),
            ("\"addressType\":\"IPv6\"", slice { $0.addressType = .ipv6 }),
            ("\"addressType\":\"FQDN\",\"endpoints\":[]", slice { $0.addressType = .fqdn }),
            (
                "\"endpoints\":[{\"addresses\":[\"10.0.0.1\"],\"conditions\":{}}],\"addressType\":\"IPv4\"",
                slice { $0.endpoints = [Endpoint(addresses: ["10.0.0.1"])] }
            ),
            (
                "\"endpoints\":[{\"addresses\":[\"10.0.0.1\",\"10.0.0.2\"],\"conditions\":{\"ready\":true,"
                    + "\"serving\":false,\"terminating\":null},\"hostname\":\"h\",\"zone\":\"z\",\"nodeName\":\"n\","
                    + "\"targetRef\":{\"kind\":\"Pod\",\"name\":\"p\"},\"hints\":{\"forZones\":[{\"name\":\"z\"}]}}],"
                    + "\"addressType\":\"IPv4\"",
                slice {
                    $0.endpoints = [
                        Endpoint(
                            addresses: ["10.0.0.1", "10.0.0.2"], ready: true, serving: false, hostname: "h",
                            targetName: "p", zone: "z")
                    ]
                }
            ),
            (
                "\"ports\":[{\"name\":\"\",\"protocol\":\"TCP\"},{\"name\":null,\"port\":0}],\"addressType\":\"IPv4\"",
                slice { $0.ports = [ServicePort(number: nil), ServicePort(number: 0)] }
            ),
            (
                // The whole metadata once more: the last one counts.
                "\"addressType\":\"IPv4\",\"metadata\":{\"namespace\":\"a\",\"name\":\"b\",\"resourceVersion\":\"1\","
                    + "\"labels\":{\"kubernetes.io/service-name\":\"web\",\"app\":\"x\","
                    + "\"multicluster.kubernetes.io/service-name\":\"w\","
                    + "\"multicluster.kubernetes.io/source-cluster\":\"east\"},\"annotations\":{"
                    + "\"endpoints.kubernetes.io/last-change-trigger-time\":\"2026-11-20T21:58:50Z\"}}",
                slice {
                    $0.serviceName = "web"
                    $0.importedServiceName = "w"
                    $0.sourceCluster = "east"
                    $0.lastChangeTriggerTime = "2026-11-20T21:58:50Z"
                }
            ),
        ] as [(String, ClusterObject)])
    func slices(members: String, expected: ClusterObject) {
        #expect(Self.item(.endpointSlice, members) == .upsert(expected, ResourceVersion("1")))
    }

    @Test(
        "are imports and pods",
        arguments: [
            (
                ObjectKind.serviceImport,
                "\"spec\":{\"type\":\"ClusterSetIP\",\"ips\":[\"10.1.2.3\"],\"ports\":[{\"port\":80}]}",
                ClusterObject.serviceImport(
                    ServiceImport(
                        key: ObjectKey(namespace: "a", name: "b"), ips: ["10.1.2.3"], ports: [ServicePort(number: 80)]))
            ),
            (
                .serviceImport, "\"spec\":{\"type\":\"Headless\"}",
                .serviceImport(ServiceImport(key: ObjectKey(namespace: "a", name: "b"), kind: .headless))
            ),
            (
                .pod, "\"status\":{\"phase\":\"Running\",\"podIP\":\"10.0.0.1\",\"podIPs\":[{\"ip\":\"10.0.0.1\"}]}",
                .pod(Pod(key: ObjectKey(namespace: "a", name: "b"), ip: "10.0.0.1"))
            ),
            (.pod, "\"status\":{}", .pod(Pod(key: ObjectKey(namespace: "a", name: "b"), ip: "", phase: ""))),
            (.namespace, "\"spec\":{\"finalizers\":[\"kubernetes\"]}", .namespace(Namespace(name: "b"))),
        ])
    func others(kind: ObjectKind, members: String, expected: ClusterObject) {
        #expect(Self.item(kind, members) == .upsert(expected, ResourceVersion("1")))
    }

    @Test("are terminating once they have a deletionTimestamp", arguments: [("null", false), ("\"2026-11-20\"", true)])
    func terminating(timestamp: String, isTerminating: Bool) {
        let metadata = "\"metadata\":{\"deletionTimestamp\":\(timestamp),\"name\":\"b\",\"namespace\":\"a\"}"
        guard case .upsert(.pod(let pod), _) = Self.item(.pod, metadata) else {
            Issue.record("no pod")
            return
        }
        #expect(pod.isTerminating == isTerminating)
    }

    @Test(
        "that cannot be used are told with their names",
        arguments: [
            (ObjectKind.service, "", "the object has no spec"),
            (.service, "\"spec\":null", "the object has no spec"),
            (.service, "\"spec\":[]", "spec must be an object"),
            (.service, "\"spec\":{\"clusterIPs\":\"x\"}", "spec.clusterIPs must be an array of strings"),
            (.service, "\"spec\":{\"clusterIPs\":[1]}", "spec.clusterIPs must be an array of strings"),
            (.service, "\"spec\":{\"clusterIPs\":[null]}", "spec.clusterIPs must be an array of strings"),
            (.service, "\"spec\":{\"type\":true}", "spec.type must be a string"),
            (
                .service, "\"spec\":{\"type\":\"ExternalName\"}",
                "spec has no externalName, which type ExternalName needs"
            ),
            (.service, "\"spec\":{\"ports\":[{}]}", "spec.ports[] has no port number"),
            (.service, "\"spec\":{\"ports\":[null]}", "spec.ports[] must be an object"),
            (.service, "\"spec\":{\"ports\":[{\"port\":\"80\"}]}", "spec.ports[].port must be a whole number"),
            (.service, "\"spec\":{\"ports\":[{\"port\":80.5}]}", "spec.ports[].port must be a whole number"),
            (.service, "\"spec\":{\"ports\":[{\"port\":8e1}]}", "spec.ports[].port must be a whole number"),
            (.service, "\"spec\":{\"ports\":[{\"port\":080}]}", "spec.ports[].port must be a whole number"),
            (
                .service, "\"spec\":{\"ports\":[{\"port\":0}]}",
                "spec.ports[].port must be a whole number from 1 to 65535, not 0"
            ),
            (
                .service, "\"spec\":{\"ports\":[{\"port\":-80}]}",
                "spec.ports[].port must be a whole number from 1 to 65535, not -80"
            ),
            (
                .endpointSlice, "\"addressType\":\"IPv4\",\"ports\":[{\"port\":65536}]",
                "ports[].port must be a whole number from 0 to 65535, not 65536"
            ),
            (.endpointSlice, "\"endpoints\":[]", "the object has no addressType"),
            (
                .endpointSlice, "\"addressType\":\"IPv5\"",
                "addressType must be IPv4, IPv6 or FQDN, not \"IPv5\""
            ),
            (
                .endpointSlice, "\"endpoints\":[{\"conditions\":{\"ready\":1}}]",
                "endpoints[].conditions.ready must be true or false"
            ),
            (
                .endpointSlice, "\"endpoints\":[{\"conditions\":{\"ready\":\"true\"}}]",
                "endpoints[].conditions.ready must be true or false"
            ),
            (.endpointSlice, "\"endpoints\":{}", "endpoints must be an array"),
            (.pod, "\"status\":{\"podIP\":7}", "status.podIP must be a string"),
            (.pod, "\"kind\":\"Service\"", "the object is a \"Service\", not a Pod"),
            (.serviceImport, "", "the object has no spec"),
        ])
    func unusable(kind: ObjectKind, members: String, fault: String) {
        let isOther = members.contains("\"kind\"")
        let key = isOther ? nil : ObjectKey(namespace: "a", name: "b")
        #expect(Self.item(kind, members) == .unusable(key, ResourceVersion("1"), DecodingFault(fault)))
    }

    @Test("that are deleted need nothing but a name")
    func deleted() {
        let key = ObjectKey(namespace: "a", name: "b")
        let item = Self.item(.service, "\"spec\":{\"ports\":7}", type: "DELETED")
        #expect(item == .delete(key, ResourceVersion("1")))
    }

    @Test(
        "without a name are told without one",
        arguments: [
            ("{}", "the object has no name", ""), ("null", "the object is null", ""),
            ("[]", "the object must be an object", ""), ("7", "the object must be an object", ""),
            ("{\"metadata\":{\"name\":\"b\",\"resourceVersion\":\"4\"}}", "the object has no namespace", "4"),
            ("{\"metadata\":{\"name\":\"\",\"namespace\":\"a\"}}", "the object has no name", ""),
            ("{\"metadata\":{\"name\":7,\"namespace\":\"a\"}}", "metadata.name must be a string", ""),
            ("{\"metadata\":null}", "the object has no name", ""),
        ])
    func nameless(object: String, fault: String, version: String) {
        let event = "{\"type\":\"MODIFIED\",\"object\":\(object)}"
        let transcript = Transcript(Stream(.json, .watch, .pod), Array((event + event).utf8))
        let item = StreamItem.unusable(nil, ResourceVersion(version), DecodingFault(fault))
        #expect(transcript.items == [item, item])
        #expect(transcript.fault == nil)
    }
}
