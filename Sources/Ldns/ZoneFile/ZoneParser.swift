import DNSMessage

/// Turns the entries of a master file into records: directives, and what a record may leave out, are handled here, the
/// data of a record in `RecordDataText` (RFC 1035 §5.1, RFC 2308 §4).
struct ZoneParser {
    typealias Reason = ZoneFileError.Reason

    /// What an entry of the file comes to.
    enum Item {
        case record(Record)
        /// Another file's records go here; a path as written.
        case include(path: String, origin: Name)
    }

    private var lexer: ZoneLexer
    /// Records of a `$GENERATE` that are still to come.
    private var generator: ZoneGenerator?
    private(set) var origin: Name
    private var owner: Name?
    private var `class` = RecordClass.internet
    /// What `$TTL` says.
    private var defaultTTL: UInt32?
    /// The TTL of the record above, or the caller's.
    private var lastTTL: UInt32?
    /// Where the current entry starts.
    private(set) var line = 1

    init(_ text: [UInt8], origin: Name, ttl: UInt32?) {
        self.init(text, origin: origin, TTLs(last: ttl))
    }

    /// A file that another one includes, where these TTLs hold.
    init(_ text: [UInt8], origin: Name, _ ttls: TTLs) {
        lexer = ZoneLexer(text)
        self.origin = origin
        defaultTTL = ttls.standard
        lastTTL = ttls.last
    }

    /// What records without a TTL of their own get.
    struct TTLs {
        /// What `$TTL` says.
        var standard: UInt32?
        /// The TTL of the record above.
        var last: UInt32?
    }

    /// The TTLs here.
    var ttls: TTLs { TTLs(standard: defaultTTL, last: lastTTL) }

    /// The next record; nil at the end. For text that stands alone and includes nothing.
    mutating func next() throws(ZoneFileError) -> Record? {
        switch try nextItem() {
        case .record(let record): return record
        case .include: throw ZoneFileError(line: line, .cannotInclude("a file from here"))
        case nil: return nil
        }
    }

    /// The next record or included file; nil at the end. After a mistake the next call goes on behind it.
    mutating func nextItem() throws(ZoneFileError) -> Item? {
        while true {
            if let entry = try nextGenerated() { return .record(try located(entry)) }
            guard let entry = try lexer.next() else { return nil }
            line = entry.line
            guard !entry.startsWithBlank, entry.words[0].first == UInt8(ascii: "$") else {
                return .record(try located(entry))
            }
            do throws(Reason) {
                if let item = try obey(entry.words) { return item }
            } catch {
                throw ZoneFileError(line: entry.line, error)
            }
        }
    }

    private mutating func nextGenerated() throws(ZoneFileError) -> ZoneLexer.Entry? {
        do throws(Reason) {
            return try generator?.next(line: line)
        } catch {
            generator = nil
            throw ZoneFileError(line: line, error)
        }
    }

    private mutating func located(_ entry: ZoneLexer.Entry) throws(ZoneFileError) -> Record {
        do throws(Reason) {
            return try record(entry)
        } catch {
            // One mistake in a template is not told for each of its records.
            generator = nil
            throw ZoneFileError(line: entry.line, error)
        }
    }

    private mutating func obey(_ words: [ArraySlice<UInt8>]) throws(Reason) -> Item? {
        let directive = text(words[0])
        switch directive.uppercased() {
        case "$ORIGIN":
            guard words.count == 2 else { throw .badDirective("$ORIGIN") }
            origin = try name(words[1])
        case "$TTL":
            guard words.count == 2 else { throw .badDirective("$TTL") }
            defaultTTL = try ttl(words[1])
        case "$INCLUDE":
            guard (2...3).contains(words.count) else { throw .badInclude }
            let path = text(words[1]).trimmingQuotes
            guard !path.isEmpty else { throw .badInclude }
            return .include(path: path, origin: words.count == 3 ? try name(words[2]) : origin)
        case "$GENERATE":
            generator = try ZoneGenerator(words)
        default:
            throw .unknownDirective(directive)
        }
        return nil
    }

