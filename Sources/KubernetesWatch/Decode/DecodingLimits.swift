/// What keeps a response, however made, from taking more than it should.
enum DecodingLimits {
    /// One frame, one item or one member of a list. etcd refuses objects of more than 1.5 MB unless told otherwise, and
    /// its authors advise against more than 8 MB; JSON takes at most four times the bytes of protobuf.
    static let unitBytesMax = 32 << 20
    /// Room asked for before the bytes have come: a length by itself proves nothing.
    static let trustedBytesMax = 1 << 20
    /// Room that is kept from one object to the next; most objects have less.
    static let keptBytesMax = 64 << 10
    /// Objects and arrays inside each other; managedFields stay below 20.
    static let depthMax = 512
    /// A varint of 64 bits.
    static let varintBytesMax = 10
    /// Characters of a server's text that a fault repeats.
    static let quotedTextMax = 80
}
