// The buffer belongs to the queue of one worker, which alone touches it.
/// Query log lines of one worker: built in place without allocating, handed to the sink in blocks.
///
/// Append the parts of a line, then `endLine()`. The worker calls `flush()` when it goes idle; a full block goes out by
/// itself. A copy is a second handle to the same buffer, which its `QueryLog` frees.
public struct LineBuffer: @unchecked Sendable {
    /// Bytes after which a block goes to the sink.
    public static let blockBytes = 32 << 10
    /// A longer line is cut, in bytes.
    public static let lineBytesMax = 8 << 10
    /// Most that a part can be whose length shows only when it is written, in bytes.
    public static let partBytesMax = 1024

    private struct State {
        let bytes: UnsafeMutablePointer<UInt8>
        let sink: LogSink
        var used = 0
        var lineStart = 0
        var lines = 0
    }

    private let state: UnsafeMutablePointer<State>

    /// A buffer in front of `sink`.
    init(sink: LogSink) {
        // Room for an almost full block, one more line, its end, and a part that is measured while it is written.
        let capacity = Self.blockBytes + Self.lineBytesMax + Self.partBytesMax + 1
        state = .allocate(capacity: 1)
        state.initialize(to: State(bytes: .allocate(capacity: capacity), sink: sink))
    }

    /// Appends text that the program brings along.
    public func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends text.
    public func append(_ text: String) {
        var copy = text
        copy.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Appends bytes as they are.
    public func append(_ source: UnsafeRawBufferPointer) {
        let count = min(source.count, room)
        guard count > 0, let from = source.baseAddress else { return }
        UnsafeMutableRawPointer(state.pointee.bytes + state.pointee.used).copyMemory(from: from, byteCount: count)
        state.pointee.used += count
    }

    /// Appends one byte.
    public func append(byte: UInt8) {
        guard room > 0 else { return }
        state.pointee.bytes[state.pointee.used] = byte
        state.pointee.used += 1
    }

    /// Appends an unsigned number.
    public func append(number: UInt64) {
        append { Decimal.write(number, to: $0) }
    }

    /// Appends nanoseconds as seconds in the fewest digits and an `s`: `0.000550701s`.
    public func append(secondsFromNanoseconds nanoseconds: UInt64) {
        append { Decimal.writeSeconds(nanoseconds: nanoseconds, to: $0) }
        append(byte: UInt8(ascii: "s"))
    }

    /// Appends what `write` writes to where it is told; it returns the length, at most `partBytesMax`.
    public func append(_ write: (UnsafeMutablePointer<UInt8>) -> Int) {
        let length = write(state.pointee.bytes + state.pointee.used)
        assert(length <= Self.partBytesMax)
        state.pointee.used += min(length, room)
    }

    /// Ends the line, and hands over the block if that filled it.
    public func endLine() {
        state.pointee.bytes[state.pointee.used] = UInt8(ascii: "\n")
        state.pointee.used += 1
        state.pointee.lineStart = state.pointee.used
        state.pointee.lines += 1
        if state.pointee.used >= Self.blockBytes { flush() }
    }

    /// Hands over the whole lines, if there are any. Not between the first part of a line and its end.
    public func flush() {
        guard state.pointee.lines > 0 else { return }
        assert(state.pointee.lineStart == state.pointee.used)
        let block = UnsafeRawBufferPointer(start: state.pointee.bytes, count: state.pointee.used)
        state.pointee.sink.write(block: block, lines: state.pointee.lines)
        (state.pointee.used, state.pointee.lineStart, state.pointee.lines) = (0, 0, 0)
    }

    /// Frees the memory; no handle may be used any more.
    func deallocate() {
        state.pointee.bytes.deallocate()
        state.deinitialize(count: 1)
        state.deallocate()
    }

    private var room: Int { state.pointee.lineStart + Self.lineBytesMax - state.pointee.used }
}
