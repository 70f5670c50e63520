import ClusterIndex
public import Harness

@testable import KubernetesWatch

/// The reader must survive all bytes, and take only what the writer writes.
private func fuzzSnapshot(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    checkRecord(bytes)
    _ = objects(bytes)
    checkBody(bytes)
    return 0
}

/// A record that is taken is written as the same bytes again.
private func checkRecord(_ bytes: [UInt8]) {
    guard let object = try? bytes.withUnsafeBytes(RecordDecoder.decode) else { return }
    var encoder = RecordEncoder()
    encoder.encode(object)
    precondition(encoder.isTooLarge || encoder.bytes == bytes, "a record has one form")
}

/// The bytes as records of a snapshot whose checksums are right, and that many records as there are.
private func checkBody(_ bytes: [UInt8]) {
    let header = SnapshotFormat.magic + [1, 0, 0, 0] + [UInt8](repeating: 0, count: 20)
    let body = withChecksum(header) + bytes
    guard let found = objects(withChecksum(body + [UInt8](repeating: 0xFF, count: 8))) else { return }
    let count = withUnsafeBytes(of: UInt64(found.objects.count).littleEndian, Array.init)
    guard let whole = objects(withChecksum(body + count)) else { preconditionFailure("magic and version are right") }
    precondition(whole.objects == found.objects, "reading is repeatable")
    guard whole.cause == nil else { return }
    // An index takes all of it, and what it gives back it takes too.
    var index = ClusterIndex(options: IndexOptions(pods: .verified, isZonal: true))
    for object in whole.objects { index.upsert(object) }
    var again = ClusterIndex(options: index.options)
    index.forEachObject { again.upsert($0) }
    precondition(text(of: index) == text(of: again), "what an index gives back is all that it knows")
}

private func text(of index: ClusterIndex) -> [String] {
    var objects: [String] = []
    index.forEachObject { objects.append("\($0)") }
    return objects.sorted()
}

private func withChecksum(_ bytes: [UInt8]) -> [UInt8] {
    var checksum = Checksum()
    bytes.withUnsafeBytes { checksum.add($0) }
    return bytes + withUnsafeBytes(of: checksum.value.littleEndian, Array.init)
}

/// What is handed on and why it ends; nil if it is no snapshot of this version.
private func objects(_ bytes: [UInt8]) -> (objects: [ClusterObject], cause: SnapshotError.Cause?)? {
    var objects: [ClusterObject] = []
    var input = SnapshotInput(bytes)
    do {
        _ = try input.read(fingerprint: "") { objects.append($0) }
        return (objects, nil)
    } catch {
        switch error {
        case .damaged, .otherConfiguration: return (objects, error)
        case .notASnapshot, .otherVersion: return nil
        default: preconditionFailure("bytes in memory can be read")
        }
    }
}

/// What libFuzzer is started from; Harness tells why.
@_cdecl("FuzzSnapshot_main")
public func fuzzMain(_ count: CInt, _ arguments: Arguments) -> CInt { runFuzzer(count, arguments, fuzzSnapshot) }
