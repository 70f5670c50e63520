import ClusterIndex
import KubernetesWatch

@testable import TestSupport

/// An object of the recordings, said again.
struct RecordedObject: Sendable, CustomStringConvertible {
    let resource: WatchedResource
    let object: ClusterObject
    let version: UInt64
    let extras: ObjectExtras

    init(
        _ resource: WatchedResource, _ object: ClusterObject, _ version: UInt64,
        _ fill: (inout ObjectExtras) -> Void
    ) {
        var extras = ObjectExtras()
        fill(&extras)
        (self.resource, self.object, self.version, self.extras) = (resource, object, version, extras)
    }

    var description: String { "\(resource) \(object.key)" }

    private static let kubectl =
        #"{"f:spec":{"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:name":{},"#
        + #""f:port":{},"f:protocol":{}}},"f:selector":{}}}"#

    /// Objects of the recordings, said again.
    static let all = [
        RecordedObject(
            .services,
            .service(
                Service(
                    key: ObjectKey(namespace: "1-digit-first", name: "web"), clusterIPs: ["10.107.209.184"],
                    ports: [ServicePort(name: "http", number: 80)])), 486
        ) { extras in
            extras.uid = "f3b68f3a-4a37-4239-9f7f-fe6110a53980"
            extras.selector = ["app": "w"]
            extras.managedFields = [.init(manager: "kubectl", operation: "Apply", time: 1_795_206_890, fields: kubectl)]
        },
        RecordedObject(
            .services,
            .service(
                Service(
                    key: ObjectKey(namespace: "ext", name: "external"), kind: .externalName,
                    externalName: "www.example.com")), 435
        ) { extras in
            extras.uid = "4d9ecaf3-93d7-4c8b-8164-4595be31bacc"
            extras.managedFields = [
                .init(
                    manager: "kubectl", operation: "Apply", time: 1_795_206_890,
                    fields: #"{"f:spec":{"f:externalName":{},"f:type":{}}}"#)
            ]
        },
        RecordedObject(.namespaces, .namespace(Namespace(name: "edge", labels: edgeLabels)), 252) { extras in
            (extras.uid, extras.created) = ("3318a668-2212-4596-bc03-340a932689ab", 1_795_206_888)
            extras.annotations["kubectl.kubernetes.io/last-applied-configuration"] =
                #"{"apiVersion":"v1","kind":"Namespace","metadata":{"annotations":{},"labels":{"team":"edge"},"#
                + "\"name\":\"edge\"}}\n"
            extras.managedFields = [
                .init(
                    manager: "kubectl-client-side-apply", time: 1_795_206_888,
                    fields: #"{"f:metadata":{"f:annotations":{".":{},"#
                        + #""f:kubectl.kubernetes.io/last-applied-configuration":{}},"f:labels":{".":{},"#
                        + #""f:kubernetes.io/metadata.name":{},"f:team":{}}}}"#)
            ]
        },
        RecordedObject(.endpointSlices, .endpointSlice(slice), 873) { extras in
            (extras.uid, extras.generation) = ("8d5624a0-c8b9-4bf2-a04d-f00e01ab66e5", 4)
            extras.generateName = "mysql-read-"
            extras.owner = .init(name: "mysql-read", uid: "b4161518-ea92-471c-b602-02c82bb7e1d4")
            extras.nodes = ["node-a", "node-c", "node-b"]
            extras.targetUIDs = [
                "c5e485e2-55b6-4ffb-9cf1-0a066f5f093e", "ccdf4cce-6e36-47e9-aba1-3ead243ed7c4",
                "a4728dff-3d29-488a-91b4-26847cd278cd",
            ]
            let fields = ObjectExtras.ballast(for: .endpointSlice(slice)).managedFields[0].fields
            let uid = ObjectExtras.uid(0x51CE, "db/mysql-read-98pq6")
            extras.managedFields = [
                .init(
                    manager: "kube-controller-manager", time: 1_795_206_914,
                    fields: fields.replacing(uid, with: "b4161518-ea92-471c-b602-02c82bb7e1d4"))
            ]
        },
    ]

    private static let edgeLabels = ["kubernetes.io/metadata.name": "edge", "team": "edge"]

    private static let slice = EndpointSlice(
        key: ObjectKey(namespace: "db", name: "mysql-read-98pq6"),
        labels: ["endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"],
        serviceName: "mysql-read", addressType: .ipv6,
        endpoints: [("fd00:244:2::a", "mysql-0", 1), ("fd00:244:2::c", "mysql-2", 3), ("fd00:244:2::b", "mysql-1", 2)]
            .map { address, pod, zone in
                Endpoint(
                    addresses: [address], ready: zone != 2, serving: zone != 2, terminating: false, targetName: pod,
                    zone: "zone-\(zone)")
            },
        ports: [ServicePort(name: "mysql", number: 3_306)], lastChangeTriggerTime: "2026-01-01T00:00:00Z")
}
