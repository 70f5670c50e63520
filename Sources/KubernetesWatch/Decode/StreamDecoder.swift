public import ClusterIndex

/// Takes a response apart as it streams: bytes in, items out. Never holds more than one object.
public struct StreamDecoder {
    /// How the bytes are encoded: what `Content-Type` says.
    public enum Encoding: Sendable { case protobuf, json }

    /// What they are.
    public enum Shape: Sendable {
        /// A List, or a Status in its place.
        case list
        /// Watch events.
        case watch
    }

    private var reader: any ResponseReader

    /// A decoder for one response. `kind` is what the objects are: the items of a list do not say.
    public init(_ encoding: Encoding, _ shape: Shape, of kind: ObjectKind) {
        switch (encoding, shape) {
        case (.protobuf, .list): reader = UnitReader(ProtobufList(of: kind))
        case (.protobuf, .watch): reader = UnitReader(ProtobufWatch(of: kind))
        case (.json, .list): reader = UnitReader(JSONList(of: kind))
        case (.json, .watch): reader = UnitReader(JSONWatch(of: kind))
        }
    }

    /// Takes the next bytes, cut anywhere, and hands on what they complete. What is thrown ends the stream: nothing
    /// behind it can be trusted. The caller must not feed any more after that.
    public mutating func feed(
        _ bytes: UnsafeRawBufferPointer, _ handle: (StreamItem) -> Void
    ) throws(DecodingFault) {
        try reader.feed(bytes, handle)
    }

    /// Tells that the response is complete; throws if it stopped in the middle of something.
    public mutating func finish(_ handle: (StreamItem) -> Void) throws(DecodingFault) {
        try reader.finish(handle)
    }
}
