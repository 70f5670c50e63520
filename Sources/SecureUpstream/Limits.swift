/// Every bound of asking over HTTPS, with what it protects.
enum Limits {
    /// Queries of a client under way over HTTPS.
    static let webExchangesMax = 500
    /// Longest name-server message (RFC 1035 §4.2.2).
    static let messageLengthMax = 65_535
}
