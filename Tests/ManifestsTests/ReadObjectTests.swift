import ClusterIndex
import Testing

@testable import Manifests

/// Reads text as the file `m.yaml`.
func read(_ text: String) -> (objects: [ClusterObject], errors: [String], skipped: Int, isComplete: Bool) {
    var objects: [ClusterObject] = []
    let summary = ManifestReader.forEachObject(bytes: Array(text.utf8), named: "m.yaml") { object, _ in
        objects.append(object)
    }
    return (objects, summary.errors.map(\.description), summary.skipped, summary.isComplete)
}

/// One object of each kind, and each of the forms that its fields have.
struct ReadObjectTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var text: String
        var objects: [ClusterObject]

        init(_ name: String, _ text: String, _ objects: ClusterObject...) {
            (testDescription, self.text, self.objects) = (name, text, objects)
        }
    }

    @Test("reads the objects that a manifest describes", arguments: services + endpoints + others)
    func readsObjects(_ example: Case) {
        let result = read(example.text)
        #expect(result.errors == [])
        #expect(result.objects == example.objects)
        #expect(result.isComplete)
    }

    static let web = ObjectKey(namespace: "shop", name: "web")

    static let services: [Case] = [
        Case(
            "a service as kubectl prints it",
            """
            apiVersion: v1
            kind: Service
            metadata:
              annotations: {a: b}
              creationTimestamp: "2026-11-20T20:55:16Z"
              labels:
                app: web
              name: web
              namespace: shop
              resourceVersion: "41627"
            spec:
              clusterIP: 10.96.1.1
              clusterIPs:
              - 10.96.1.1
              - fd00::1
              ports:
              - name: http
                port: 80
                protocol: TCP
                targetPort: 8080
              - name: dns
                port: 53
                protocol: UDP
                targetPort: dns
              type: NodePort
            status:
              loadBalancer: {}
            """,
            .service(
                Service(
                    key: web, labels: ["app": "web"], kind: .nodePort, clusterIPs: ["10.96.1.1", "fd00::1"],
                    ports: [
                        ServicePort(name: "http", number: 80), ServicePort(name: "dns", transport: "UDP", number: 53),
                    ]))),
        Case(
            "a service as it is applied: no type, no protocol, clusterIP alone, plain None",
            "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop},"
                + " spec: {clusterIP: None, ports: [{port: 80}]}}",
            .service(Service(key: web, clusterIPs: ["None"], ports: [ServicePort(number: 80)]))),
        Case(
            "a service that has no address yet, and no namespace",
            "{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {clusterIP: '', ports: null}}",
            .service(Service(key: ObjectKey(namespace: "default", name: "web")))),
        Case(
            "a name that looks like a number, quoted",
            "{apiVersion: v1, kind: Service, metadata: {name: '123', namespace: \"1e3\"}, spec: {}}",
            .service(Service(key: ObjectKey(namespace: "1e3", name: "123")))),
        Case(
            "an external name with its final dot",
            "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop},"
                + " spec: {type: ExternalName, externalName: _sip.Example.org.}}",
            .service(Service(key: web, kind: .externalName, externalName: "_sip.Example.org."))),
        Case(
            "a load balancer's addresses and host names",
            """
            apiVersion: v1
            kind: Service
            metadata: {name: web, namespace: shop}
            spec: {type: LoadBalancer, clusterIP: 10.0.0.1, externalIPs: [192.0.2.1]}
            status: {loadBalancer: {ingress: [{ip: 203.0.113.7}, {hostname: lb-1.example.net}]}}
            """,
            .service(
                Service(
                    key: web, kind: .loadBalancer, clusterIPs: ["10.0.0.1"], externalIPs: ["192.0.2.1"],
                    ingress: [.init(ip: "203.0.113.7"), .init(hostname: "lb-1.example.net")]))),
    ]

    static let endpoints: [Case] = [
        Case(
            "a slice with every condition there is",
            """
            addressType: IPv4
            apiVersion: discovery.k8s.io/v1
            endpoints:
            - addresses: [10.0.0.1, 10.0.0.2]
              conditions: {ready: true, serving: true, terminating: false}
              hostname: db-0
              targetRef: {kind: Pod, name: db-0-pod}
              zone: zone-1
            - addresses: [10.0.0.3]
              conditions: {}
            - addresses: [10.0.0.4]
              conditions: {ready: no, serving: null}
              hostname: ""
            kind: EndpointSlice
            metadata:
              annotations:
                endpoints.kubernetes.io/last-change-trigger-time: "2026-01-01T00:00:00Z"
              labels: {kubernetes.io/service-name: web}
              name: web-x7k.y
              namespace: shop
            ports:
            - {name: http, port: 80, protocol: TCP}
            - {name: "", port: 53, protocol: UDP}
            - {name: all, protocol: SCTP}
            """,
            .endpointSlice(
                EndpointSlice(
                    key: ObjectKey(namespace: "shop", name: "web-x7k.y"), labels: ["kubernetes.io/service-name": "web"],
                    serviceName: "web",
                    endpoints: [
                        Endpoint(
                            addresses: ["10.0.0.1", "10.0.0.2"], ready: true, serving: true, terminating: false,
                            hostname: "db-0", targetName: "db-0-pod", zone: "zone-1"),
                        Endpoint(addresses: ["10.0.0.3"]),
                        Endpoint(addresses: ["10.0.0.4"], ready: false),
                    ],
                    ports: [
                        ServicePort(name: "http", number: 80), ServicePort(transport: "UDP", number: 53),
                        ServicePort(name: "all", transport: "SCTP", number: nil),
                    ], lastChangeTriggerTime: "2026-01-01T00:00:00Z"))),
        Case(
            "a slice of another cluster, of names, with null lists",
            """
            {"addressType": "FQDN", "apiVersion": "discovery.k8s.io/v1beta1", "kind": "EndpointSlice", "ports": null,
             "endpoints": [{"addresses": ["foo.example.com"], "topology": {"topology.kubernetes.io/zone": "z"}}],
             "metadata": {"name": "web-1", "namespace": "shop", "labels": {
                "multicluster.kubernetes.io/service-name": "web", "multicluster.kubernetes.io/source-cluster": "east"}}}
            """,
            .endpointSlice(
                EndpointSlice(
                    key: ObjectKey(namespace: "shop", name: "web-1"),
                    labels: [
                        "multicluster.kubernetes.io/service-name": "web",
                        "multicluster.kubernetes.io/source-cluster": "east",
                    ],
                    importedServiceName: "web", sourceCluster: "east", addressType: .fqdn,
                    endpoints: [Endpoint(addresses: ["foo.example.com"], zone: "z")]))),
        Case(
            "a slice without anything, as a service without a selector has it",
            "{addressType: IPv6, apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, endpoints: null,"
                + " metadata: {name: web, namespace: shop}}",
            .endpointSlice(EndpointSlice(key: web, addressType: .ipv6))),
        Case(
            "an Endpoints object",
            """
            apiVersion: v1
            kind: Endpoints
            metadata: {name: web, namespace: shop}
            subsets:
            - addresses: [{ip: 10.0.0.1, hostname: a, targetRef: {name: pod-a}}]
              notReadyAddresses: [{ip: fd00::2}]
              ports: [{port: 80}]
            - {}
            """,
            .endpoints(
                Endpoints(
                    key: web,
                    subsets: [
                        .init(
                            ready: [Endpoint(addresses: ["10.0.0.1"], hostname: "a", targetName: "pod-a")],
                            notReady: [Endpoint(addresses: ["fd00::2"])], ports: [ServicePort(number: 80)]),
                        .init(),
                    ]))),
    ]

    static let others: [Case] = [
        Case(
            "a namespace",
            "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: 'yes', none: null}}}",
            .namespace(Namespace(name: "shop", labels: ["team": "yes", "none": ""]))),
        Case(
            "pods in every state",
            """
            {apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop},
             status: {podIP: 10.1.1.1, phase: Running}}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: web, namespace: shop, deletionTimestamp: 2026-01-01T00:00:00Z, labels: {a: b}}
            status: {phase: Pending}
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}}
            """,
            .pod(Pod(key: web, ip: "10.1.1.1")),
            .pod(Pod(key: web, labels: ["a": "b"], ip: "", phase: "Pending", isTerminating: true)),
            .pod(Pod(key: web, ip: "", phase: ""))),
        Case(
            "imports of both types",
            """
            apiVersion: multicluster.x-k8s.io/v1alpha1
            kind: ServiceImport
            metadata: {name: web, namespace: shop}
            spec: {type: ClusterSetIP, ips: [10.42.0.1], ports: [{name: http, protocol: TCP, port: 80}]}
            ---
            apiVersion: multicluster.x-k8s.io/v1beta1
            kind: ServiceImport
            metadata: {name: web, namespace: shop}
            spec: {type: Headless, ports: []}
            """,
            .serviceImport(
                ServiceImport(key: web, ips: ["10.42.0.1"], ports: [ServicePort(name: "http", number: 80)])),
            .serviceImport(ServiceImport(key: web, kind: .headless))),
    ]
}
