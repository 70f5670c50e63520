import DNSMessage

/// Room that lookups work in, allocated once; each worker has its own.
public struct LookupScratch: ~Copyable {
    /// A label of a target, and a source cluster's, stand before the rest, which starts here.
    static var suffixStart: Int { 2 * (1 + Name.maximumLabelLength) }

    var name = NameScratch()
    private let buffer: UnsafeMutableRawPointer

    /// Allocates the room.
    public init() {
        buffer = .allocate(byteCount: Self.suffixStart + Name.maximumLength + 8, alignment: 8)
    }

    deinit { buffer.deallocate() }

    /// Where the common end of targets is built.
    var suffix: UnsafeMutableRawPointer { buffer + Self.suffixStart }
}
