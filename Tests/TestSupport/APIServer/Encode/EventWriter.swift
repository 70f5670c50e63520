import ClusterIndex
import KubernetesWatch

/// `type` of a watch event.
enum EventType: String {
    case added = "ADDED"
    case modified = "MODIFIED"
    case deleted = "DELETED"
    case bookmark = "BOOKMARK"
    case error = "ERROR"
}

/// Watch events of one resource in one form, each a chunk of its own (RFC 9112 section 7.1).
struct EventWriter {
    let resource: WatchedResource
    let form: WireForm
    private let envelope: Envelope

    init(_ resource: WatchedResource, _ form: WireForm) {
        self.resource = resource
        self.form = form
        envelope = resource.envelope
    }

    /// An event about an object.
    func chunk(_ type: EventType, _ object: StoredObject) -> Chunk {
        var writer = ByteWriter(capacity: 1_024)
        write(type, object.bytes(form), &writer)
        return Chunk(payload: writer.bytes)
    }

    /// An object by itself, as `get` shows it.
    func single(_ object: StoredObject) -> [UInt8] {
        let bytes = object.bytes(form)
        return form == .protobuf ? envelope.around(bytes) : withKind(bytes) + [UInt8(ascii: "\n")]
    }

    /// A bookmark; the object in it has a version and little else.
    func bookmark(_ version: UInt64, endsInitialEvents: Bool) -> Chunk {
        var writer = ByteWriter(capacity: 512)
        write(.bookmark, Bookmark(resource, version, endsInitialEvents).bytes(form), &writer)
        return Chunk(payload: writer.bytes)
    }

    /// An ERROR event.
    func error(_ status: APIServerStatus) -> Chunk {
        var writer = ByteWriter(capacity: 1_024)
        switch form {
        case .protobuf: writeProtobuf(.error, Envelope(apiVersion: "v1", kind: "Status"), status.protobuf, &writer)
        case .json, .reversedJSON: writeJSON(.error, status.json, &writer)
        }
        return Chunk(payload: writer.bytes)
    }

    /// ADDED events for many objects, framed, in one piece.
    func initialEvents(_ objects: [StoredObject]) -> [UInt8] {
        var all = ByteWriter(capacity: 1 << 20)
        var event = ByteWriter(capacity: 1 << 16)
        for index in objects.indices {
            event.removeAll()
            write(.added, objects[index].bytes(form), &event)
            all.append(hex: event.count)
            all.append("\r\n")
            all.append(event)
            all.append("\r\n")
        }
        return all.bytes
    }

    // MARK: Forms

    private func write(_ type: EventType, _ object: [UInt8], _ writer: inout ByteWriter) {
        switch form {
        case .protobuf: writeProtobuf(type, envelope, object, &writer)
        case .json, .reversedJSON: writeJSON(type, withKind(object), &writer)
        }
    }

    /// Four bytes of length, then a WatchEvent (`meta/v1`): the type, and a RawExtension with the object.
    private func writeProtobuf(
        _ type: EventType, _ envelope: Envelope, _ object: [UInt8], _ writer: inout ByteWriter
    ) {
        let whole = envelope.length(around: object.count)
        let raw = ByteWriter.fieldLength(whole)
        writer.append(
            bigEndian32: ByteWriter.fieldLength(type.rawValue.utf8.count) + ByteWriter.fieldLength(raw))
        writer.field(1, type.rawValue)
        writer.fieldHeader(2, length: raw)
        writer.fieldHeader(1, length: whole)
        envelope.write(object, &writer)
    }

