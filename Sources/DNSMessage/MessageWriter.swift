/// Builds one message after another in memory allocated once: the question, then records section by section, names
/// compressed (RFC 1035 §4.1.4), at last the header and OPT, cut by whole records to the size that the client takes.
///
/// Records go in between `beginRecord` and `endRecord`, or through one of the `add…` verbs. A record that does not fit
/// 65,535 bytes is taken back and everything after it is refused, so that an answer is always a prefix of the whole.
public struct MessageWriter: ~Copyable {
    /// Largest message: what the two length bytes of DNS over TCP can tell (RFC 1035 §4.2.2).
    @inlinable public static var maximumLength: Int { 65_535 }
    /// More records than fit: the shortest takes eleven bytes.
    static let recordsMax = maximumLength / 11 + 1
    /// A write may start at the limit and is taken back afterwards; this is room for the longest single one.
    static let slack = 512

    @usableFromInline private(set) var base: UnsafeMutableRawPointer
    @usableFromInline private(set) var starts: UnsafeMutablePointer<UInt16>
    private(set) var names: NameTable
    private var hasMemory = true

    /// Bytes written so far, the header's twelve included.
    public internal(set) var count = Header.length
    /// Records written so far, in all sections.
    public internal(set) var recordCount = 0
    /// Records in the answer section.
    public internal(set) var answerCount = 0
    /// Records in the authority section.
    public internal(set) var authorityCount = 0
    /// Records in the additional section.
    public internal(set) var additionalCount = 0
    /// Where the next record goes; only ever moved forward.
    public internal(set) var section = Section.answer
    /// Set when a record did not fit 65,535 bytes: the section it was meant for.
    public internal(set) var cutSection: Section?
    /// Whether the additional section is no mere help, as glue is not (RFC 9471 §3.1): cut, it sets TC as well.
    public var needsAdditional = false
    /// Length of the question's name on the wire; 0 without a question.
    public internal(set) var questionNameLength = 0
    var rdlengthOffset = 0
    @usableFromInline var saved = SavedBytes()
    var hasOverflown = false
    var questionIsInTable = false

    /// Allocates the buffers.
    public init() {
        let memory = WriterMemory()
        (base, starts, names) = (memory.base, memory.starts, memory.names)
    }

    deinit {
        if hasMemory { memory.deallocate() }
    }

    private var memory: WriterMemory { WriterMemory(base: base, starts: starts, names: names) }

    /// Hands the buffers out, and with them what was written: for a message that has to wait. Nil if they are gone
    /// already. Nothing may be called before `takeBack`.
    public mutating func handOut() -> WriterMemory? {
        guard hasMemory else { return nil }
        hasMemory = false
        return memory
    }

    /// Has buffers again, whosever they were; `begin` comes next.
    public mutating func takeBack(_ memory: WriterMemory) {
        precondition(!hasMemory, "the buffers at hand would be lost")
        (base, starts, names) = (memory.base, memory.starts, memory.names)
        hasMemory = true
    }

    /// The bytes written so far; the header's are valid after `finish`.
    @inlinable public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// What `count` would be without compression: the length that logs and metrics tell, as CoreDNS's do.
    @inlinable public var uncompressedCount: Int { count + saved.answer + saved.authority + saved.additional }

    /// Starts a message with one question, spelled as the client did.
    public mutating func begin(_ question: QuestionView) {
        begin()
        questionNameLength = question.name.length
        (base + count).copyMemory(from: question.name.spelled, byteCount: question.name.length)
        count += question.name.length
        put(question.type.rawValue)
        put(question.class.rawValue)
    }

    /// Starts a message that is a header only.
    public mutating func begin() {
        count = Header.length
        questionNameLength = 0
        removeRecords()
    }

    /// Takes back every record; header and question stay.
    public mutating func removeRecords() {
        count = recordsStart
        recordCount = 0
        answerCount = 0
        authorityCount = 0
        additionalCount = 0
        section = .answer
        cutSection = nil
        needsAdditional = false
        saved = SavedBytes()
        hasOverflown = false
        questionIsInTable = false
        names.clear()
    }

    /// Offset of the first record.
    @inlinable public var recordsStart: Int {
        questionNameLength == 0 ? Header.length : Header.length + questionNameLength + 4
    }

    /// Goes on to a later section; going back traps, the wire has no way back.
    public mutating func move(to next: Section) {
        precondition(next >= section, "sections are written in the order of the wire")
        section = next
    }

