import ClusterIndex
import KubernetesWatch

/// What a decoder made of a response.
struct Transcript: Hashable {
    var items: [StreamItem] = []
    var fault: DecodingFault?

    /// Feeds parts that end at these places, and the rest.
    init(_ stream: Stream, _ bytes: [UInt8], cutAt cuts: some Sequence<Int> = []) {
        var decoder = StreamDecoder(stream.encoding, stream.shape, of: stream.kind)
        var start = 0
        do throws(DecodingFault) {
            for end in Array(cuts) + [bytes.count] where end >= start {
                try decoder.feed(copying: bytes[start..<end]) { items.append($0) }
                start = end
            }
            try decoder.finish { items.append($0) }
        } catch {
            fault = error
        }
    }

    /// Feeds parts of one size.
    init(_ stream: Stream, _ bytes: [UInt8], chunk: Int) {
        self.init(stream, bytes, cutAt: stride(from: chunk, to: bytes.count, by: chunk))
    }
}

/// What a response is.
struct Stream: Hashable, CustomStringConvertible {
    var encoding: StreamDecoder.Encoding
    var shape: StreamDecoder.Shape
    var kind: ObjectKind

    init(_ encoding: StreamDecoder.Encoding, _ shape: StreamDecoder.Shape, _ kind: ObjectKind) {
        self.encoding = encoding
        self.shape = shape
        self.kind = kind
    }

    var description: String { "\(shape) of \(kind) in \(encoding)" }
}

extension StreamDecoder {
    /// Feeds a part from memory that is gone afterwards, so that nothing can point to it.
    mutating func feed(
        copying part: ArraySlice<UInt8>, _ handle: (StreamItem) -> Void
    ) throws(DecodingFault) {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: part.count, alignment: 1)
        memory.copyBytes(from: part)
        defer {
            memory.initializeMemory(as: UInt8.self, repeating: 0xA5)
            memory.deallocate()
        }
        try feed(UnsafeRawBufferPointer(memory), handle)
    }
}

extension StreamItem {
    /// The object of an item that has one.
    var object: ClusterObject? {
        if case .upsert(let object, _) = self { object } else { nil }
    }

    /// `upsert prod/web 998`, to compare by.
    var words: String {
        switch self {
        case .upsert(let object, let version): "upsert \(object.key) \(version)"
        case .delete(let key, let version): "delete \(key) \(version)"
        case .bookmark(let version, let ends): "bookmark \(version)\(ends ? " end" : "")"
        case .listMetadata(let version, let token): "list \(version)\(token.isEmpty ? "" : " continue")"
        case .status(let status): "status \(status.code) \(status.reason)"
        case .unusable(let key, let version, let fault): "unusable \(key?.description ?? "?") \(version): \(fault)"
        }
    }
}
