import DNSMessage

/// The question of a query: where its name ends, and whether a reply answers it.
package struct QuestionSection {
    /// Bytes of the name, the root's included.
    let nameLength: Int

    static let start = Header.length
    /// Bytes of type and class.
    static let fixedLength = 4

    /// Nil where a message is none with one question.
    package init?(_ message: UnsafeRawBufferPointer) {
        guard let base = message.baseAddress, message.count > Self.start, message.count <= Limits.messageLengthMax,
            base.bigEndian16(4) == 1
        else { return nil }
        var position = Self.start
        let limit = min(message.count - Self.fixedLength, Self.start + Name.maximumLength)
        while position < limit {
            let length = Int(base.byte(position))
            position += 1 + length
            guard length <= Name.maximumLabelLength else { return nil }
            guard length == 0 else { continue }
            nameLength = position - Self.start
            return
        }
        return nil
    }

    /// Where the section ends.
    var end: Int { Self.start + nameLength + Self.fixedLength }

    /// What a message that came is to a query.
    enum Match {
        /// Its reply.
        case reply
        /// Its reply, but for upper and lower case in the name.
        case otherCase
        /// A reply that refuses the query and does not repeat the question: nothing but a header.
        case bareRefusal
        /// None.
        case none
    }

    /// Compares id, kind, opcode and question of a reply with those of the query as it was sent.
    func match(_ reply: UnsafeRawBufferPointer, query: UnsafeRawPointer) -> Match {
        guard let base = reply.baseAddress, reply.count >= Header.length,
            base.bigEndian16(0) == query.bigEndian16(0)
        else { return .none }
        let flags = HeaderFlags(rawValue: base.bigEndian16(2))
        guard flags.isResponse, flags.opcode == HeaderFlags(rawValue: query.bigEndian16(2)).opcode else { return .none }
        let questions = base.bigEndian16(4)
        if questions == 0, reply.count == Header.length { return isRefusal(flags) ? .bareRefusal : .none }
        guard questions == 1, reply.count >= end else { return .none }
        let length = nameLength + Self.fixedLength
        if equalBytes(base + Self.start, query + Self.start, count: length) { return .reply }
        return equalsInOtherCase(base, query) ? .otherCase : .none
    }

    /// Servers that cannot make anything of a query answer with a header alone.
    private func isRefusal(_ flags: HeaderFlags) -> Bool {
        switch flags.responseCode {
        case .formErr, .servFail, .notImp, .refused: true
        default: false
        }
    }

    private func equalsInOtherCase(_ reply: UnsafeRawPointer, _ query: UnsafeRawPointer) -> Bool {
        for index in Self.start..<Self.start + nameLength
        where foldedByte(reply.byte(index)) != foldedByte(query.byte(index)) {
            return false
        }
        let fixed = Self.start + nameLength
        return equalBytes(reply + fixed, query + fixed, count: Self.fixedLength)
    }

    // MARK: Case

    /// Mixes upper and lower case in the name of a message.
    func mixCase(_ message: UnsafeMutableRawPointer, _ random: RandomBytes) {
        var bits: UInt64 = 0
        for index in stride(from: 0, to: nameLength, by: 8) {
            // One bit for each byte: a random word lasts for eight words of the name.
            bits = index % 64 == 0 ? random.nextWord() : bits >> 1
            let place = message + Self.start + index
            if nameLength - index >= 8 {
                let word = UnsafeRawPointer(place).loadUnaligned(as: UInt64.self)
                place.storeBytes(of: Self.mixed(word, bits), as: UInt64.self)
            } else {
                for tail in 0..<nameLength - index {
                    let mixed = Self.mixed(UInt64(UnsafeRawPointer(place).byte(tail)), bits >> UInt64(8 * tail))
                    place.storeByte(UInt8(truncatingIfNeeded: mixed), at: tail)
                }
            }
        }
    }

    /// Letters in lower case, but for those whose bit is set. No length of a label is a letter.
    private static func mixed(_ word: UInt64, _ bits: UInt64) -> UInt64 {
        let lower = foldedWord(word)
        let low = lower & 0x7F7F_7F7F_7F7F_7F7F
        let fromA = low &+ 0x1F1F_1F1F_1F1F_1F1F
        let pastZ = low &+ 0x0505_0505_0505_0505
        let letters = fromA & ~pastZ & ~lower & 0x8080_8080_8080_8080
        return lower ^ letters >> 2 & bits
    }

    /// Whether a name has letters that come back as they are only from an upstream that keeps the case.
    func hasUpperCase(_ message: UnsafeRawPointer) -> Bool {
        (Self.start..<Self.start + nameLength).contains { message.byte($0) != foldedByte(message.byte($0)) }
    }

    /// Writes the name as it was asked for into a reply: into its question, and into answers that repeat the name as it
    /// was sent. Names that point at the question follow by themselves.
    func restore(_ reply: UnsafeMutableRawBufferPointer, spelled: UnsafeRawPointer, sent: UnsafeRawPointer) {
        guard let base = reply.baseAddress else { return }
        let message = UnsafeRawBufferPointer(reply)
        var offset = end
        for _ in 0..<UnsafeRawPointer(base).bigEndian16(6) {
            let isRepeated =
                offset + nameLength <= reply.count
                && equalBytes(UnsafeRawPointer(base) + offset, sent + Self.start, count: nameLength)
            if isRepeated { (base + offset).copyMemory(from: spelled, byteCount: nameLength) }
            guard let fixed = MessageReader.endOfName(message, at: offset), fixed + 10 <= reply.count else { break }
            offset = fixed + 10 + Int(UnsafeRawPointer(base).bigEndian16(fixed + 8))
        }
        (base + Self.start).copyMemory(from: spelled, byteCount: nameLength)
    }

    /// Makes a message over a transport that needs no mixed case what the asker is to see; false where it is not the
    /// reply.
    package func reply(
        _ message: UnsafeMutableRawBufferPointer, query: UnsafeRawPointer, _ body: (UnsafeRawBufferPointer) -> Void
    ) -> Bool {
        let bytes = UnsafeRawBufferPointer(message)
        let spelled = query + Self.start
        switch match(bytes, query: query) {
        case .reply: body(bytes)
        case .otherCase:
            restore(message, spelled: spelled, sent: query)
            body(bytes)
        case .bareRefusal: completed(bytes, spelled: spelled, sent: query).withUnsafeBytes(body)
        case .none: return false
        }
        return true
    }

    /// A refusal that is only a header, with the question it is about.
    func completed(_ refusal: UnsafeRawBufferPointer, spelled: UnsafeRawPointer, sent: UnsafeRawPointer) -> [UInt8] {
        var whole = Array(refusal.prefix(Header.length))
        whole.replaceSubrange(4..<Header.length, with: [0, 1, 0, 0, 0, 0, 0, 0])
        whole += UnsafeRawBufferPointer(start: spelled, count: nameLength)
        whole += UnsafeRawBufferPointer(start: sent + Self.start + nameLength, count: Self.fixedLength)
        return whole
    }
}
