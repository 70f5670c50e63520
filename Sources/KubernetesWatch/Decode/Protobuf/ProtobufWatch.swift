import ClusterIndex

/// A watch in protobuf: frames of a length in four bytes, the highest first, and a `WatchEvent`.
struct ProtobufWatch: Framing {
    private static let headerBytes = 4

    private let kind: ObjectKind
    private var isAtHeader = true
    private(set) var expectedBytes = ProtobufWatch.headerBytes

    init(of kind: ObjectKind) { self.kind = kind }

    func next(_ bytes: UnsafeRawBufferPointer, held: Int) -> Piece {
        bytes.count < expectedBytes - held ? .more : .unit(expectedBytes - held)
    }

    mutating func take(_ unit: UnsafeRawBufferPointer, _ handle: (StreamItem) -> Void) throws(DecodingFault) {
        guard isAtHeader else {
            handle(try event(unit))
            isAtHeader = true
            expectedBytes = Self.headerBytes
            return
        }
        let length = Int(UInt32(bigEndian: unit.loadUnaligned(as: UInt32.self)))
        guard length <= DecodingLimits.unitBytesMax else { throw .tooLarge }
        guard length > 0 else { throw .malformed("protobuf", "a frame is empty") }
        isAtHeader = false
        expectedBytes = length
    }

    private func event(_ frame: UnsafeRawBufferPointer) throws(DecodingFault) -> StreamItem {
        do throws(ObjectFault) {
            let event = try WatchEvent(frame)
            var object = try ProtobufObject(inEnvelope: event.object)
            return try object.item(try EventType(event.type), kind)
        } catch {
            throw error.fault
        }
    }

    func finish(held: Int, _ handle: (StreamItem) -> Void) throws(DecodingFault) {
        guard isAtHeader, held == 0 else { throw .cut }
    }
}

/// WatchEvent (meta/v1).
private struct WatchEvent {
    private(set) var type = ""
    /// `object.raw`, the envelope of an object.
    private(set) var object = UnsafeRawBufferPointer(start: nil, count: 0)

    init(_ frame: UnsafeRawBufferPointer) throws(ObjectFault) {
        var reader = ProtobufReader(frame)
        while let field = try reader.next() {
            switch field.number {
            case 1: type = try reader.text(field, "type")
            case 2: try read(extension: try reader.message(field, "object"))
            default: try reader.skip(field)
            }
        }
    }

    /// RawExtension.
    private mutating func read(extension reader: consuming ProtobufReader) throws(ObjectFault) {
        while let field = try reader.next() {
            switch field.number {
            case 1: object = try reader.bytes(field, "object.raw")
            default: try reader.skip(field)
            }
        }
    }
}