    /// How many records a section has so far.
    public func recordCount(in section: Section) -> Int {
        switch section {
        case .answer: answerCount
        case .authority: authorityCount
        case .additional: additionalCount
        }
    }

    /// The indices of a section's records among all records.
    public func records(in section: Section) -> Range<Int> {
        switch section {
        case .answer: 0..<answerCount
        case .authority: answerCount..<answerCount + authorityCount
        case .additional: answerCount + authorityCount..<recordCount
        }
    }

    /// Where record `index` starts in the message.
    @inlinable public func start(ofRecord index: Int) -> Int { index < recordCount ? Int(starts[index]) : count }

    /// A record as written.
    public func record(_ index: Int) -> RecordView? {
        let start = start(ofRecord: index)
        guard index < recordCount, let fixed = MessageReader.endOfName(bytes, at: start) else { return nil }
        let base = UnsafeRawPointer(base)
        return RecordView(
            message: bytes, ownerOffset: start, type: RecordType(rawValue: base.bigEndian16(fixed)),
            class: RecordClass(rawValue: base.bigEndian16(fixed + 2)), ttl: base.bigEndian32(fixed + 4),
            data: fixed + 10..<fixed + 10 + Int(base.bigEndian16(fixed + 8)))
    }
}

/// Bytes that compression saved, by section and in the record that is being written.
@usableFromInline
struct SavedBytes {
    @usableFromInline var answer = 0
    @usableFromInline var authority = 0
    @usableFromInline var additional = 0
    var record = 0
}

/// How a record's owner, or a name in its data, is given to the writer.
public enum WrittenName {
    /// The question's name, as the client spelled it.
    case question
    /// What remains of the question's name when this many labels are taken from the left: offset of the length byte
    /// inside the name, from `NameView.start(ofLabel:)`.
    case questionSuffix(Int)
    /// A name that was written uncompressed at this offset of the message.
    case offset(Int)
    /// A name in wire form in somebody else's memory.
    case wire(UnsafeRawPointer)
}

// MARK: - One record

extension MessageWriter {
    /// Writes everything of a record up to its data, which `put…` then writes; `endRecord` closes it.
    @inline(__always)
    public mutating func beginRecord(
        _ owner: WrittenName, _ type: RecordType, class: RecordClass = .internet, ttl: UInt32
    ) {
        starts[recordCount] = UInt16(truncatingIfNeeded: count)
        saved.record = 0
        put(owner)
        put(type.rawValue)
        put(`class`.rawValue)
        put(ttl)
        rdlengthOffset = count
        put(UInt16(0))
    }

    /// Closes a record; returns false if it did not fit and was taken back.
    @inline(__always) @discardableResult
    public mutating func endRecord() -> Bool {
        if hasOverflown || count > Self.maximumLength || cutSection != nil { return takeBackRecord() }
        base.storeBigEndian(UInt16(truncatingIfNeeded: count - rdlengthOffset - 2), at: rdlengthOffset)
        recordCount += 1
        switch section {
        case .answer:
            answerCount += 1
            saved.answer += saved.record
        case .authority:
            authorityCount += 1
            saved.authority += saved.record
        case .additional:
            additionalCount += 1
            saved.additional += saved.record
        }
        return true
    }

    private mutating func takeBackRecord() -> Bool {
        if cutSection == nil, section == .additional {
            let kept = firstOfSet(recordCount)
            additionalCount -= recordCount - kept
            recordCount = kept
        }
        discardRecord()
        cutSection = cutSection ?? section
        return false
    }

    /// Takes back a record that is not closed yet, as if it had never begun.
    mutating func discardRecord() {
        // Names of the record may stand in the table; forget them all, later ones are only a little longer.
        count = Int(starts[recordCount])
        hasOverflown = false
        names.clear()
        questionIsInTable = false
    }

    /// Makes room for `length` more bytes; false once the message is full, and the record will be taken back.
    @inline(__always) @usableFromInline
    mutating func reserve(_ length: Int) -> Bool {
        if count + length <= Self.maximumLength + Self.slack { return true }
        hasOverflown = true
        return false
    }

    /// One byte.
    public mutating func put(_ value: UInt8) {
        guard reserve(1) else { return }
        base.storeByte(value, at: count)
        count += 1
    }

