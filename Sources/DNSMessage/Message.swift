/// A whole message that owns its data; for tools, tests and programs, not for a server's hot path.
public struct Message: Hashable, Sendable {
    /// The question of an owned message.
    public struct Question: Hashable, Sendable {
        /// The name asked for.
        public var name: Name
        /// The type asked for.
        public var type: RecordType
        /// The class asked for.
        public var `class`: RecordClass

        /// A question.
        public init(_ name: Name, _ type: RecordType, class: RecordClass = .internet) {
            self.name = name
            self.type = type
            self.class = `class`
        }
    }

    /// Tells which query a response belongs to.
    public var id: UInt16
    /// Flags, opcode and the low bits of the response code.
    public var flags: HeaderFlags
    /// One, as a rule.
    public var questions: [Question]
    /// What was asked for.
    public var answer: [Record]
    /// Who is responsible.
    public var authority: [Record]
    /// Additional records, an OPT among them where the message has one.
    public var additional: [Record]

    /// An empty message; fill what it needs.
    public init(
        id: UInt16, flags: HeaderFlags = HeaderFlags(), questions: [Question] = [], answer: [Record] = [],
        authority: [Record] = [], additional: [Record] = []
    ) {
        self.id = id
        self.flags = flags
        self.questions = questions
        self.answer = answer
        self.authority = authority
        self.additional = additional
    }

    /// Reads a message; throws where it is malformed. Bytes behind the last record are ignored.
    public init(decoding bytes: UnsafeRawBufferPointer) throws(MessageError) {
        guard var reader = MessageReader(bytes) else { throw .tooShort }
        var scratch = NameScratch()
        let header = reader.header
        self.init(id: header.id, flags: header.flags)
        for _ in 0..<header.questionCount {
            guard let question = reader.readQuestion(&scratch) else { throw .malformed(offset: reader.offset) }
            questions.append(Question(Name(question.name), question.type, class: question.class))
        }
        answer = try Message.records(header.answerCount, &reader, &scratch)
        authority = try Message.records(header.authorityCount, &reader, &scratch)
        additional = try Message.records(header.additionalCount, &reader, &scratch)
    }

    private static func records(
        _ count: UInt16, _ reader: inout MessageReader, _ scratch: inout NameScratch
    ) throws(MessageError) -> [Record] {
        var records: [Record] = []
        for _ in 0..<count {
            let start = reader.offset
            guard let view = reader.readRecord(), let record = Record(view, scratch: &scratch) else {
                throw .malformed(offset: start)
            }
            records.append(record)
        }
        return records
    }

    /// Response code, with the high bits of the OPT record if there is one.
    public var responseCode: ResponseCode {
        let high = additional.first { $0.type == .opt }.map { ($0.ttl >> 24) << 4 } ?? 0
        return ResponseCode(rawValue: flags.responseCode.rawValue | UInt16(high))
    }

    /// The message on the wire, names compressed, cut to `limit` bytes. At most one question is written.
    public func encoded(limit: Int = MessageWriter.maximumLength) -> [UInt8] {
        var writer = MessageWriter()
        var scratch = NameScratch()
        if let question = questions.first {
            let name = scratch.read(question.name)
            writer.begin(QuestionView(name: name, type: question.type, class: question.class))
        } else {
            writer.begin()
        }
        for (section, records) in [(Section.answer, answer), (.authority, authority), (.additional, additional)] {
            writer.move(to: section)
            for record in records { writer.add(record) }
        }
        writer.finish(id: id, flags: flags, responseCode: flags.responseCode, edns: nil, limit: limit)
        return Array(writer.bytes)
    }
}

/// Why bytes are no message.
public enum MessageError: Error, Hashable, CustomStringConvertible {
    /// There is not even a header.
    case tooShort
    /// What begins at this byte, counted from 0, cannot be read.
    case malformed(offset: Int)

    /// One clause, without a final stop.
    public var description: String {
        switch self {
        case .tooShort: "shorter than the \(Header.length) bytes of a header"
        case .malformed(let offset): "malformed at byte \(offset)"
        }
    }
}
