import ClusterIndex
import KubernetesWatch

/// What protobuf objects travel in: `k8s\0` and a runtime.Unknown that names their kind.
struct Envelope {
    private static let magic: StaticString = "k8s\0"
    /// `contentEncoding` and `contentType`, both empty.
    private static let tail: [UInt8] = [0x1A, 0, 0x22, 0]

    private let typeMeta: [UInt8]

    init(apiVersion: String, kind: String) {
        var writer = ByteWriter(capacity: 128)
        writer.message(1) { writer in
            writer.field(1, apiVersion)
            writer.field(2, kind)
        }
        typeMeta = writer.bytes
    }

    /// The length of the whole, around so many bytes.
    func length(around length: Int) -> Int {
        4 + typeMeta.count + ByteWriter.fieldLength(length) + Self.tail.count
    }

    /// Writes the whole around an object.
    func write(_ object: [UInt8], _ writer: inout ByteWriter) {
        writer.append(Self.magic)
        writer.append(typeMeta)
        writer.fieldHeader(2, length: object.count)
        writer.append(object)
        writer.append(Self.tail)
    }

    /// The whole around an object, by itself.
    func around(_ object: [UInt8]) -> [UInt8] {
        var writer = ByteWriter(capacity: length(around: object.count))
        write(object, &writer)
        return writer.bytes
    }
}

extension WatchedResource {
    private static let envelopes = Dictionary(
        uniqueKeysWithValues: allCases.map { ($0, Envelope(apiVersion: $0.apiVersion, kind: $0.kind.rawValue)) })

    /// What single objects travel in.
    var envelope: Envelope { Self.envelopes[self] ?? Envelope(apiVersion: apiVersion, kind: kind.rawValue) }

    /// What lists travel in.
    var listEnvelope: Envelope { Envelope(apiVersion: apiVersion, kind: "\(kind.rawValue)List") }
}
