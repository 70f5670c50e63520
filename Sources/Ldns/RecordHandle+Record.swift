import CLdns
import DNSMessage

extension RecordHandle {
    /// Room that most records fit in; the buffer grows.
    private static let usualLength = 512

    /// The record as one of ours.
    func record(_ scratch: inout NameScratch) throws(LdnsError) -> Record {
        let buffer = try BufferHandle(capacity: Self.usualLength)
        // A reader wants a header before the record.
        ldns_buffer_set_position(buffer.pointer, Header.length)
        try check(ldns_rr2buffer_wire(buffer.pointer, pointer, CInt(LDNS_SECTION_ANSWER.rawValue)))
        guard var reader = MessageReader(buffer.bytes), let view = reader.readRecord(),
            let record = Record(view, scratch: &scratch)
        else { throw LdnsError(LDNS_STATUS_ERR) }
        return record
    }

    /// What follows owner, TTL, class and type in the record's line.
    var dataText: String {
        get throws(LdnsError) {
            let line = try TextHandle(clusterdns_record_text(pointer)).string
            let fields = line.split(separator: "\t", maxSplits: 4, omittingEmptySubsequences: false)
            guard fields.count == 5 else { throw LdnsError(LDNS_STATUS_ERR) }
            // libldns ends lists with a blank, and the line with a line end.
            var text = fields[4]
            while let last = text.last, last == " " || last == "\n" { text.removeLast() }
            return String(text)
        }
    }
}
