import ClusterIndex
import Testing

@testable import KubernetesWatch

@Suite("Limits of a response") struct DecodingLimitTests {
    @Test("keep a frame from being believed that claims to be huge")
    func hugeFrame() {
        let frames = Transcript(Stream(.protobuf, .watch, .service), [0x7F, 0xFF, 0xFF, 0xFF, 0x0A])
        #expect(frames.fault?.description == "the response has an object of more than 32 MB")
        // Envelope of a ServiceList, and in it an item of 2 GB.
        let item: [UInt8] = [0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0x00]
        let type = Message().text(2, "ServiceList")
        let list = Array("k8s\0".utf8) + Message().message(1, type).bytes + [0x12, 0x80, 0x80, 0x80, 0x80, 0x10] + item
        let faults = Transcript(Stream(.protobuf, .list, .service), list)
        #expect(faults.fault?.description == "the response has an object of more than 32 MB")
    }

    @Test("keep a JSON object from growing for ever")
    func endlessJSON() {
        var decoder = StreamDecoder(.json, .watch, of: .service)
        let part = Array("[[]],\"xxxxxxxxxxxxxxxxxxxxxxxxx\",".utf8) + [UInt8](repeating: 0x20, count: 1 << 20)
        var fault: DecodingFault?
        do throws(DecodingFault) {
            try decoder.feed(copying: Array("{\"type\":[".utf8)[...]) { _ in }
            for _ in 0..<40 { try decoder.feed(copying: part[...]) { _ in } }
        } catch {
            fault = error
        }
        #expect(fault?.description == "the response has an object of more than 32 MB")
    }

    @Test("do not concern a list, nor members that nobody needs")
    func longList() {
        var decoder = StreamDecoder(.json, .list, of: .service)
        let part = [UInt8](repeating: 0x20, count: 1 << 20)
        var items: [StreamItem] = []
        do throws(DecodingFault) {
            try decoder.feed(copying: Array("{\"kind\":\"ServiceList\",\"other\":[".utf8)[...]) { items.append($0) }
            for _ in 0..<40 { try decoder.feed(copying: part[...]) { items.append($0) } }
            try decoder.feed(copying: Array("],\"items\":[]}".utf8)[...]) { items.append($0) }
            try decoder.finish { items.append($0) }
        } catch {
            Issue.record("\(error)")
        }
        #expect(items.map(\.words) == ["list "])
    }

    @Test("are exact for the depth of JSON", arguments: [(512, true), (513, false)])
    func depth(depth: Int, isFine: Bool) {
        // The object itself and the event around it count.
        let inner = String(repeating: "[", count: depth - 2) + String(repeating: "]", count: depth - 2)
        for space in ["", " ", "   "] {
            let event = "{\"type\":\"ADDED\",\"object\":{\"metadata\":\(Self.metadata),\(space)\"a\":\(inner)}}"
            let transcript = Transcript(Stream(.json, .watch, .namespace), Array(event.utf8))
            #expect(transcript.items.map(\.words) == (isFine ? ["upsert a 1"] : []))
            #expect((transcript.fault == nil) == isFine)
            #expect(Transcript(Stream(.json, .watch, .namespace), Array(event.utf8), chunk: 3) == transcript)
        }
    }

    private static let metadata = "{\"name\":\"a\",\"resourceVersion\":\"1\"}"

    @Test("let go of the room that a large object took")
    func room() throws {
        var reader = UnitReader(JSONWatch(of: .namespace))
        let large = String(repeating: "x", count: 4 << 20)
        for (label, isKept) in [(large, false), ("x", true)] {
            let event = "{\"type\":\"ADDED\",\"object\":{\"metadata\":\(Self.metadata),\"a\":\"\(label)\"}}"
            let bytes = Array(event.utf8)
            var items = 0
            for part in [bytes[..<20], bytes[20...]] {
                try part.withUnsafeBytes { try reader.feed($0) { _ in items += 1 } }
            }
            #expect(items == 1)
            #expect(reader.held.isEmpty)
            #expect(reader.held.capacity <= DecodingLimits.keptBytesMax)
            #expect(reader.held.capacity > 0 || !isKept)
        }
    }
}
