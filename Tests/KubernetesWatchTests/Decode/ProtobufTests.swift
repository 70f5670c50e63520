import ClusterIndex
import KubernetesWatch
import Testing

@Suite("Protobuf") struct ProtobufTests {
    private static func watch(_ kind: ObjectKind, _ bytes: [UInt8]) -> Transcript {
        let stream = Stream(.protobuf, .watch, kind)
        let transcript = Transcript(stream, bytes)
        #expect(Transcript(stream, bytes, chunk: 1) == transcript)
        return transcript
    }

    private static let key = ObjectKey(namespace: "a", name: "b")

    @Test("is read whatever the order of the fields, and others are skipped by their wire type")
    func fields() {
        let port = Message().number(3, 53).text(2, "UDP").text(1, "dns").number(5, 30053)
        let spec = Message().text(18, "10.0.0.1").text(18, "fd00::1").number(13, 1).message(1, port).text(3, "10.0.0.1")
            .text(5, "1.2.3.4").text(4, "NodePort")
        let status = Message().message(1, Message().message(1, Message().text(2, "x").text(1, "1.1.1.1")))
        let other = Message().appending([0x79] + [UInt8](repeating: 1, count: 8) + [0x7D, 1, 2, 3, 4])
        let object = other.message(3, status).message(2, spec).message(1, .metadata)
        let service = Service(
            key: Self.key, kind: .nodePort, clusterIPs: ["10.0.0.1", "fd00::1"], externalIPs: ["1.2.3.4"],
            ingress: [.init(ip: "1.1.1.1", hostname: "x")],
            ports: [ServicePort(name: "dns", transport: "UDP", number: 53)])
        let items = Self.watch(.service, Message.frame("ADDED", "Service", object)).items
        #expect(items == [.upsert(.service(service), ResourceVersion("1"))])
    }

    @Test("has slices whose endpoints and ports leave things out")
    func slices() {
        let metadata = Message.metadata
            .message(11, Message().text(1, "kubernetes.io/service-name").text(2, "web"))
            .message(11, Message().text(2, "x").text(1, "app"))
            .message(12, Message().text(1, "endpoints.kubernetes.io/last-change-trigger-time").text(2, "now"))
        let bare = Message().text(1, "10.0.0.1").message(2, Message())
        let full = Message().text(1, "10.0.0.2").message(2, Message().number(1, 1).number(2, 0).number(3, 1))
            .text(3, "h").message(4, Message().text(1, "Pod").text(3, "p")).text(7, "z")
        let object = Message().message(1, metadata).message(2, bare).message(2, full).text(4, "IPv4")
            .message(3, Message().text(1, "")).message(3, Message().number(3, 0))
        let slice = EndpointSlice(
            key: Self.key, serviceName: "web",
            endpoints: [
                Endpoint(addresses: ["10.0.0.1"]),
                Endpoint(
                    addresses: ["10.0.0.2"], ready: true, serving: false, terminating: true, hostname: "h",
                    targetName: "p", zone: "z"),
            ],
            ports: [ServicePort(number: nil), ServicePort(number: 0)], lastChangeTriggerTime: "now")
        let items = Self.watch(.endpointSlice, Message.frame("MODIFIED", "EndpointSlice", object)).items
        #expect(items == [.upsert(.endpointSlice(slice), ResourceVersion("1"))])
    }

    @Test("has terminating pods")
    func pods() {
        let metadata = Message.metadata.message(9, Message().number(1, 1))
        let status = Message().text(1, "Running").text(5, "1.1.1.1").text(6, "10.0.0.1")
        let object = Message().message(1, metadata).message(3, status)
        let pod = Pod(key: Self.key, ip: "10.0.0.1", isTerminating: true)
        let items = Self.watch(.pod, Message.frame("ADDED", "Pod", object)).items
        #expect(items == [.upsert(.pod(pod), ResourceVersion("1"))])
    }

    @Test("tells how long to wait, and where to go on")
    func status() {
        let object = Message().message(1, Message().text(3, "token")).text(3, "why").text(4, "Expired").number(6, 410)
            .message(5, Message().number(5, 7))
        let status = APIStatus(
            code: 410, reason: "Expired", message: "why", retryAfterSeconds: 7, continueToken: "token")
        #expect(Self.watch(.pod, Message.frame("ERROR", "Status", object)).items == [.status(status)])
        let list = Transcript(Stream(.protobuf, .list, .pod), Message.envelope("Status", object))
        #expect(list.items == [.status(status)])
    }

