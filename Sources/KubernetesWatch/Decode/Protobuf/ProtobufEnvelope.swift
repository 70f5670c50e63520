/// What stands around every object and every list in protobuf: four bytes and a `runtime.Unknown`, which says of what
/// kind the message inside is.
enum ProtobufEnvelope {
    /// The bytes in front.
    static let magic: StaticString = "k8s\0"
    static let magicFault = DecodingFault.malformed("protobuf", "something does not begin with \"k8s\" and a zero byte")

    /// Numbers of the fields that matter.
    static let typeMeta: UInt32 = 1
    static let raw: UInt32 = 2

    /// `kind` of a TypeMeta.
    static func kind(_ reader: consuming ProtobufReader) throws(ObjectFault) -> String {
        var kind = ""
        while let field = try reader.next() {
            switch field.number {
            case 2: kind = try reader.text(field, "typeMeta.kind")
            default: try reader.skip(field)
            }
        }
        return kind
    }
}

extension ProtobufObject {
    /// The object in an envelope.
    init(inEnvelope bytes: UnsafeRawBufferPointer) throws(ObjectFault) {
        let magic = UnsafeRawBufferPointer(rebasing: bytes.prefix(ProtobufEnvelope.magic.utf8CodeUnitCount))
        guard magic.isEqual(to: ProtobufEnvelope.magic) else { throw .broken(ProtobufEnvelope.magicFault) }
        var reader = ProtobufReader(UnsafeRawBufferPointer(rebasing: bytes[magic.count...]))
        var kind = ""
        var raw = UnsafeRawBufferPointer(start: nil, count: 0)
        while let field = try reader.next() {
            switch field.number {
            case ProtobufEnvelope.typeMeta: kind = try ProtobufEnvelope.kind(try reader.message(field, "typeMeta"))
            case ProtobufEnvelope.raw: raw = try reader.bytes(field, "raw")
            default: try reader.skip(field)
            }
        }
        self.init(kind: kind, bytes: raw)
    }
}
