import ClusterIndex
import Glibc

/// An object in protobuf. Field numbers are those of `k8s.io/api/{core,discovery}/v1/generated.proto` and
/// `k8s.io/apimachinery/pkg/apis/meta/v1/generated.proto`; others are skipped by their wire type.
struct ProtobufObject: ObjectSource {
    /// What stands around the object says that it is; empty for the items of a list.
    let kind: String
    let bytes: UnsafeRawBufferPointer

    func object(_ kind: ObjectKind) throws(ObjectFault) -> VersionedObject {
        switch kind {
        case .service: try service()
        case .endpointSlice: try endpointSlice()
        case .pod: try pod()
        case .namespace: try namespace()
        case .endpoints, .serviceImport:
            throw .unusable(DecodingFault("a \(kind.rawValue) is not read from protobuf"))
        }
    }

    /// Every kind has its metadata first, and Status a ListMeta there.
    func metadata(_ scope: ObjectMetadata.Scope) throws(ObjectFault) -> ObjectMetadata {
        var metadata = ObjectMetadata(kind: kind)
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: try metadata.read(try reader.message(field, "metadata"), scope)
            default: try reader.skip(field)
            }
        }
        return metadata
    }

    func skip() throws(ObjectFault) {}

    private func namespace() throws(ObjectFault) -> VersionedObject {
        let metadata = try metadata(.key)
        let key = try metadata.key(of: .namespace)
        return VersionedObject(object: .namespace(Namespace(name: key.name)), version: metadata.version)
    }

    private func pod() throws(ObjectFault) -> VersionedObject {
        var metadata = ObjectMetadata(kind: kind)
        var pod = Pod(key: ObjectKey(name: ""), ip: "", phase: "")
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: try metadata.read(try reader.message(field, "metadata"), .key)
            case 3: try pod.read(status: try reader.message(field, "status"))
            default: try reader.skip(field)
            }
        }
        pod.key = try metadata.key(of: .pod)
        pod.isTerminating = metadata.isTerminating
        return VersionedObject(object: .pod(pod), version: metadata.version)
    }
}

extension Pod {
    fileprivate mutating func read(status reader: consuming ProtobufReader) throws(ObjectFault) {
        while let field = try reader.next() {
            switch field.number {
            case 1: phase = try reader.text(field, "status.phase")
            case 6: ip = try reader.text(field, "status.podIP")
            default: try reader.skip(field)
            }
        }
    }
}

extension ObjectMetadata {
    /// ObjectMeta.
    mutating func read(_ reader: consuming ProtobufReader, _ scope: Scope) throws(ObjectFault) {
        while let field = try reader.next() {
            switch field.number {
            case 1: name = try reader.text(field, "metadata.name")
            case 3: namespace = try reader.text(field, "metadata.namespace")
            case 6: version = ResourceVersion(try reader.text(field, "metadata.resourceVersion"))
            case 9:
                try reader.skip(field)
                isTerminating = true
            case 11 where scope == .slice: try readLabel(try reader.message(field, "metadata.labels"))
            case 12 where scope != .key: try readAnnotation(try reader.message(field, "metadata.annotations"), scope)
            default: try reader.skip(field)
            }
        }
    }

    private mutating func readLabel(_ reader: consuming ProtobufReader) throws(ObjectFault) {
        let entry = try ProtobufEntry(reader, "metadata.labels")
        guard let word = KnownWord(label: entry.key) else { return }
        set(word, try String(utf8: entry.value, "metadata.labels"))
    }

    private mutating func readAnnotation(_ reader: consuming ProtobufReader, _ scope: Scope) throws(ObjectFault) {
        let entry = try ProtobufEntry(reader, "metadata.annotations")
        guard let word = KnownWord(annotation: entry.key, scope) else { return }
        set(word, try String(utf8: entry.value, "metadata.annotations"))
    }
}

/// An entry of a map of strings.
private struct ProtobufEntry {
    private(set) var key = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var value = UnsafeRawBufferPointer(start: nil, count: 0)

    init(_ reader: consuming ProtobufReader, _ path: StaticString) throws(ObjectFault) {
        while let field = try reader.next() {
            switch field.number {
            case 1: key = try reader.bytes(field, path)
            case 2: value = try reader.bytes(field, path)
            default: try reader.skip(field)
            }
        }
    }
}

extension UnsafeRawBufferPointer: KeyText {
    @inline(__always)
    func isEqual(to word: StaticString) -> Bool {
        guard count == word.utf8CodeUnitCount, let baseAddress else { return false }
        return memcmp(baseAddress, word.utf8Start, count) == 0
    }
}
