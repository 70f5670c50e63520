import ClusterIndex
import Glibc
public import Harness

@testable import Manifests
@testable import YAML

/// The reader must survive every text, keep its bounds, and hand on only objects that keep their rules.
private func fuzzManifests(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    checkChunks(bytes)
    var objects: [ClusterObject] = []
    let summary = ManifestReader.forEachObject(bytes: bytes, named: "m.yaml") { object, line in
        precondition(line >= 1, "an object starts in a line")
        check(object)
        objects.append(object)
    }
    precondition(summary.errors.count <= Limits.errorsPerFile + 1, "errors are bounded")
    precondition(summary.isComplete || !summary.errors.isEmpty, "what ends early says why")
    for error in summary.errors {
        let isVisible = error.message.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        precondition(isVisible, "an error is one line of text")
        precondition(error.message.utf8.count < 2000, "an error is short")
    }
    var again = 0
    _ = ManifestReader.forEachObject(bytes: bytes, named: "m.yaml") { object, _ in
        precondition(again < objects.count && objects[again] == object, "reading is repeatable")
        again += 1
    }
    return 0
}

private func check(_ object: ClusterObject) {
    precondition(NameRule.subdomain.allows(object.key.name), "an object has a name")
    if case .service(let service) = object {
        precondition(service.kind != .externalName || !service.externalName.isEmpty, "an external name is a name")
        precondition(service.ports.allSatisfy { ($0.number ?? 0) > 0 }, "a service's port has a number")
    }
}

/// Where a chunk ends must make no difference.
private func checkChunks(_ bytes: [UInt8]) {
    let whole = transcript(bytes, chunk: bytes.count * 2 + 64)
    for size in [13, 37] { precondition(transcript(bytes, chunk: size) == whole, "chunks make no difference") }
}

private struct Transcript: Equatable {
    var bytes: [UInt8] = []
    /// Where JSON values that follow each other end.
    var ends: [Int] = []
    var fault: YAMLFault?
}

private func transcript(_ bytes: [UInt8], chunk: Int) -> Transcript {
    let input = YAMLInput(.bytes(bytes), chunkSize: chunk)
    var result = Transcript()
    let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: chunk)
    defer { buffer.deallocate() }
    repeat {
        while let count = input.read(into: buffer), count > 0 { result.bytes += buffer[..<count] }
        result.ends.append(result.bytes.count)
    } while input.startNextValue() != nil
    result.fault = input.fault
    return result
}

/// What libFuzzer is started from; Harness tells why.
@_cdecl("FuzzManifests_main")
public func fuzzMain(_ count: CInt, _ arguments: Arguments) -> CInt { runFuzzer(count, arguments, fuzzManifests) }