    @Test(
        "tells of objects that cannot be used, and goes on",
        arguments: [
            (Message().message(1, .metadata), "the object has no spec"),
            (Message().message(1, .metadata).number(2, 1), "spec must be a string or a message"),
            (
                Message().message(1, .metadata).message(2, Message().number(4, 1)),
                "spec.type must be a string or a message"
            ),
            (
                Message().message(1, .metadata).message(2, Message().bytes(18, [0xC3])), "spec.clusterIPs is not UTF-8"
            ),
            (
                Message().message(1, .metadata).message(2, Message().message(1, Message().text(3, "80"))),
                "spec.ports[].port must be a whole number"
            ),
            (
                Message().message(1, .metadata).message(2, Message().message(1, Message().number(3, -1))),
                "spec.ports[].port must be a whole number from 1 to 65535, not -1"
            ),
            (
                Message().message(1, .metadata).message(2, Message().message(1, Message().text(1, "x"))),
                "spec.ports[] has no port number"
            ),
            (
                Message().message(1, .metadata).message(2, Message().bytes(1, [0x0A, 0x05, 0x41])),
                "a protobuf field does not end where it should"
            ),
            (
                Message().message(1, .metadata).message(2, Message().appending([0x7B])),
                "a protobuf field does not end where it should"
            ),
        ])
    func unusable(object: Message, fault: String) {
        let good = Message().message(1, .metadata).message(2, Message())
        let frames = Message.frame("ADDED", "Service", object) + Message.frame("ADDED", "Service", good)
        let items: [StreamItem] = [
            .unusable(Self.key, ResourceVersion("1"), DecodingFault(fault)),
            .upsert(.service(Service(key: Self.key)), ResourceVersion("1")),
        ]
        #expect(Self.watch(.service, frames).items == items)
        let list = Message().message(1, Message().text(2, "7")).message(2, object).message(2, good)
        let transcript = Transcript(Stream(.protobuf, .list, .service), Message.envelope("ServiceList", list))
        #expect(transcript.items == items + [.listMetadata(ResourceVersion("7"), continueToken: "")])
    }

    @Test("tells of objects of another kind")
    func otherKinds() {
        let object = Message().message(1, .metadata).message(2, Message())
        let items = Self.watch(.service, Message.frame("ADDED", "Pod", object)).items
        let words = ["unusable ? 1: the object is a \"Pod\", not a Service"]
        #expect(items.map(\.words) == words)
        let imports = Self.watch(.serviceImport, Message.frame("ADDED", "ServiceImport", object)).items
        #expect(imports.map(\.words) == ["unusable a/b 1: a ServiceImport is not read from protobuf"])
    }

    @Test(
        "that is no watch ends the stream",
        arguments: [
            ([0, 0, 0, 0], "the response is not protobuf: a frame is empty"),
            ([0, 0, 0, 1, 0x0A], "a protobuf field does not end where it should"),
            (
                [0, 0, 0, 7, 0x0A, 5] + Array("ADDED".utf8),
                "the response is not protobuf: something does not begin with \"k8s\" and a zero byte"
            ),
            (Message.frame("GONE", "Service", Message()), "the response has an event of the unknown type \"GONE\""),
            (Message.frame("BOOKMARK", "Service", Message()), "the response has a bookmark without a resourceVersion"),
            (Message.frame("ERROR", "Service", Message()), "the response has an ERROR event without a Status"),
            ([0, 0], "the response ends in the middle"), ([0, 0, 0, 5, 0x0A], "the response ends in the middle"),
        ] as [([UInt8], String)])
    func brokenWatches(bytes: [UInt8], fault: String) {
        // A frame that says too little is cut to seven bytes.
        let frame = bytes.starts(with: [0, 0, 0, 7]) ? Array(bytes[..<11]) : bytes
        let transcript = Self.watch(.service, frame)
        #expect(transcript.fault?.description == fault)
        #expect(transcript.items.isEmpty)
    }

    private static func list(_ contents: [UInt8]) -> [UInt8] {
        Array("k8s\0".utf8) + Message().message(1, Message().text(2, "PodList")).bytes + contents
    }

    @Test(
        "that is no list ends the stream",
        arguments: [
            ([], "the response ends in the middle"), (Array("k8s".utf8), "the response ends in the middle"),
            (Array("k8s\0".utf8), "the response ends in the middle"), (list([]), "the response ends in the middle"),
            (
                Array("k8s\0".utf8) + Message().message(2, Message()).bytes,
                "the response does not say of what kind it is"
            ),
            (list([0x12, 0, 0x12, 0]), "the response is not protobuf: there are two lists in one"),
            // An item that is longer than its list.
            (list([0x12, 2, 0x12, 9]), malformed), (list([0x12, 1, 0x12, 0]), malformed),
            (list([0x12, 3, 0x18, 0x80, 0x80, 0x01]), malformed), (list([0x12, 3, 0x1D, 1, 2, 3, 4]), malformed),
            (list([0x13]), malformed), (list([0x02]), malformed),
            (list([0x12] + [UInt8](repeating: 0xFF, count: 9) + [0x01]), malformed),
            (list([UInt8](repeating: 0x80, count: 11)), malformed),
        ] as [([UInt8], String)])
    func brokenLists(bytes: [UInt8], fault: String) {
        let stream = Stream(.protobuf, .list, .pod)
        let transcript = Transcript(stream, bytes)
        #expect(Transcript(stream, bytes, chunk: 1) == transcript)
        #expect(transcript.fault?.description == fault)
        #expect(transcript.items.isEmpty)
    }

    private static let malformed = "the response is not protobuf: a field does not end where it should"

    @Test("has lists with next to nothing in them")
    func emptyLists() {
        for contents in [[0x12, 0], [0x12, 2, 0x0A, 0], [0x12, 2, 0x18, 7, 0x22, 0]] as [[UInt8]] {
            let items = Transcript(Stream(.protobuf, .list, .pod), Self.list(contents)).items
            #expect(items.map(\.words) == ["list "])
        }
        let item = Transcript(Stream(.protobuf, .list, .pod), Self.list([0x12, 2, 0x12, 0])).items
        #expect(item.map(\.words) == ["unusable ? : the object has no name", "list "])
    }
}
