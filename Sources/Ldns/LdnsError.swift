import CLdns

/// What libldns has to say against some text or bytes.
public struct LdnsError: Error, Hashable, CustomStringConvertible {
    /// libldns's own words, one clause.
    public let description: String

    /// Data that its type cannot have.
    static let unreadable = LdnsError(LDNS_STATUS_SYNTAX_RDATA_ERR)

    init(_ status: ldns_status) {
        description = ldns_get_errorstr_by_id(status).map { String(cString: $0) } ?? "libldns status \(status.rawValue)"
    }
}

/// Turns a status into an error; the only place that looks at one.
func check(_ status: ldns_status) throws(LdnsError) {
    guard status == LDNS_STATUS_OK else { throw LdnsError(status) }
}
