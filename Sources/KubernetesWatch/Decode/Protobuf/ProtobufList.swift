import ClusterIndex

/// A list in protobuf: one envelope around a message with the items. Since the list is never whole in memory, its
/// fields and those of the envelope are units: tag, length and value apart.
struct ProtobufList: Framing {
    private enum State {
        case magic
        case tag
        /// The length of the field with this number.
        case length(UInt32)
        /// A number that nobody needs.
        case number
        /// A message that somebody needs.
        case message(Message, Int)
        /// So many bytes that nobody needs.
        case skipped(Int)
    }

    private enum Message { case typeMeta, status, metadata, item }

    private enum Contents { case toCome, list, read }

    private let kind: ObjectKind
    private var state = State.magic
    private var contents = Contents.toCome
    /// Bytes of the list that are still to come, while in it.
    private var listBytes = 0
    private var envelopeKind = ""
    private var metadata = ListMetadata()
    private var hasStatus = false

    init(of kind: ObjectKind) { self.kind = kind }

    var expectedBytes: Int {
        if case .message(_, let count) = state { count } else { DecodingLimits.varintBytesMax }
    }

    mutating func next(_ bytes: UnsafeRawBufferPointer, held: Int) throws(DecodingFault) -> Piece {
        switch state {
        case .magic: return piece(ProtobufEnvelope.magic.utf8CodeUnitCount, bytes, held)
        case .message(_, let count): return piece(count, bytes, held)
        case .tag, .length, .number:
            for index in bytes.indices {
                guard held + index < DecodingLimits.varintBytesMax else { throw Self.malformed }
                if bytes[index] < 0x80 { return .unit(index + 1) }
            }
            return .more
        case .skipped(let count):
            let here = min(count, bytes.count)
            try enter(here == count ? .tag : .skipped(count - here), after: here)
            return .skip(here)
        }
    }

    private func piece(_ count: Int, _ bytes: UnsafeRawBufferPointer, _ held: Int) -> Piece {
        bytes.count < count - held ? .more : .unit(count - held)
    }

    private static let malformed = DecodingFault.malformed("protobuf", "a field does not end where it should")

    /// Goes on to the next state when so many bytes are used up; a list that is thereby complete is left.
    private mutating func enter(_ next: State, after bytes: Int) throws(DecodingFault) {
        state = next
        guard contents == .list else { return }
        listBytes -= bytes
        guard listBytes >= 0 else { throw Self.malformed }
        guard listBytes == 0 else { return }
        switch next {
        case .tag: contents = .read
        case .message(_, 0): break
        default: throw Self.malformed
        }
    }

    mutating func take(_ unit: UnsafeRawBufferPointer, _ handle: (StreamItem) -> Void) throws(DecodingFault) {
        switch state {
        case .magic:
            guard unit.isEqual(to: ProtobufEnvelope.magic) else { throw ProtobufEnvelope.magicFault }
            state = .tag
        case .tag: try enter(try value(ofTag: try number(unit)), after: unit.count)
        case .number:
            _ = try number(unit)
            try enter(.tag, after: unit.count)
        case .length(let field):
            let length = try number(unit)
            guard length <= Int.max >> 1 else { throw Self.malformed }
            try begin(field, length: Int(length), after: unit.count)
            if case .message(_, 0) = state { try take(UnsafeRawBufferPointer(start: nil, count: 0), handle) }
        case .message(let message, _):
            try read(message, unit, handle)
            try enter(.tag, after: unit.count)
        case .skipped: break
        }
    }

    private func number(_ unit: UnsafeRawBufferPointer) throws(DecodingFault) -> UInt64 {
        guard let value = Varint(unit) else { throw Self.malformed }
        return value.number
    }

    private func value(ofTag tag: UInt64) throws(DecodingFault) -> State {
        guard tag >> 3 != 0, tag <= UInt32.max else { throw Self.malformed }
        switch tag & 7 {
        case 0: return .number
        case 1: return .skipped(8)
        case 2: return .length(UInt32(tag >> 3))
        case 5: return .skipped(4)
        default: throw Self.malformed
        }
    }

    private mutating func begin(_ field: UInt32, length: Int, after bytes: Int) throws(DecodingFault) {
        if contents != .list, field == ProtobufEnvelope.raw { return try beginContents(length) }
        let message: Message?
        switch (contents, field) {
        case (.list, 1): message = .metadata
        case (.list, 2): message = .item
        case (.toCome, ProtobufEnvelope.typeMeta): message = .typeMeta
        default: message = nil
        }
        try enter(message.map { .message($0, length) } ?? (length == 0 ? .tag : .skipped(length)), after: bytes)
        guard contents != .list || length <= listBytes else { throw Self.malformed }
        guard message == nil || length <= DecodingLimits.unitBytesMax else { throw .tooLarge }
    }

    /// `raw` of the envelope: the list, or what the server says in its place.
    private mutating func beginContents(_ length: Int) throws(DecodingFault) {
        guard contents == .toCome else { throw .malformed("protobuf", "there are two lists in one") }
        if envelopeKind == APIStatus.kind {
            guard length <= DecodingLimits.unitBytesMax else { throw .tooLarge }
            contents = .read
            state = .message(.status, length)
        } else {
            try kind.checkList(envelopeKind)
            contents = length == 0 ? .read : .list
            listBytes = length
            state = .tag
        }
    }

    private mutating func read(
        _ message: Message, _ unit: UnsafeRawBufferPointer, _ handle: (StreamItem) -> Void
    ) throws(DecodingFault) {
        var object = ProtobufObject(kind: message == .status ? envelopeKind : "", bytes: unit)
        do throws(ObjectFault) {
            switch message {
            case .typeMeta: envelopeKind = try ProtobufEnvelope.kind(ProtobufReader(unit))
            case .metadata: metadata = try ListMetadata(ProtobufReader(unit))
            case .status:
                hasStatus = true
                handle(.status(try object.status()))
            case .item: handle(try object.item(.added, kind))
            }
        } catch {
            throw error.fault
        }
    }

    func finish(held: Int, _ handle: (StreamItem) -> Void) throws(DecodingFault) {
        guard held == 0, contents == .read, case .tag = state else { throw .cut }
        guard !hasStatus else { return }
        handle(.listMetadata(metadata.version, continueToken: metadata.continueToken))
    }
}
