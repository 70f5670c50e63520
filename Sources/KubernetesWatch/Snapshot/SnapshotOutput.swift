import ClusterIndex
import Glibc

/// Writes a snapshot to a descriptor, collecting as much as its buffer holds.
struct SnapshotOutput: ~Copyable {
    private let descriptor: Int32
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: SnapshotLimits.bufferBytes, alignment: 8)
    private var used = 0
    /// How much of what is in the buffer the checksum covers.
    private var summed = 0
    private var checksum = Checksum()
    private var records: UInt64 = 0
    /// The first thing that went wrong; from then on nothing is written.
    private var cause: SnapshotError.Cause?

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { buffer.deallocate() }

    mutating func begin(_ header: SnapshotHeader, fingerprint: String) throws(SnapshotError.Cause) {
        guard fingerprint.utf8.count <= SnapshotLimits.fingerprintBytesMax else { throw .fingerprintTooLong }
        put(SnapshotFormat.magic)
        put(SnapshotFormat.version)
        put(UInt32(fingerprint.utf8.count))
        put(header.time)
        put(header.serial)
        put(header.clusterSetSerial)
        put(Array(fingerprint.utf8))
        putChecksum()
    }

    mutating func append(_ object: ClusterObject, _ encoder: inout RecordEncoder) {
        guard cause == nil else { return }
        encoder.encode(object)
        guard !encoder.isTooLarge else { return cause = .tooLarge(object.kind, object.key) }
        var length: [UInt8] = []
        VarintBytes.forEachByte(of: UInt64(encoder.bytes.count)) { length.append($0) }
        put(length)
        put(encoder.bytes)
        records += 1
    }

    mutating func end() throws(SnapshotError.Cause) {
        put(records)
        putChecksum()
        flush()
        if let cause { throw cause }
    }

    /// The checksum of everything before it.
    private mutating func putChecksum() {
        addToChecksum()
        put(checksum.value)
    }

    private mutating func addToChecksum() {
        checksum.add(UnsafeRawBufferPointer(rebasing: buffer[summed..<used]))
        summed = used
    }

    private mutating func put(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { put($0) }
    }

    private mutating func put(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { put($0) }
    }

    private mutating func put(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = rest.prefix(buffer.count - used)
            UnsafeMutableRawBufferPointer(rebasing: buffer[used...]).copyBytes(from: part)
            used += part.count
            rest = rest.dropFirst(part.count)
            if used == buffer.count { flush() }
        }
    }

    private mutating func flush() {
        addToChecksum()
        var rest = buffer[..<used]
        while cause == nil, !rest.isEmpty {
            let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if written < 0, errno != EINTR { cause = .system(.write, code: errno) }
            rest = rest.dropFirst(max(0, written))
        }
        (used, summed) = (0, 0)
    }
}
