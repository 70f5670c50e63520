// The records as a whole, for whoever keeps answers: what was written under one question fits any other spelling of it.

/// What a message has behind its question, in numbers.
public struct BodyLayout: Hashable, Sendable {
    /// Records in the answer section.
    public var answerCount: UInt16
    /// Records in the authority section.
    public var authorityCount: UInt16
    /// Records in the additional section.
    public var additionalCount: UInt16
    /// Bytes that compression saved in each section, as far as they can be told.
    public var savedInAnswer: UInt16
    /// The same of the authority section.
    public var savedInAuthority: UInt16
    /// The same of the additional section.
    public var savedInAdditional: UInt16

    /// No records.
    public static let empty = BodyLayout()

    init(
        answerCount: UInt16 = 0, authorityCount: UInt16 = 0, additionalCount: UInt16 = 0, savedInAnswer: UInt16 = 0,
        savedInAuthority: UInt16 = 0, savedInAdditional: UInt16 = 0
    ) {
        self.answerCount = answerCount
        self.authorityCount = authorityCount
        self.additionalCount = additionalCount
        self.savedInAnswer = savedInAnswer
        self.savedInAuthority = savedInAuthority
        self.savedInAdditional = savedInAdditional
    }

    /// Records in all sections.
    @inlinable public var recordCount: Int { Int(answerCount) + Int(authorityCount) + Int(additionalCount) }
}

extension MessageWriter {
    /// The records as written; names in them point into the question or at each other.
    public var body: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base + recordsStart, count: count - recordsStart)
    }

    /// Where the records start in the message.
    public var recordStarts: UnsafeBufferPointer<UInt16> { UnsafeBufferPointer(start: starts, count: recordCount) }

    /// What `body` consists of.
    public var bodyLayout: BodyLayout {
        BodyLayout(
            answerCount: UInt16(truncatingIfNeeded: answerCount),
            authorityCount: UInt16(truncatingIfNeeded: authorityCount),
            additionalCount: UInt16(truncatingIfNeeded: additionalCount),
            savedInAnswer: UInt16(clamping: saved.answer), savedInAuthority: UInt16(clamping: saved.authority),
            savedInAdditional: UInt16(clamping: saved.additional))
    }

    /// Takes back every record and takes over those of a body that was written under the same question, in whatever
    /// spelling; all get the same TTL.
    public mutating func adopt(
        _ body: UnsafeRawBufferPointer, _ layout: BodyLayout, starts others: UnsafePointer<UInt16>, ttl: UInt32
    ) {
        removeRecords()
        let begin = recordsStart
        guard let source = body.baseAddress, begin + body.count <= Self.maximumLength else { return }
        (base + begin).copyMemory(from: source, byteCount: body.count)
        count = begin + body.count
        recordCount = layout.recordCount
        answerCount = Int(layout.answerCount)
        authorityCount = Int(layout.authorityCount)
        additionalCount = Int(layout.additionalCount)
        section = additionalCount > 0 ? .additional : authorityCount > 0 ? .authority : .answer
        saved.answer = Int(layout.savedInAnswer)
        saved.authority = Int(layout.savedInAuthority)
        saved.additional = Int(layout.savedInAdditional)
        starts.update(from: others, count: recordCount)
        setTimeToLive(ttl)
    }

    /// Gives every record the same TTL.
    public mutating func setTimeToLive(_ ttl: UInt32) {
        for index in 0..<recordCount { base.storeBigEndian(ttl, at: endOfOwner(index) + 4) }
    }

    /// The shortest TTL of all records; nil if there are none.
    public var shortestTimeToLive: UInt32? {
        var shortest: UInt32?
        for index in 0..<recordCount {
            let ttl = UnsafeRawPointer(base).bigEndian32(endOfOwner(index) + 4)
            shortest = min(shortest ?? ttl, ttl)
        }
        return shortest
    }

    /// The TTL of the first record; nil if there is none.
    public var firstTimeToLive: UInt32? {
        recordCount > 0 ? UnsafeRawPointer(base).bigEndian32(endOfOwner(0) + 4) : nil
    }

    /// The type of a record.
    public func type(ofRecord index: Int) -> RecordType {
        RecordType(rawValue: UnsafeRawPointer(base).bigEndian16(endOfOwner(index)))
    }

    /// Where the owner of a record ends; owners are mostly pointers.
    @inline(__always)
    private func endOfOwner(_ index: Int) -> Int {
        let start = Int(starts[index])
        if UnsafeRawPointer(base).byte(start) >= 0xC0 { return start + 2 }
        return MessageReader.endOfName(bytes, at: start) ?? start
    }

    /// Whether the question's name is this one, in whatever spelling.
    public func asks(_ name: NameView) -> Bool {
        guard questionNameLength == name.length else { return false }
        let question = UnsafeRawPointer(base) + Header.length
        for index in 0..<name.length where foldedByte(question.byte(index)) != name.folded.byte(index) { return false }
        return true
    }
}
