import CLdns
public import DNSMessage

extension Message {
    /// Reads a message with libldns in place of our reader: a second opinion. OPT and TSIG come last in `additional`.
    public init(ldnsDecoding bytes: UnsafeRawBufferPointer) throws(LdnsError) {
        let handle = try MessageHandle(bytes)
        var scratch = NameScratch()
        self.init(id: ldns_pkt_id(handle.pointer), flags: handle.flags)
        questions = try handle.questions(&scratch)
        answer = try handle.records(ldns_pkt_answer(handle.pointer), &scratch)
        authority = try handle.records(ldns_pkt_authority(handle.pointer), &scratch)
        additional = try handle.records(ldns_pkt_additional(handle.pointer), &scratch)
        if let edns = handle.edns { additional.append(edns) }
        if let signature = ldns_pkt_tsig(handle.pointer) {
            additional.append(try RecordHandle(copying: signature).record(&scratch))
        }
    }

    /// A message read and written again by libldns, names compressed its way.
    public static func rewritten(_ bytes: UnsafeRawBufferPointer) throws(LdnsError) -> [UInt8] {
        let handle = try MessageHandle(bytes)
        let buffer = try BufferHandle(capacity: MessageWriter.maximumLength)
        try check(ldns_pkt2buffer_wire(buffer.pointer, handle.pointer))
        return Array(buffer.bytes)
    }

    /// A message as `dig` shows one: header, flags and sections, a record a line.
    public static func presentation(of bytes: UnsafeRawBufferPointer) throws(LdnsError) -> String {
        let handle = try MessageHandle(bytes)
        return try TextHandle(ldns_pkt2str(handle.pointer)).string
    }
}

extension MessageHandle {
    fileprivate var flags: HeaderFlags {
        var flags = HeaderFlags()
        flags.opcode = Opcode(rawValue: UInt8(truncatingIfNeeded: ldns_pkt_get_opcode(pointer).rawValue))
        flags.responseCode = ResponseCode(rawValue: UInt16(truncatingIfNeeded: ldns_pkt_get_rcode(pointer).rawValue))
        flags.isResponse = ldns_pkt_qr(pointer)
        flags.isAuthoritative = ldns_pkt_aa(pointer)
        flags.isTruncated = ldns_pkt_tc(pointer)
        flags.recursionDesired = ldns_pkt_rd(pointer)
        flags.recursionAvailable = ldns_pkt_ra(pointer)
        flags.authenticData = ldns_pkt_ad(pointer)
        flags.checkingDisabled = ldns_pkt_cd(pointer)
        return flags
    }

    /// The OPT record, which libldns keeps apart, put together again (RFC 6891 §6.1.3).
    fileprivate var edns: Record? {
        guard ldns_pkt_edns(pointer) else { return nil }
        let high = UInt32(ldns_pkt_edns_extended_rcode(pointer)) << 24 | UInt32(ldns_pkt_edns_version(pointer)) << 16
        var options: [UInt8] = []
        if let data = ldns_pkt_edns_data(pointer) {
            options = Array(UnsafeRawBufferPointer(start: ldns_rdf_data(data), count: ldns_rdf_size(data)))
        }
        return Record(
            .root, ttl: high | UInt32(ldns_pkt_edns_z(pointer)),
            class: RecordClass(rawValue: ldns_pkt_edns_udp_size(pointer)), .other(.opt, options))
    }

    fileprivate func questions(_ scratch: inout NameScratch) throws(LdnsError) -> [Message.Question] {
        var found: [Message.Question] = []
        for question in objects(ldns_pkt_question(pointer)) {
            // A question is a record without data; as a record it gets an empty one.
            let record = try RecordHandle(copying: question).record(&scratch)
            found.append(Message.Question(record.name, record.type, class: record.class))
        }
        return found
    }

    fileprivate func records(
        _ list: UnsafeMutablePointer<ldns_rr_list>?, _ scratch: inout NameScratch
    ) throws(LdnsError) -> [Record] {
        var found: [Record] = []
        for object in objects(list) { found.append(try RecordHandle(copying: object).record(&scratch)) }
        return found
    }

    private func objects(_ list: UnsafeMutablePointer<ldns_rr_list>?) -> [UnsafeMutablePointer<ldns_rr>] {
        guard let list else { return [] }
        return (0..<ldns_rr_list_rr_count(list)).compactMap { ldns_rr_list_rr(list, $0) }
    }
}
