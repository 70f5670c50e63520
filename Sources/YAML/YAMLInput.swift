import Glibc

/// The bytes of one text on their way to libyaml, a chunk at a time.
public final class YAMLInput {
    /// Where the bytes come from.
    public enum Source: Sendable {
        /// An open file; whoever opened it closes it.
        case descriptor(Int32)
        /// In memory.
        case bytes([UInt8])
    }

    /// Why the input ended before its end.
    var fault: YAMLFault? { filter.fault }

    private let source: Source
    private var offset = 0
    private var isAtEnd = false
    /// What was read; from `start` to `end` it has not been passed on.
    private var buffer: [UInt8]
    private var start = 0
    private var end = 0
    private var filter = TextFilter()

    /// The bytes of a source from its beginning.
    public init(_ source: Source, chunkSize: Int = 1 << 14) {
        self.source = source
        buffer = [UInt8](repeating: 0, count: max(chunkSize, TextFilter.longestStep + 1))
    }

    /// Starts from the beginning again.
    public func rewind() {
        if case .descriptor(let descriptor) = source { _ = lseek(descriptor, 0, SEEK_SET) }
        (offset, isAtEnd, start, end, filter) = (0, false, 0, 0, TextFilter())
    }

    /// Goes on behind the end, where a JSON value follows another; returns where, nil where nothing follows.
    public func startNextValue() -> YAMLPosition? { filter.startNextValue() }

    /// Fills `target`, which has room for a step of the filter; 0 means the end, nil that `fault` tells why there is
    /// no more.
    func read(into target: UnsafeMutableBufferPointer<UInt8>) -> Int? {
        guard target.count >= TextFilter.longestStep else { return nil }
        // An unfinished character or escape passes nothing on until its rest has been read.
        while filter.fault == nil {
            if start == end || filter.needsMore, !isAtEnd { fill() }
            let passed = buffer.withUnsafeMutableBufferPointer { buffer in
                filter.pass(UnsafeMutableBufferPointer(rebasing: buffer[start..<end]), isLast: isAtEnd, into: target)
            }
            start += passed.read
            // Bytes before a fault are still passed on; the next call tells of it.
            if passed.written > 0 { return passed.written }
            if filter.hasNextValue || isAtEnd && start == end { return filter.fault == nil ? 0 : nil }
        }
        return nil
    }

    /// Reads on behind what is still there.
    private func fill() {
        let rest = end - start
        let count = buffer.withUnsafeMutableBufferPointer { buffer in
            for index in 0..<rest { buffer[index] = buffer[start + index] }
            return readSource(UnsafeMutableBufferPointer(rebasing: buffer[rest...]))
        }
        (start, end) = (0, rest)
        guard count >= 0 else {
            return filter.stop("cannot be read any further: \(String(cString: strerror(errno)))")
        }
        isAtEnd = count == 0
        end += count
        offset += count
        if offset > YAMLLimits.fileBytes {
            filter.stop("is larger than \(YAMLLimits.fileBytes >> 20) MiB; the rest is left out")
        }
    }

    private func readSource(_ target: UnsafeMutableBufferPointer<UInt8>) -> Int {
        switch source {
        case .descriptor(let descriptor): return readRetrying(descriptor, target)
        case .bytes(let bytes):
            let count = min(target.count, bytes.count - offset)
            _ = target.update(fromContentsOf: bytes[offset..<offset + count])
            return count
        }
    }
}

/// `read(2)`, again where a signal broke it off.
private func readRetrying(_ descriptor: Int32, _ target: UnsafeMutableBufferPointer<UInt8>) -> Int {
    while true {
        let count = Glibc.read(descriptor, target.baseAddress, target.count)
        if count >= 0 || errno != EINTR { return count }
    }
}
