public import DNSMessage

/// Master files (RFC 1035 §5): the text of a zone.
public enum ZoneFile {
    /// All records of a text, in its order. Names without a final dot are completed with `origin` until the text says
    /// `$ORIGIN`; `ttl` stands in for a TTL that neither the record, nor `$TTL`, nor a record above gives.
    public static func records(
        in text: [UInt8], origin: Name, ttl: UInt32? = nil
    ) throws(ZoneFileError) -> [Record] {
        var parser = ZoneParser(text, origin: origin, ttl: ttl)
        var records: [Record] = []
        while let record = try parser.next() { records.append(record) }
        return records
    }
}
