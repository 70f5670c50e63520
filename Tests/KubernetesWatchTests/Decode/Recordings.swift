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

/// Numbers that are the same in every run.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
