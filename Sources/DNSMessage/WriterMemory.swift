/// The buffers of a `MessageWriter`, about thirty kilobytes once used: they go from one message to another where many
/// messages wait and few are written.
public struct WriterMemory {
    let base: UnsafeMutableRawPointer
    let starts: UnsafeMutablePointer<UInt16>
    let names: NameTable

    /// Allocates them; whoever has them last deallocates them.
    public init() {
        base = .allocate(byteCount: MessageWriter.maximumLength + 1 + MessageWriter.slack, alignment: 16)
        starts = .allocate(capacity: MessageWriter.recordsMax)
        names = NameTable()
    }

    init(base: UnsafeMutableRawPointer, starts: UnsafeMutablePointer<UInt16>, names: NameTable) {
        self.base = base
        self.starts = starts
        self.names = names
    }

    /// Lets them go.
    public func deallocate() {
        base.deallocate()
        starts.deallocate()
        names.deallocate()
    }
}
