import Testing

@testable import KubernetesWatch

@Suite struct WatchRequestTests {
    static let targets: [(purpose: WatchRequest.Purpose, target: String)] = [
        (
            .streamingList(notOlderThan: nil),
            "/api/v1/pods?allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&sendInitialEvents=true"
                + "&timeoutSeconds=400&watch=true"
        ),
        (
            .streamingList(notOlderThan: ResourceVersion("7")),
            "/api/v1/pods?allowWatchBookmarks=true&resourceVersion=7&resourceVersionMatch=NotOlderThan"
                + "&sendInitialEvents=true&timeoutSeconds=400&watch=true"
        ),
        (.list(notOlderThan: nil, limit: 500), "/api/v1/pods?limit=500&resourceVersion=0"),
        (.list(notOlderThan: nil, limit: nil), "/api/v1/pods?resourceVersion=0"),
        (
            .list(notOlderThan: ResourceVersion("7"), limit: 500),
            "/api/v1/pods?limit=500&resourceVersion=7&resourceVersionMatch=NotOlderThan"
        ),
        (.page(continuing: "a+b=/c", limit: 500), "/api/v1/pods?continue=a%2Bb%3D%2Fc&limit=500"),
        (
            .watch(from: ResourceVersion("7")),
            "/api/v1/pods?allowWatchBookmarks=true&resourceVersion=7&timeoutSeconds=400&watch=true"
        ),
    ]

    @Test("asks for what its purpose says", arguments: targets)
    func target(_ purpose: WatchRequest.Purpose, _ target: String) {
        let request = WatchRequest(resource: .pods, purpose: purpose, usesProtobuf: true, timeoutSeconds: 400)
        #expect(request.target(ClusterWatch.Selection()) == target)
    }

    @Test("selectors are percent-encoded")
    func selectors() {
        var selection = ClusterWatch.Selection()
        selection.labels = "tier in (gold,silver),a!=b c"
        selection.fields = "status.phase!=Succeeded,status.phase!=Failed"
        let request = WatchRequest(
            resource: .pods, purpose: .list(notOlderThan: nil, limit: nil), usesProtobuf: true, timeoutSeconds: 400)
        #expect(
            request.target(selection)
                == "/api/v1/pods?fieldSelector=status.phase%21%3DSucceeded%2Cstatus.phase%21%3DFailed"
                + "&labelSelector=tier%20in%20%28gold%2Csilver%29%2Ca%21%3Db%20c&resourceVersion=0")
    }

    static let accepts: [(purpose: WatchRequest.Purpose, usesProtobuf: Bool, accept: String)] = [
        (.watch(from: ResourceVersion("7")), true, "application/vnd.kubernetes.protobuf;stream=watch"),
        (.streamingList(notOlderThan: nil), true, "application/vnd.kubernetes.protobuf;stream=watch"),
        (.list(notOlderThan: nil, limit: nil), true, "application/vnd.kubernetes.protobuf,application/json"),
        (.watch(from: ResourceVersion("7")), false, "application/json"),
        (.page(continuing: "x", limit: nil), false, "application/json"),
    ]

    @Test("asks for protobuf where it is wanted", arguments: accepts)
    func accept(_ purpose: WatchRequest.Purpose, _ usesProtobuf: Bool, _ accept: String) {
        let request = WatchRequest(
            resource: .services, purpose: purpose, usesProtobuf: usesProtobuf, timeoutSeconds: 400)
        #expect(request.accept == accept)
    }

    static let paths: [(resource: WatchedResource, path: String)] = [
        (.namespaces, "/api/v1/namespaces"), (.services, "/api/v1/services"), (.pods, "/api/v1/pods"),
        (.endpointSlices, "/apis/discovery.k8s.io/v1/endpointslices"),
        (.serviceImports, "/apis/multicluster.x-k8s.io/v1alpha1/serviceimports"),
    ]

    @Test("each resource has its path", arguments: paths)
    func path(_ resource: WatchedResource, _ path: String) { #expect(resource.path == path) }
}