    /// Two bytes in network order.
    @inline(__always)
    public mutating func put(_ value: UInt16) {
        guard reserve(2) else { return }
        base.storeBigEndian(value, at: count)
        count += 2
    }

    /// Four bytes in network order.
    @inline(__always)
    public mutating func put(_ value: UInt32) {
        guard reserve(4) else { return }
        base.storeBigEndian(value, at: count)
        count += 4
    }

    /// Bytes as they are.
    public mutating func put(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, reserve(bytes.count) else { return }
        (base + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    /// A character-string: its length, then at most 255 bytes of it (RFC 1035 §3.3).
    public mutating func put(characterString bytes: UnsafeRawBufferPointer) {
        let kept = bytes.prefix(255)
        put(UInt8(kept.count))
        put(UnsafeRawBufferPointer(rebasing: kept))
    }
}

// MARK: - Names

extension MessageWriter {
    /// Largest offset that a compression pointer can tell.
    static let pointerMax = 0x3FFF

    /// Writes a name, compressed.
    @inline(__always)
    public mutating func put(_ name: WrittenName) {
        switch name {
        case .question: putPointer(to: Header.length, length: questionNameLength)
        case .questionSuffix(let start): putPointer(to: Header.length + start, length: questionNameLength - start)
        case .offset(let offset):
            let end = MessageReader.endOfName(bytes, at: offset) ?? offset
            putPointer(to: offset, length: end - offset)
        case .wire(let wire): put(compressed: wire)
        }
    }

    @inline(__always)
    private mutating func putPointer(to offset: Int, length: Int) {
        // A name out of a pointer's reach is copied, and the root, which is shorter than a pointer to it.
        if offset <= Self.pointerMax, length > 1 {
            put(UInt16(truncatingIfNeeded: 0xC000 | offset))
            saved.record += length - 2
        } else {
            put(UnsafeRawBufferPointer(start: base + offset, count: length))
        }
    }

    /// Writes an uncompressed wire name as it is and lets later names point to it: for the data of SRV and other types
    /// whose names must stay whole (RFC 3597 §4).
    public mutating func put(uncompressed wire: UnsafeRawPointer) {
        putQuestionIntoTable()
        names.hashSuffixes(of: wire)
        guard reserve(names.length) else { return }
        for index in 0..<names.labelCount { remember(suffix: index, at: count + names.start(of: index)) }
        put(UnsafeRawBufferPointer(start: wire, count: names.length))
    }

    /// Writes a wire name, pointing to the longest tail of it that the message has already.
    public mutating func put(compressed wire: UnsafeRawPointer) {
        putQuestionIntoTable()
        names.hashSuffixes(of: wire)
        guard reserve(names.length) else { return }
        // Its own first labels are in the table already while its last ones are not written yet.
        let start = count
        for index in 0..<names.labelCount {
            let suffix = wire + names.start(of: index)
            if let offset = names.find(index, where: { $0 < start && isName(at: $0, equalTo: suffix) }) {
                put(UInt16(truncatingIfNeeded: 0xC000 | offset))
                saved.record += names.length - names.start(of: index) - 2
                return
            }
            remember(suffix: index, at: count)
            put(UnsafeRawBufferPointer(start: suffix, count: 1 + Int(suffix.byte(0))))
        }
        put(UInt8(0))
    }

    private mutating func putQuestionIntoTable() {
        guard !questionIsInTable else { return }
        questionIsInTable = true
        guard questionNameLength > 0 else { return }
        names.hashSuffixes(of: UnsafeRawPointer(base) + Header.length)
        for index in 0..<names.labelCount { remember(suffix: index, at: Header.length + names.start(of: index)) }
    }

    private func remember(suffix index: Int, at offset: Int) {
        if offset <= Self.pointerMax { names.insert(index, offset: offset) }
    }

    /// Compares with regard to case: a name keeps the spelling it was given.
    private func isName(at offset: Int, equalTo wire: UnsafeRawPointer) -> Bool {
        let message = UnsafeRawPointer(base)
        var position = offset
        var other = 0
        for _ in 0...Name.maximumLabelCount * 2 {
            let length = Int(message.byte(position))
            if length >= 0xC0 {
                position = Int(message.bigEndian16(position)) & Self.pointerMax
                continue
            }
            guard equalBytes(message + position, wire + other, count: 1 + length) else { return false }
            if length == 0 { return true }
            position += 1 + length
            other += 1 + length
        }
        return false
    }
}
