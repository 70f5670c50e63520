import DNSMessage

/// The data of a record as words of text; libldns knows how each type spells it.
struct RecordDataText {
    typealias Reason = ZoneFileError.Reason

    /// libldns reads data into a buffer of this many bytes and takes what is longer for absent.
    private static let lengthMax = 65_534

    var words: [ArraySlice<UInt8>]

    /// Relative names in the data are completed with `origin`.
    func data(_ type: RecordType, origin: Name) throws(Reason) -> RecordData {
        if words.first?.elementsEqual(UnknownData.mark) == true { return try UnknownData.data(words, type) }
        try checkNumbers(type)
        let text = Array(words.joined(separator: [UInt8(ascii: " ")]))
        guard text.count <= Self.lengthMax else { throw .dataTooLong(type) }
        // The form TYPE15 is the one that libldns reads for every type, whatever mnemonics it knows.
        var line = ". 0 IN TYPE\(type.rawValue) ".utf8.map(CChar.init(bitPattern:))
        line += text.map(CChar.init(bitPattern:))
        line.append(0)
        let data: RecordData
        do throws(LdnsError) {
            var scratch = NameScratch()
            data = try RecordHandle(line: line, origin: NameHandle(origin)).record(&scratch).data
        } catch {
            throw .badData(type, error)
        }
        // Of texts that are nearly right, libldns makes data that nobody can read, itself included.
        return try Self.checked(data)
    }

    /// Data of a type that is known must be legal for it: our reader and libldns must agree on what it says.
    /// The types with cases of their own cannot be wrong.
    static func checked(_ data: RecordData) throws(Reason) -> RecordData {
        guard case .other = data else { return data }
        var writer = MessageWriter()
        writer.begin()
        guard writer.add(Record(.root, ttl: 0, data)) else { throw .dataTooLong(data.type) }
        var scratch = NameScratch()
        guard let theirs = try? RecordHandle(message: writer.bytes, at: Header.length).record(&scratch),
            let view = writer.record(0), let ours = Record(view, scratch: &scratch), ours.data == theirs.data
        else { throw .badData(data.type, .unreadable) }
        return ours.data
    }

    /// libldns lets numbers that are too large wrap around.
    private func checkNumbers(_ type: RecordType) throws(Reason) {
        let fields = NumberFields(type)
        for (word, bits) in zip(words.dropFirst(fields.skipped), fields.bits) {
            let digits = word.first == UInt8(ascii: "-") ? word.dropFirst() : word
            // Anything else in such a place is a mnemonic or a period of time.
            guard !digits.isEmpty, digits.allSatisfy({ $0 &- 0x30 < 10 }) else { continue }
            let largest = UInt32.max >> (32 - UInt32(bits))
            let text = String(decoding: word, as: UTF8.self)
            guard let number = UInt32(text), number <= largest else {
                throw .numberOutOfRange(text, largest: largest)
            }
        }
    }
}

/// The widths of the numbers that a type's data starts with.
private struct NumberFields {
    var skipped = 0
    var bits: [Int] = []

    init(_ type: RecordType) {
        switch type.rawValue {
        case 6: (skipped, bits) = (2, [32, 32, 32, 32, 32])  // SOA
        case 15, 18, 21, 26, 36: bits = [16]  // MX, AFSDB, RT, PX, KX
        case 33: bits = [16, 16, 16]  // SRV
        case 35, 256: bits = [16, 16]  // NAPTR, URI
        case 37: bits = [16, 16, 8]  // CERT
        case 43, 59, 32768, 32769: bits = [16, 8, 8]  // DS, CDS, TA, DLV
        case 25, 48, 60: bits = [16, 8, 8]  // KEY, DNSKEY, CDNSKEY
        case 44: bits = [8, 8]  // SSHFP
        case 46: (skipped, bits) = (1, [8, 8, 32])  // RRSIG
        case 50, 51: bits = [8, 8, 16]  // NSEC3, NSEC3PARAM
        case 45, 52, 53: bits = [8, 8, 8]  // IPSECKEY, TLSA, SMIMEA
        case 62: bits = [32, 16]  // CSYNC
        case 63: bits = [32, 8, 8]  // ZONEMD
        case 64, 65, 104, 105, 106, 107: bits = [16]  // SVCB, HTTPS, NID, L32, L64, LP
        case 257: bits = [8]  // CAA
        default: break
        }
    }
}
