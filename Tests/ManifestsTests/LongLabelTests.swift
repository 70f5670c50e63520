import ClusterIndex
import Testing

@testable import Manifests

struct LongLabelTests {
    @Test(
        "a label that names a service and is too long for one is a fault of its slice alone",
        arguments: ["kubernetes.io/service-name", "multicluster.kubernetes.io/source-cluster"])
    func longLabel(label: String) throws {
        let slice = { (name: String, value: String) in
            "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4, endpoints: [], "
                + "metadata: {name: \(name), namespace: shop, labels: {\(label): \(value)}}}\n"
        }
        let folder = try Folder()
        let longest = String(repeating: "a", count: 63)
        try folder.write("slices.yaml", slice("good", longest) + "---\n" + slice("bad", longest + "a"))
        let (objects, errors, _) = ManifestReader.read(path: folder("slices.yaml"))
        #expect(objects.map(\.key.name) == ["good"])
        #expect(
            errors.map(\.message) == [
                "EndpointSlice \"shop/bad\": the object has a label \(label) of more than 63 characters"
            ])
    }
}
