import ClusterIndex
public import KubernetesWatch

/// A response must end in items or in a fault, the same wherever it is cut. The first byte of the input chooses what it
/// is and how it is cut, the rest is the response.
public func checkStream(_ start: UnsafePointer<UInt8>, _ count: Int, _ encoding: StreamDecoder.Encoding) {
    guard count > 0 else { return }
    let kinds = ObjectKind.allCases
    let kind = kinds[Int(start[0] >> 1) % kinds.count]
    let shape: StreamDecoder.Shape = start[0] & 1 == 0 ? .list : .watch
    let bytes = UnsafeRawBufferPointer(start: start + 1, count: count - 1)
    let whole = transcript(bytes, StreamDecoder(encoding, shape, of: kind), chunk: bytes.count)
    for size in [1, 7, 5 + Int(start[0] >> 4)] where size < bytes.count {
        let cut = transcript(bytes, StreamDecoder(encoding, shape, of: kind), chunk: size)
        precondition(cut == whole, "where a response is cut makes no difference")
    }
    precondition(whole.items.count <= count, "items come from bytes")
    for item in whole.items { check(item, kind) }
    if let fault = whole.fault { check(fault) }
}

private struct Transcript: Equatable {
    var items: [StreamItem] = []
    var fault: DecodingFault?
}

private func transcript(_ bytes: UnsafeRawBufferPointer, _ decoder: StreamDecoder, chunk: Int) -> Transcript {
    var decoder = decoder
    var result = Transcript()
    do throws(DecodingFault) {
        for start in stride(from: 0, to: bytes.count, by: max(chunk, 1)) {
            let end = min(start + chunk, bytes.count)
            try decoder.feed(UnsafeRawBufferPointer(rebasing: bytes[start..<end])) { result.items.append($0) }
        }
        try decoder.finish { result.items.append($0) }
    } catch {
        result.fault = error
    }
    return result
}

private func check(_ item: StreamItem, _ kind: ObjectKind) {
    switch item {
    case .upsert(let object, _):
        precondition(object.kind == kind, "an object is what was asked for")
        check(object.key, kind)
        check(object)
    case .delete(let key, _): check(key, kind)
    case .bookmark(let version, _): precondition(!version.description.isEmpty, "a bookmark has a version")
    case .unusable(let key, _, let fault):
        check(fault)
        if let key { check(key, kind) }
    case .listMetadata, .status: break
    }
}

private func check(_ key: ObjectKey, _ kind: ObjectKind) {
    precondition(!key.name.isEmpty, "an object has a name")
    precondition(key.namespace.isEmpty == (kind == .namespace), "all but namespaces are in one")
}

private func check(_ object: ClusterObject) {
    let needed: [ServicePort]
    switch object {
    case .service(let service): needed = service.ports
    case .serviceImport(let service): needed = service.ports
    default: needed = []
    }
    precondition(needed.allSatisfy { ($0.number ?? 0) > 0 && !$0.transport.isEmpty }, "a service's port has a number")
}

private func check(_ fault: DecodingFault) {
    let text = fault.description
    let isVisible = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    precondition(isVisible && !text.isEmpty, "a fault is one line of text")
    precondition(text.utf8.count < 1000, "a fault is short")
}
