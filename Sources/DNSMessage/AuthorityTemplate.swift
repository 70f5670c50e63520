/// An SOA record of which only the zone's place in the question and the serial are still open: what negative answers
/// end with, so it is written in a few words.
public struct AuthorityTemplate {
    /// Times of an SOA record, in seconds.
    public struct Times {
        /// How often secondaries look.
        public var refresh: UInt32
        /// How often they look when nobody answers.
        public var retry: UInt32
        /// How long they answer meanwhile.
        public var expire: UInt32
        /// The TTL of negative answers (RFC 2308 §4).
        public var minimum: UInt32

        /// All four.
        public init(refresh: UInt32, retry: UInt32, expire: UInt32, minimum: UInt32) {
            self.refresh = refresh
            self.retry = retry
            self.expire = expire
            self.minimum = minimum
        }
    }

    private static let capacity = 128

    /// The record as it lies on the wire, pointers and serial zero. First in memory, see `add`.
    let bytes: InlineArray<128, UInt8>
    /// TTL of the record, in seconds.
    public let ttl: UInt32
    /// The times that it tells.
    public let times: Times
    /// Labels of the first name in front of the zone, in wire form.
    public let primaryServer: StaticString
    /// Labels of the second name in front of the zone, in wire form.
    public let responsibleMailbox: StaticString
    let length: Int
    /// Where in the record the pointers of the two names stand.
    let firstPointer: Int
    let secondPointer: Int

    /// Both names are given by their labels in front of the zone, in wire form: `\u{2}ns`. Nil if they are too long.
    public init?(primaryServer: StaticString, responsibleMailbox: StaticString, ttl: UInt32, times: Times) {
        self.ttl = ttl
        self.times = times
        self.primaryServer = primaryServer
        self.responsibleMailbox = responsibleMailbox
        let (server, mailbox) = (primaryServer.utf8CodeUnitCount, responsibleMailbox.utf8CodeUnitCount)
        firstPointer = 12 + server
        secondPointer = firstPointer + 2 + mailbox
        length = secondPointer + 2 + 20
        guard length <= Self.capacity else { return nil }
        var fields: [UInt8] = [0, 0]
        fields +=
            AuthorityTemplate.bytes(RecordType.soa.rawValue) + AuthorityTemplate.bytes(RecordClass.internet.rawValue)
        fields += AuthorityTemplate.bytes(ttl) + AuthorityTemplate.bytes(UInt16(length - 12))
        fields += UnsafeBufferPointer(start: primaryServer.utf8Start, count: server)
        fields += [0, 0]
        fields += UnsafeBufferPointer(start: responsibleMailbox.utf8Start, count: mailbox)
        fields += [0, 0]
        for number in [0, times.refresh, times.retry, times.expire, times.minimum] {
            fields += AuthorityTemplate.bytes(number)
        }
        var bytes = InlineArray<128, UInt8>(repeating: 0)
        for (index, byte) in fields.enumerated() { bytes[index] = byte }
        self.bytes = bytes
    }

    private static func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian, Array.init)
    }
}

extension MessageWriter {
    /// Writes the SOA record of the zone whose name ends the question's, from `apexStart` on, which is not the root.
    @discardableResult
    public mutating func add(_ template: UnsafePointer<AuthorityTemplate>, apexStart: Int, serial: UInt32) -> Bool {
        let length = template.pointee.length
        guard reserve(length) else { return false }
        let record = base + count
        starts[recordCount] = UInt16(truncatingIfNeeded: count)
        record.copyMemory(from: template, byteCount: length)
        let pointer = UInt16(truncatingIfNeeded: 0xC000 | Header.length + apexStart)
        record.storeBigEndian(pointer, at: 0)
        record.storeBigEndian(pointer, at: template.pointee.firstPointer)
        record.storeBigEndian(pointer, at: template.pointee.secondPointer)
        record.storeBigEndian(serial, at: template.pointee.secondPointer + 2)
        saved.record = 3 * (questionNameLength - apexStart - 2)
        rdlengthOffset = count + 10
        count += length
        return endRecord()
    }
}
