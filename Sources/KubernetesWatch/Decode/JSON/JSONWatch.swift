import ClusterIndex

/// A watch in JSON: one event after the other. There is one in each line, but nothing depends on that.
struct JSONWatch: Framing {
    private let kind: ObjectKind
    private var scanner = ValueScanner()

    init(of kind: ObjectKind) { self.kind = kind }

    var expectedBytes: Int { 0 }

    mutating func next(_ bytes: UnsafeRawBufferPointer, held: Int) throws(DecodingFault) -> Piece {
        if !scanner.isInside {
            let spaces = bytes.prefix { $0.isSpace }.count
            guard spaces == 0 else { return .skip(spaces) }
            guard bytes[0] == .openBrace else { throw .malformed("JSON", "an event does not begin with a brace") }
        }
        return try scanner.scan(bytes).map { .unit($0) } ?? .more
    }

    func take(_ unit: UnsafeRawBufferPointer, _ handle: (StreamItem) -> Void) throws(DecodingFault) {
        handle(try event(JSONReader(unit)))
    }

    /// `type` and `object`, in whichever order; of several the last.
    private func event(_ start: consuming JSONReader) throws(DecodingFault) -> StreamItem {
        var reader = start
        var type: EventType?
        var object: JSONReader?
        var item: StreamItem?
        do throws(ObjectFault) {
            _ = try reader.beginObject("an event")
            while let key = try reader.nextMember() {
                switch key {
                case "type":
                    type = try EventType(try reader.text("type"))
                    item = nil
                case "object":
                    object = reader
                    item = nil
                    guard let type else {
                        try reader.skip()
                        continue
                    }
                    var source = JSONObject(reader: reader)
                    item = try source.item(type, kind)
                    reader = source.reader
                default: try reader.skip()
                }
            }
            if let item { return item }
            guard let type else { throw .broken(DecodingFault("the response has an event without a type")) }
            guard let object else { throw .broken(DecodingFault("the response has an event without an object")) }
            var source = JSONObject(reader: object)
            return try source.item(type, kind)
        } catch {
            throw error.fault
        }
    }

    func finish(held: Int, _ handle: (StreamItem) -> Void) throws(DecodingFault) {
        guard held == 0 else { throw .cut }
    }
}
