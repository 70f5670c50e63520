import ClusterIndex
import Glibc
import KubernetesWatch

/// Bodies that a real API server sent.
enum Recordings {
    private static let folder = String(#filePath.dropLast("Decode/Recordings.swift".count)) + "Fixtures/recordings/"

    static func body(_ name: String) -> [UInt8] {
        guard let file = fopen("\(folder)\(name).body", "re") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&part, 1, part.count, file)
            guard count > 0 else { return bytes }
            bytes += part[..<count]
        }
    }

    /// Recorded in JSON under their names, in protobuf with `-pb` behind.
    static let pairs: [(name: String, shape: StreamDecoder.Shape, kind: ObjectKind)] =
        [("list", .list), ("watch", .watch), ("watchlist", .watch)].flatMap { prefix, shape in
            [
                ("\(prefix)-services", shape, .service), ("\(prefix)-endpointslices", shape, .endpointSlice),
                ("\(prefix)-pods", shape, .pod), ("\(prefix)-namespaces", shape, .namespace),
            ]
        }

    static func transcript(_ name: String, _ stream: Stream) -> Transcript { Transcript(stream, body(name)) }
}
