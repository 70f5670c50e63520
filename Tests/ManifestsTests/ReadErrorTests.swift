import ClusterIndex
import Testing

@testable import Manifests

/// What is said about manifests that are wrong, and what is served all the same.
struct ReadErrorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var text: String
        var error: String

        init(_ text: String, _ error: String) { (self.text, self.error) = (text, error) }

        /// A service with this spec; the error starts behind `Service "shop/web": `.
        static func service(_ spec: String, _ column: Int, _ error: String) -> Case {
            let head = "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop},"
            return Case("\(head)\n spec: {\(spec)}}", "2:\(column): Service \"shop/web\": \(error)")
        }

        /// A slice with these fields; the error starts behind `EndpointSlice "shop/web-1": `.
        static func slice(_ fields: String, _ line: Int, _ column: Int, _ error: String) -> Case {
            let head =
                "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: web-1, namespace: shop},"
            return Case("\(head)\n\(fields)}", "\(line):\(column): EndpointSlice \"shop/web-1\": \(error)")
        }

        var testDescription: String { error }
    }

    /// In block style: what begins like JSON may hold characters that YAML forbids.
    static let before = "apiVersion: v1\nkind: Namespace\nmetadata: {name: before}\n---\n"
    static let after = "\n---\n{apiVersion: v1, kind: Namespace, metadata: {name: after}}\n"

    @Test("tells where a bad object is and what is wrong, and serves the rest", arguments: services + slices + objects)
    func tellsBadObjects(_ example: Case) {
        let alone = read(example.text)
        #expect(alone.errors == ["m.yaml:\(example.error)"])
        #expect(alone.objects == [])
        #expect(alone.isComplete)
        let among = read(Self.before + example.text + Self.after)
        #expect(among.objects.map(\.key.name) == ["before", "after"])
        #expect(among.errors.count == 1)
    }

    @Test("tells each mistake of a list once, also where the list is read twice for its kind")
    func tellsOnce() {
        let result = read(
            "{items: [{metadata: {name: a}}, {x: *none}, 5, {metadata: {}}], kind: NamespaceList, apiVersion: v1}")
        #expect(result.objects == [.namespace(Namespace(name: "a"))])
        #expect(
            result.errors == [
                "m.yaml:1:37: the alias names no anchor of this document",
                "m.yaml:1:45: the object must be a mapping, as every Kubernetes object is, not 5",
                "m.yaml:1:59: Namespace: metadata has no name",
            ])
    }

    static let label = "a DNS label (up to 63 lower-case letters, digits and inner hyphens)"

    static let services: [Case] = [
        .service(
            "ports: [{port: '80'}]", 24,
            "spec.ports[0].port must be a whole number from 1 to 65535, not the string \"80\""),
        .service(
            "ports: [{port: 1}, {port: 70000}]", 35,
            "spec.ports[1].port must be a whole number from 1 to 65535, not 70000"),
        .service("ports: [{port: 0}]", 24, "spec.ports[0].port must be a whole number from 1 to 65535, not 0"),
        .service("ports: [{port: 0x50}]", 24, "spec.ports[0].port must be a whole number from 1 to 65535, not 0x50"),
        .service("ports: [{port: 080}]", 24, "spec.ports[0].port must be a whole number from 1 to 65535, not 080"),
        .service("ports: [{port: 80.0}]", 24, "spec.ports[0].port must be a whole number from 1 to 65535, not 80.0"),
        .service(
            "ports: [{port: http}]", 24, "spec.ports[0].port must be a whole number from 1 to 65535, not \"http\""),
        .service("ports: [{name: a}]", 17, "spec.ports[0] has no port number"),
        .service("ports: {port: 80}", 16, "spec.ports must be a sequence, not a mapping"),
        .service("ports: [80]", 17, "spec.ports[0] must be a mapping, not 80"),
        .service("ports: [{port: 80, name: WEB}]", 34, "spec.ports[0].name must be \(label), not \"WEB\""),
        .service(
            "ports: [{port: 80, protocol: tcp}]", 38, "spec.ports[0].protocol must be TCP, UDP or SCTP, not \"tcp\""),
        .service(
            "type: Headless", 15,
            "spec.type must be ClusterIP, NodePort, LoadBalancer or ExternalName, not \"Headless\""),
        .service("clusterIP: 10.0.0.256", 20, "spec.clusterIP must be an IP address, not \"10.0.0.256\""),
        .service("clusterIP: none", 20, "spec.clusterIP must be an IP address, not \"none\""),
        .service("clusterIP: 10", 20, "spec.clusterIP must be a string, but plain 10 is a number: quote it"),
        .service("clusterIPs: [10.0.0.1, None]", 32, "spec.clusterIPs[1] is \"None\" beside addresses"),
        .service("clusterIPs: 10.0.0.1", 21, "spec.clusterIPs must be a sequence, not \"10.0.0.1\""),
        .service("externalIPs: [a]", 23, "spec.externalIPs[0] must be an IP address, not \"a\""),
        .service("type: ExternalName", 8, "spec has no externalName, which type ExternalName needs"),
        .service("type: ExternalName, externalName: a..b", 43, "spec.externalName must be a domain name, not \"a..b\""),
        .service(
            "type: NodePort, type: ClusterIP", 25, "spec.type stands twice in its mapping; the first is in line 2"),
    ]

    static let slices: [Case] = [
        .slice("endpoints: []", 1, 1, "the object has no addressType (IPv4, IPv6 or FQDN)"),
        .slice("addressType: IPv5", 2, 14, "addressType must be IPv4, IPv6 or FQDN, not \"IPv5\""),
        .slice(
            "addressType: IPv4, endpoints: [{addresses: [10.0.0.1, 'fd00::1']}]", 2, 55,
            "endpoints[0].addresses[1] must be an IPv4 address, as addressType says, not the string \"fd00::1\""),
        .slice(
            "addressType: IPv6, endpoints: [{addresses: [10.0.0.1]}]", 2, 45,
            "endpoints[0].addresses[0] must be an IPv6 address, as addressType says, not \"10.0.0.1\""),
        .slice(
            "addressType: FQDN, endpoints: [{addresses: [a b]}]", 2, 45,
            "endpoints[0].addresses[0] must be a domain name, not \"a b\""),
        .slice(
            "addressType: IPv4, endpoints: [{conditions: {ready: \"true\"}}]", 2, 53,
            "endpoints[0].conditions.ready must be true or false, not the string \"true\""),
        .slice(
            "addressType: IPv4, endpoints: [{conditions: true}]", 2, 45,
            "endpoints[0].conditions must be a mapping, not true"),
        .slice(
            "addressType: IPv4, endpoints: [{hostname: a.b}]", 2, 43,
            "endpoints[0].hostname must be \(label), not \"a.b\""),
        .slice(
            "addressType: IPv4, ports: [{port: -1}]", 2, 35,
            "ports[0].port must be a whole number from 0 to 65535, not -1"),
    ]

    static let objects: [Case] = [
        Case("{apiVersion: v1, kind: Pod, metadata: {}}", "1:39: Pod: metadata has no name"),
        Case("{apiVersion: v1, kind: Pod}", "1:1: Pod: the object has no metadata"),
        Case(
            "{apiVersion: v1, kind: Pod, metadata: {name: yes}}",
            "1:46: Pod: metadata.name must be a string, but plain yes is a boolean: quote it"),
        Case(
            "{apiVersion: v1, kind: Namespace, metadata: {name: Web}}",
            "1:52: Namespace: metadata.name must be \(label), not \"Web\""),
        Case(
            "{apiVersion: v1, kind: Namespace, metadata: {name: \(String(repeating: "a", count: 90))}}",
            "1:52: Namespace: metadata.name must be \(label), not \"\(String(repeating: "a", count: 80))…\""),
        Case(
            "{apiVersion: v1, kind: Namespace, metadata: {name: \"a\\n\\u202eb\\\"\"}}",
            "1:52: Namespace: metadata.name must be \(label), not the string \"a\\n\\u{202e}b\\\"\""),
        Case(
            "{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {x/y: 1}}}",
            "1:69: Namespace \"a\": metadata.labels.\"x/y\" must be a string, but plain 1 is a number: quote it"),
        Case(
            "{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {b: c, b: d}}}",
            "1:70: Namespace \"a\": metadata.labels.b stands twice in its mapping"),
        Case(
            "{apiVersion: v1, kind: Pod, metadata: {name: a}, status: {podIP: 1.2.3}}",
            "1:66: Pod \"default/a\": status.podIP must be an IP address, not \"1.2.3\""),
        Case(
            "{apiVersion: v1, kind: Pod, metadata: {name: a}, status: {phase: Gone}}",
            "1:66: Pod \"default/a\": status.phase must be Pending, Running, Succeeded, Failed or Unknown, not \"Gone\""
        ),
        Case(
            "{apiVersion: v1, kind: Service, metadata: {name: a}}", "1:1: Service \"default/a\": the object has no spec"
        ),
        Case("{kind: Service, metadata: {name: a}}", "1:1: the object has no apiVersion; a Service has \"v1\""),
        Case("{metadata: {name: a}}", "1:1: the object has no kind, as every Kubernetes object must"),
        Case("{kind: [a]}", "1:8: kind must be a string, not a sequence"),
        Case("[a, b]", "1:1: a Kubernetes object is a mapping; this is a sequence"),
        Case("some text", "1:1: a Kubernetes object is a mapping; this is \"some text\""),
        Case("{kind: List, items: {}}", "1:21: items must be a sequence, not a mapping"),
        Case(
            "{kind: List, items: [{kind: Node}, a]}",
            "1:36: the object must be a mapping, as every Kubernetes object is, not \"a\""),
        Case(
            "{kind: List, items: [{metadata: {name: a}}]}",
            "1:22: the object has no kind, as every Kubernetes object must"),
        Case("{items: [{metadata: {name: a}}]}", "1:1: the list has no kind"),
        Case("{kind: *a}", "1:8: the alias names no anchor of this document"),
        Case("{x: &a {y: [*a]}, kind: Pod}", "1:13: the alias stands inside what it names"),
        Case("{<<: 5, kind: Pod}", "1:6: << merges mappings, and this is none"),
    ]

    @Test(
        "tells where a text ends to be readable, and serves what comes before",
        arguments: [
            Case(
                "a: [d\nb: c\n",
                "2:2: this is not valid YAML: did not find expected ',' or ']' "
                    + "while parsing a flow sequence (which starts at line 1)"
            ),
            Case("a: b\n  c: d\n", "2:4: this is not valid YAML: mapping values are not allowed in this context"),
            Case(
                "a:\n\tb: c",
                "2:1: this is not valid YAML: found character that cannot start any token "
                    + "while scanning for the next token (which starts at line 2)"
            ),
            Case(
                "{\"a\": \"\\uD8\"}",
                "1:10: this is not valid YAML: did not find expected hexdecimal number "
                    + "while parsing a quoted scalar (which starts at line 1)"
            ),
            Case("é: \u{1}", "1:4: holds the control character 0x1, which YAML does not allow"),
            Case("a: \u{7F}", "1:4: holds the control character 0x7F, which YAML does not allow"),
            Case("a: 'ü\u{FFFE}'", "1:6: holds the character U+FFFE, which YAML does not allow"),
            Case(
                String(repeating: "[", count: 100),
                "1:64: is nested more than 64 levels deep; the rest of the file is left out"),
        ])
    func tellsBadText(_ example: Case) {
        let alone = read(example.text)
        #expect(alone.errors == ["m.yaml:\(example.error)"])
        #expect(!alone.isComplete)
        let among = read(Self.before + example.text + Self.after)
        #expect(among.objects.map(\.key.name) == ["before"])
        #expect(among.errors.count == 1)
        #expect(!among.isComplete)
    }

    @Test(
        "tells where bytes are no text",
        arguments: [[0xE9, 0x20], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5], [0xE2, 0x82]])
    func tellsBadBytes(_ bytes: [UInt8]) {
        var count = 0
        let summary = ManifestReader.forEachObject(
            bytes: Array(Self.before.utf8) + Array("# ü: ".utf8) + bytes, named: "m.yaml"
        ) {
            _, _ in count += 1
        }
        let byte = String(bytes[0], radix: 16, uppercase: true)
        #expect(
            summary.errors.map(\.description) == ["m.yaml:5:6: holds the byte 0x\(byte), which is not UTF-8 text here"])
        #expect(count == 1)
        #expect(!summary.isComplete)
    }
}
