/// Where names stand in the data of a type: behind so many bytes and character-strings, so many of them. Covers the
/// types of RFC 1035 and those whose names old servers compress all the same (RFC 3597 §4); a pointer means nothing
/// outside its message, so whoever copies such data must spell the names out.
struct RecordDataLayout {
    var bytesBeforeNames = 0
    var stringsBeforeNames = 0
    var names = 0
    /// Whether we may compress them: only in the types of RFC 1035.
    var isCompressible = false

    init(_ type: RecordType) {
        switch type.rawValue {
        case 2...5, 7, 8, 9, 12: (names, isCompressible) = (1, true)  // NS, MD, MF, CNAME, MB, MG, MR, PTR
        case 6, 14: (names, isCompressible) = (2, true)  // SOA, MINFO
        case 15: (bytesBeforeNames, names, isCompressible) = (2, 1, true)  // MX
        case 17: names = 2  // RP
        case 18, 21: (bytesBeforeNames, names) = (2, 1)  // AFSDB, RT
        case 24: (bytesBeforeNames, names) = (18, 1)  // SIG
        case 26: (bytesBeforeNames, names) = (2, 2)  // PX
        case 30, 39: names = 1  // NXT, DNAME
        case 33: (bytesBeforeNames, names) = (6, 1)  // SRV
        case 35: (bytesBeforeNames, stringsBeforeNames, names) = (4, 3, 1)  // NAPTR
        default: break
        }
    }

    /// Where in the message the first name of a record's data starts; nil if the data ends before.
    func startOfNames(in record: RecordView) -> Int? {
        var position = record.data.lowerBound + bytesBeforeNames
        for _ in 0..<stringsBeforeNames {
            guard position < record.data.upperBound else { return nil }
            position += 1 + Int(record.message[position])
        }
        return position <= record.data.upperBound ? position : nil
    }

    /// A record's data with its names spelled out; nil if a name is malformed or reaches over the end.
    func expandedData(of record: RecordView, scratch: inout NameScratch) -> [UInt8]? {
        guard names > 0, !record.data.isEmpty else { return Array(record.dataBytes) }
        guard var position = startOfNames(in: record) else { return nil }
        var data = Array(record.message[record.data.lowerBound..<position])
        for _ in 0..<names {
            guard let (name, end) = scratch.read(record.message, at: position), end <= record.data.upperBound else {
                return nil
            }
            data += UnsafeRawBufferPointer(start: name.spelled, count: name.length)
            position = end
        }
        return data + record.message[position..<record.data.upperBound]
    }
}
