import Testing

@Suite("options of kubernetes")
struct KubernetesOptionTests {
    @Test(
        "reports every mistake",
        arguments: [
            ("kubernetes 10.96.0.0/16 {\nmanifests x\n}", ["2:1 error: non-reverse zone name must be used"]),
            (
                "kubernetes cluster.local",
                [
                    "2:1 error: unable to load in-cluster configuration, "
                        + "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined"
                ]
            ),
            (
                "kubernetes cluster.local {\nmanifests x\npods maybe\nttl 3601\ntll 5\nignore empty\nlabels a=(\n}",
                [
                    "4:6 error: wrong value for pods: maybe,  must be one of: disabled, verified, insecure",
                    "5:5 error: ttl must be in range [0, 3600]: 3601", "6:1 error: unknown property 'tll'",
                    "7:8 error: unable to parse ignore value: 'empty'",
                ]
            ),
            (
                "kubernetes cluster.local {\nmanifests x\nnamespaces a\nnamespace_labels b\nzonal\nnoendpoints\n}",
                [
                    "5:1 error: namespaces and namespace_labels cannot both be set",
                    "6:1 error: zonal needs endpoints and cannot be used with noendpoints",
                ]
            ),
            (
                "kubernetes cluster.local {\nmanifests x\nmulticluster clusterset.local\nendpoint\ntls a b\n"
                    + "upstream\n}",
                [
                    "4:1 error: multicluster zone 'clusterset.local.' must be among the zones of the plugin",
                    "5:1 error: Wrong argument count or unexpected line ending after 'endpoint'",
                    "6:7 error: Wrong argument count or unexpected line ending after 'b'",
                    "7:1 warning: 'upstream' has had no effect for years; remove the line",
                ]
            ),
        ])
    func mistakes(lines: String, expected: [String]) {
        let found = TestBlock.mistakes(lines).filter { !$0.contains("unable to parse label selector") }
        #expect(found == expected)
    }
}