    private mutating func record(_ entry: ZoneLexer.Entry) throws(Reason) -> Record {
        var words = entry.words[...]
        if !entry.startsWithBlank, let word = words.popFirst() { owner = try name(word) }
        guard let owner else { throw .noOwner }
        var explicitTTL: UInt32?
        var explicitClass: RecordClass?
        while let word = words.first {
            if explicitTTL == nil, let first = word.first, first &- 0x30 < 10 {
                explicitTTL = try ttl(word)
            } else if explicitClass == nil, let found = RecordClass(text(word)) {
                explicitClass = found
            } else {
                break
            }
            words.removeFirst()
        }
        guard let word = words.popFirst() else { throw .noType }
        let type = try type(word)
        `class` = explicitClass ?? `class`
        let data = try RecordDataText(words: Array(words)).data(type, origin: origin)
        let ttl = try ttl(explicitTTL, data)
        return Record(owner, ttl: ttl, class: `class`, data)
    }

    /// An SOA without a TTL of its own lends its minimum: that was its meaning before RFC 2308.
    private mutating func ttl(_ explicit: UInt32?, _ data: RecordData) throws(Reason) -> UInt32 {
        var minimum: UInt32?
        if case .soa(let soa) = data { minimum = soa.minimum }
        guard let ttl = explicit ?? defaultTTL ?? lastTTL ?? minimum else { throw .noTTL }
        lastTTL = ttl
        return ttl
    }

    private func type(_ word: ArraySlice<UInt8>) throws(Reason) -> RecordType {
        guard let type = RecordType(text(word)), type.rawValue != 0 else { throw .unknownType(text(word)) }
        // Types of queries and of single messages (RFC 6895 §3.1).
        guard type != .opt, !(128...255).contains(type.rawValue) else { throw .notZoneData(type) }
        return type
    }

    private func name(_ word: ArraySlice<UInt8>) throws(Reason) -> Name {
        if word.elementsEqual([UInt8(ascii: "@")]) { return origin }
        guard word.first != UInt8(ascii: "\"") else { throw .quotedName(text(word)) }
        do throws(NameError) {
            let name = try Name(presentation: word)
            return Self.endsWithDot(word) ? name : try name.appending(origin)
        } catch {
            throw .badName(text(word), error)
        }
    }

    /// Whether the last dot is one between labels: an even number of backslashes stands before it.
    private static func endsWithDot(_ word: ArraySlice<UInt8>) -> Bool {
        let backslashes = word.dropLast().reversed().prefix { $0 == UInt8(ascii: "\\") }.count
        return word.last == UInt8(ascii: ".") && backslashes.isMultiple(of: 2)
    }

    /// Seconds, or numbers with the units that BIND made usual.
    private func ttl(_ word: ArraySlice<UInt8>) throws(Reason) -> UInt32 {
        var total: UInt64 = 0
        var number: UInt64?
        for byte in word {
            if byte &- 0x30 < 10 {
                number = (number ?? 0) * 10 + UInt64(byte &- 0x30)
            } else {
                guard let count = number, let seconds = Self.seconds(in: byte) else { throw .badTTL(text(word)) }
                total += count * seconds
                number = nil
            }
            // The largest TTL (RFC 2181 §8); checked each time, so that nothing overflows.
            guard total + (number ?? 0) <= UInt64(Int32.max) else { throw .badTTL(text(word)) }
        }
        return UInt32(total + (number ?? 0))
    }

    private static func seconds(in unit: UInt8) -> UInt64? {
        switch foldedByte(unit) {
        case UInt8(ascii: "s"): 1
        case UInt8(ascii: "m"): 60
        case UInt8(ascii: "h"): 3_600
        case UInt8(ascii: "d"): 86_400
        case UInt8(ascii: "w"): 604_800
        default: nil
        }
    }

    private func text(_ word: ArraySlice<UInt8>) -> String { String(decoding: word, as: UTF8.self) }
}

extension String {
    /// A path may stand between quotes.
    fileprivate var trimmingQuotes: String {
        count >= 2 && hasPrefix("\"") && hasSuffix("\"") ? String(dropFirst().dropLast()) : self
    }
}