    private func writeJSON(_ type: EventType, _ object: [UInt8], _ writer: inout ByteWriter) {
        if form == .reversedJSON {
            writer.append(#"{"object":"#)
            writer.append(object)
            writer.append(#","type":""#)
            writer.append(text: type.rawValue)
            writer.append("\"}\n")
        } else {
            writer.append(#"{"type":""#)
            writer.append(text: type.rawValue)
            writer.append(#"","object":"#)
            writer.append(object)
            writer.append("}\n")
        }
    }

    /// Items of lists do not name their kind, objects of events do.
    private func withKind(_ object: [UInt8]) -> [UInt8] {
        if resource.isCustom { return object }
        let names = #""kind":"\#(resource.kind.rawValue)","apiVersion":"\#(resource.apiVersion)""#
        if form == .reversedJSON { return object.dropLast() + Array(",\(names)}".utf8) }
        return Array("{\(names),".utf8) + object.dropFirst()
    }
}

/// Bytes to be sent as one chunk.
struct Chunk {
    /// With the length before them, and the end of line behind.
    let framed: [UInt8]
    private let payloadRange: Range<Int>

    init(payload: [UInt8]) {
        var writer = ByteWriter(capacity: payload.count + 24)
        writer.append(hex: payload.count)
        writer.append("\r\n")
        payloadRange = writer.count..<writer.count + payload.count
        writer.append(payload)
        writer.append("\r\n")
        framed = writer.bytes
    }

    /// The bytes themselves.
    var payload: [UInt8] { Array(framed[payloadRange]) }
}

/// The objects of bookmarks, as sparse as the server makes them.
private struct Bookmark {
    private let resource: WatchedResource
    private let version: UInt64
    private let annotations: [String: String]

    init(_ resource: WatchedResource, _ version: UInt64, _ endsInitialEvents: Bool) {
        self.resource = resource
        self.version = version
        annotations = endsInitialEvents ? ["k8s.io/initial-events-end": "true"] : [:]
    }

    func bytes(_ form: WireForm) -> [UInt8] {
        var writer = ByteWriter(capacity: 256)
        form == .protobuf ? protobuf(&writer) : json(&writer)
        return writer.bytes
    }

    private func json(_ writer: inout ByteWriter) {
        writer.object { writer in
            if resource.isCustom {
                writer.member("apiVersion", resource.apiVersion)
                writer.member("kind", resource.kind.rawValue)
            }
            writer.object("metadata") { writer in
                if resource.isCustom { writer.member("annotations", unlessEmpty: annotations) }
                writer.member("resourceVersion", "\(version)")
                if !resource.isCustom { writer.member("annotations", unlessEmpty: annotations) }
            }
            switch resource {
            case .namespaces: writer.append(#","spec":{},"status":{}"#)
            case .services: writer.append(#","spec":{},"status":{"loadBalancer":{}}"#)
            case .endpointSlices: writer.append(#","addressType":"","endpoints":null,"ports":null"#)
            case .pods: writer.append(#","spec":{"containers":null},"status":{}"#)
            case .serviceImports: break
            }
        }
    }

    private func protobuf(_ writer: inout ByteWriter) {
        writer.message(1) { writer in
            for empty in UInt64(1)...5 { writer.field(empty, "") }
            writer.field(6, "\(version)")
            writer.field(7, 0)
            writer.field(8, "")
            writer.map(12, annotations)
        }
        switch resource {
        case .namespaces: writer.append([0x12, 0, 0x1A, 2, 0x0A, 0])
        case .services:
            writer.append([0x12, 0x10, 0x1A, 0, 0x22, 0, 0x3A, 0, 0x42, 0, 0x52, 0, 0x5A, 0, 0x60, 0, 0x68, 0])
            writer.append([0x1A, 2, 0x0A, 0])
        case .endpointSlices: writer.append([0x22, 0])
        case .pods:
            writer.append([0x12, 0x1C, 0x1A, 0, 0x32, 0, 0x42, 0, 0x4A, 0, 0x52, 0, 0x58, 0, 0x60, 0, 0x68, 0])
            writer.append([0x82, 1, 0, 0x8A, 1, 0, 0x9A, 1, 0, 0xC2, 1, 0])
            writer.append([0x1A, 0x13, 0x0A, 0, 0x1A, 0, 0x22, 0, 0x2A, 0, 0x32, 0, 0x4A, 0, 0x5A, 0, 0x72, 0])
            writer.append([0x88, 1, 0])
        case .serviceImports: break
        }
    }
}
