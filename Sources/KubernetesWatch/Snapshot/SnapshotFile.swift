public import ClusterIndex
import Glibc

/// What is known of a cluster, on disk: a restart while the API server is away can answer from it.
///
/// Resource versions are not kept. Whoever starts from a snapshot lists everything anew, so that what was deleted
/// meanwhile goes, and nothing of another cluster stays.
///
/// The format: numbers of fixed size are little-endian; a *varint* has seven bits a byte, the lowest first, the high
/// bit set in all bytes but the last; a *text* is a varint with its length, then UTF-8.
///
///     header    8 bytes   CLDNSNAP
///               4         version of the format: 1
///               4         length of the fingerprint
///               8         when it was written, Unix time in seconds
///               4 + 4     serials of the cluster's zones and of the cluster set's
///               n         fingerprint: what the snapshot was made for
///               4         CRC-32C of the header so far
///     records   varint    length of the record; for what is in it see `RecordEncoder`
///               n         the record
///     trailer   8         number of records
///               4         CRC-32C of everything before
public struct SnapshotFile: Hashable, Sendable {
    /// Where it is.
    public let path: String

    /// A snapshot at a path, which need not exist.
    public init(_ path: String) { self.path = path }

    /// Puts the contents of an index in place of what was there, all or nothing. `time` is Unix time in seconds.
    ///
    /// The new file is complete on disk before it takes over the name; until then it is `PATH.new`. What is no
    /// snapshot, neither a whole nor a damaged one, is never replaced.
    public func write(_ index: ClusterIndex, fingerprint: String, time: Int64) throws(SnapshotError) {
        do {
            try SnapshotSourceFile.checkThatNothingElseIsLost(at: path)
            var file = try ReplacementFile(path)
            var output = SnapshotOutput(file.descriptor)
            try output.begin(SnapshotHeader(index, time: time), fingerprint: fingerprint)
            var encoder = RecordEncoder()
            index.forEachObject { output.append($0, &encoder) }
            try output.end()
            try file.takeOver()
        } catch let cause {
            throw SnapshotError(path: path, cause: cause)
        }
    }

    /// Hands on what is in the snapshot, an object at a time, and returns when it was written and the serials.
    ///
    /// Nothing is handed on from a file whose checksums are wrong or that was made for something else. Should an error
    /// be thrown nevertheless after something was, drop that.
    public func read(
        fingerprint: String, _ handle: (ClusterObject) -> Void
    ) throws(SnapshotError) -> SnapshotHeader {
        do {
            var input = SnapshotInput(try SnapshotSourceFile(path))
            return try input.read(fingerprint: fingerprint, handle)
        } catch let cause {
            throw SnapshotError(path: path, cause: cause)
        }
    }
}

/// What a snapshot tells beside its objects.
public struct SnapshotHeader: Hashable, Sendable {
    /// When it was written, Unix time in seconds.
    public var time: Int64
    /// Serial of the cluster's zones.
    public var serial: UInt32
    /// Serial of the cluster set's zones.
    public var clusterSetSerial: UInt32

    init(_ index: ClusterIndex, time: Int64) {
        self.init(time: time, serial: index.serial, clusterSetSerial: index.clusterSetSerial)
    }

    init(time: Int64, serial: UInt32, clusterSetSerial: UInt32) {
        self.time = time
        self.serial = serial
        self.clusterSetSerial = clusterSetSerial
    }
}

/// How a snapshot begins.
enum SnapshotFormat {
    static let magic = Array("CLDNSNAP".utf8)
    static var version: UInt32 { 1 }
    /// Bytes of the header before the fingerprint.
    static var headerBytes: Int { 32 }
    static var checksumBytes: Int { 4 }
    static var trailerBytes: Int { 12 }
}
