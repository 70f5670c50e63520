import ClusterIndex

/// A list in JSON. Since it is never whole in memory, its tokens are units: keys, values, brackets, commas, and of
/// `items` each item.
struct JSONList: Framing {
    private enum State {
        case start
        case firstKey, key
        case colon
        case value
        case memberEnd
        case firstItem, item, itemEnd
        case end
    }

    private enum Member {
        case kind, items, other
        /// One that a Status has, and perhaps a list.
        case status(JSONStatus.Member)
    }

    private let objectKind: ObjectKind
    private var state = State.start
    private var member = Member.other
    private var scanner = ValueScanner()
    private var kind = ""
    private var status = JSONStatus()

    init(of kind: ObjectKind) { objectKind = kind }

    var expectedBytes: Int { 0 }

    mutating func next(_ bytes: UnsafeRawBufferPointer, held: Int) throws(DecodingFault) -> Piece {
        if !scanner.isInside {
            let spaces = bytes.prefix { $0.isSpace }.count
            guard spaces == 0 else { return .skip(spaces) }
            guard isValue(bytes[0]) else { return .unit(1) }
        }
        if case (.value, .other) = (state, member) { return .skip(try skipValue(bytes)) }
        return try scanner.scan(bytes).map { .unit($0) } ?? .more
    }

    /// Whether a value begins here, a key included, and not a token of one byte.
    private func isValue(_ first: UInt8) -> Bool {
        switch state {
        case .start, .colon, .memberEnd, .itemEnd, .end: false
        case .firstKey: first != .closeBrace
        case .key, .item: true
        case .firstItem: first != .closeBracket
        case .value:
            if case .items = member { first != .openBracket } else { true }
        }
    }

    /// Goes through a value that nobody needs, without keeping it.
    private mutating func skipValue(_ bytes: UnsafeRawBufferPointer) throws(DecodingFault) -> Int {
        guard let end = try scanner.scan(bytes) else { return bytes.count }
        state = .memberEnd
        return end
    }

    mutating func take(_ unit: UnsafeRawBufferPointer, _ handle: (StreamItem) -> Void) throws(DecodingFault) {
        do throws(ObjectFault) {
            try read(unit, handle)
        } catch {
            throw error.fault
        }
    }

    private mutating func read(_ unit: UnsafeRawBufferPointer, _ handle: (StreamItem) -> Void) throws(ObjectFault) {
        switch (state, unit[0]) {
        case (.start, .openBrace): state = .firstKey
        case (.firstKey, .closeBrace), (.memberEnd, .closeBrace): state = .end
        case (.firstKey, .quote), (.key, .quote):
            member = try Self.member(unit)
            state = .colon
        case (.colon, .colon): state = .value
        case (.value, _): try readValue(unit)
        case (.memberEnd, .comma): state = .key
        case (.firstItem, .closeBracket), (.itemEnd, .closeBracket): state = .memberEnd
        case (.firstItem, _), (.item, _):
            var object = JSONObject(reader: JSONReader(unit))
            handle(try object.item(.added, objectKind))
            state = .itemEnd
        case (.itemEnd, .comma): state = .item
        default:
            let text = quoted(String(decoding: unit, as: UTF8.self))
            throw .broken(.malformed("JSON", "\(text) is out of place in a list"))
        }
    }

    private static func member(_ unit: UnsafeRawBufferPointer) throws(ObjectFault) -> Member {
        var reader = JSONReader(unit)
        let key = try reader.key()
        if key.isEqual(to: "kind") { return .kind }
        if key.isEqual(to: "items") { return .items }
        return JSONStatus.Member(key).map { .status($0) } ?? .other
    }

    private mutating func readValue(_ unit: UnsafeRawBufferPointer) throws(ObjectFault) {
        var reader = JSONReader(unit)
        state = .memberEnd
        switch member {
        case .kind: kind = try reader.optionalText("kind")
        case .status(let member): try status.read(member, &reader)
        case .other: break
        case .items where unit[0] == .openBracket:
            // Where the kind comes later, it is checked at the end.
            if !kind.isEmpty { try checkKind() }
            state = .firstItem
        case .items:
            guard try reader.isNull() else { throw .wrongType("items", "an array") }
        }
    }

    private func checkKind() throws(ObjectFault) {
        do throws(DecodingFault) {
            try objectKind.checkList(kind)
        } catch {
            throw .broken(error)
        }
    }

    func finish(held: Int, _ handle: (StreamItem) -> Void) throws(DecodingFault) {
        guard held == 0, case .end = state else { throw .cut }
        if kind == APIStatus.kind { return handle(.status(status.status)) }
        try objectKind.checkList(kind)
        handle(.listMetadata(status.metadata.version, continueToken: status.metadata.continueToken))
    }
}
