/// A file that is looked at again and again, and read when it is another one than before.
public struct PolledFile: Sendable {
    /// What a look at the file came to.
    public enum Look {
        case unchanged
        /// The bytes, and the time of the last change in seconds since 1970.
        case content([UInt8], changedAt: Double)
        case absent
        /// Why it cannot be read, as a clause.
        case failed(String)
    }

    /// As it was given.
    public let path: String
    private let bytesMax: Int
    private var known: FileIdentity?

    /// Nothing is read yet. A file of more than `bytesMax` bytes is not taken.
    public init(_ path: String, bytesMax: Int) {
        self.path = path
        self.bytesMax = bytesMax
    }

    /// Looks at the file, and reads it if it is new.
    public mutating func look() -> Look {
        let file: RegularFile
        do throws(RegularFile.OpenFault) {
            file = try RegularFile(path)
        } catch .missing {
            return .absent
        } catch { return .failed("it \(error)") }
        guard file.identity != known else { return .unchanged }
        do throws(RegularFile.ReadFault) {
            let content = try file.read(limit: bytesMax)
            known = file.identity
            return .content(content, changedAt: file.identity.modificationTime)
        } catch .tooLarge {
            known = file.identity
            return .failed("it is larger than \(bytesMax) bytes")
        } catch { return .failed("it \(error)") }
    }
}
