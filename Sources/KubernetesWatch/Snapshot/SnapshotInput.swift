import ClusterIndex

/// Reads a snapshot, a window of it at a time.
struct SnapshotInput<Source: SnapshotSource>: ~Copyable {
    private let source: Source
    private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: SnapshotLimits.bufferBytes, alignment: 8)
    /// Which bytes of the source the buffer has.
    private var window = 0..<0

    init(_ source: Source) { self.source = source }

    deinit { buffer.deallocate() }

    /// Checks everything that can be checked, then hands on the objects.
    mutating func read(
        fingerprint: String, _ handle: (ClusterObject) -> Void
    ) throws(SnapshotError.Cause) -> SnapshotHeader {
        let (header, start) = try readHeader(fingerprint)
        let end = source.count - SnapshotFormat.trailerBytes
        guard start <= end else { throw .damaged("it ends too early") }
        try checkSum(until: source.count - SnapshotFormat.checksumBytes)
        let records = try readRecords(start..<end, handle)
        guard try number(at: end, UInt64.self) == records else { throw .damaged("it does not have all records") }
        return header
    }

    /// The header, and where it ends.
    private mutating func readHeader(_ fingerprint: String) throws(SnapshotError.Cause) -> (SnapshotHeader, Int) {
        let magic = SnapshotFormat.magic
        guard try bytes(0..<min(magic.count, source.count)).elementsEqual(magic.prefix(source.count)), source.count > 0
        else { throw .notASnapshot }
        guard source.count >= SnapshotFormat.headerBytes else { throw .damaged("it ends too early") }
        let version = try number(at: 8, UInt32.self)
        guard version == SnapshotFormat.version else { throw .otherVersion(version) }
        let length = Int(try number(at: 12, UInt32.self))
        let header = SnapshotHeader(
            time: try number(at: 16, Int64.self), serial: try number(at: 24, UInt32.self),
            clusterSetSerial: try number(at: 28, UInt32.self))
        let end = SnapshotFormat.headerBytes + length
        guard length <= SnapshotLimits.fingerprintBytesMax, end + SnapshotFormat.checksumBytes <= source.count else {
            throw .damaged("its header is malformed")
        }
        try checkSum(until: end)
        guard try bytes(SnapshotFormat.headerBytes..<end).elementsEqual(fingerprint.utf8) else {
            throw .otherConfiguration
        }
        return (header, end + SnapshotFormat.checksumBytes)
    }

    /// Compares the checksum at an offset with what lies before it.
    private mutating func checkSum(until end: Int) throws(SnapshotError.Cause) {
        var checksum = Checksum()
        for start in stride(from: 0, to: end, by: SnapshotLimits.bufferBytes) {
            checksum.add(try bytes(start..<min(end, start + SnapshotLimits.bufferBytes)))
        }
        guard try number(at: end, UInt32.self) == checksum.value else { throw .damaged("its checksum is wrong") }
    }

    private mutating func readRecords(
        _ body: Range<Int>, _ handle: (ClusterObject) -> Void
    ) throws(SnapshotError.Cause) -> UInt64 {
        var records: UInt64 = 0
        var offset = body.lowerBound
        while offset < body.upperBound {
            let prefix = try bytes(offset..<min(offset + VarintBytes.lengthMax, body.upperBound))
            guard let (length, prefixLength) = VarintBytes.read(prefix),
                length <= UInt64(SnapshotLimits.recordBytesMax),
                offset + prefixLength + Int(length) <= body.upperBound
            else { throw .damaged("record \(records + 1) has an impossible length") }
            offset += prefixLength
            let record = try bytes(offset..<offset + Int(length))
            guard let object = try? RecordDecoder.decode(record) else {
                throw .damaged("record \(records + 1) is malformed")
            }
            handle(object)
            offset += Int(length)
            records += 1
        }
        return records
    }

    private mutating func number<Number: FixedWidthInteger & BitwiseCopyable>(
        at offset: Int, _ type: Number.Type
    ) throws(SnapshotError.Cause) -> Number {
        let bytes = try bytes(offset..<offset + MemoryLayout<Number>.size)
        return Number(littleEndian: bytes.loadUnaligned(as: type))
    }

    /// Bytes of the source, which has so many; valid until the next call.
    private mutating func bytes(_ range: Range<Int>) throws(SnapshotError.Cause) -> UnsafeRawBufferPointer {
        if range.lowerBound < window.lowerBound || range.upperBound > window.upperBound { try moveWindow(to: range) }
        let start = range.lowerBound - window.lowerBound
        return UnsafeRawBufferPointer(rebasing: buffer[start..<start + range.count])
    }

    private mutating func moveWindow(to range: Range<Int>) throws(SnapshotError.Cause) {
        if range.count > buffer.count {
            buffer.deallocate()
            buffer = .allocate(byteCount: range.count, alignment: 8)
        }
        window = 0..<0
        let wanted = min(buffer.count, source.count - range.lowerBound)
        let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
        guard try source.read(into: part, at: range.lowerBound) == wanted else { throw .damaged("it ends too early") }
        window = range.lowerBound..<range.lowerBound + wanted
    }
}

/// Where the bytes of a snapshot come from.
protocol SnapshotSource {
    var count: Int { get }

    /// Fills `target` from an offset on; returns how much there was.
    func read(into target: UnsafeMutableRawBufferPointer, at offset: Int) throws(SnapshotError.Cause) -> Int
}

extension [UInt8]: SnapshotSource {
    func read(into target: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        let part = self[offset...].prefix(target.count)
        target.copyBytes(from: part)
        return part.count
    }
}
