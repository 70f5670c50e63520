import DNSMessage
import Files
import Glibc
import Ldns
import Zone

/// The file of a zone, looked at again and again, and read when it is another one than before, or one that it includes.
struct ZoneSource {
    /// What a look came to.
    enum Look {
        case unchanged
        case loaded(Zone, notices: [String])
        /// Why the file cannot be opened, as a clause.
        case unopenable(String)
        /// Mistakes, each with its place.
        case broken([String])
    }

    /// Largest file, in bytes.
    private static let fileMaxBytes = 512 << 20

    let zone: Name
    let path: String
    /// What the files were when they were read last.
    private var versions: [String: FileIdentity] = [:]

    init(_ zone: Name, path: String) {
        self.zone = zone
        self.path = path
    }

    /// Looks at the files, and reads them if they are new.
    mutating func look() -> Look {
        if !versions.isEmpty, versions.allSatisfy({ FileIdentity(path: $0) == $1 }) { return .unchanged }
        versions = [:]
        let content = FileContent()
        do throws(ZoneFileReader.Unreadable) {
            let text = try content.read(path)
            let reading = ZoneFileReader.read(text, file: path, origin: zone, content: content.read)
            versions = content.versions
            return Self.zone(zone, path, reading)
        } catch {
            return .unopenable("open \(path): \(error.reason)")
        }
    }

    private static func zone(_ name: Name, _ path: String, _ reading: ZoneFileReader.Reading) -> Look {
        guard reading.mistakes.isEmpty else { return .broken(reading.mistakes.map(\.description)) }
        let text = { (mistake: ZoneMistake) -> String in
            let place = mistake.record.map { reading.location(ofRecord: $0).description } ?? path
            return "\(place): \(mistake.reason)"
        }
        do throws(ZoneMistakes) {
            let zone = try Zone(name, reading.records)
            return .loaded(zone, notices: zone.notices.map(text))
        } catch {
            return .broken(error.all.map(text))
        }
    }

    /// Reads files and remembers what they were.
    private final class FileContent {
        private(set) var versions: [String: FileIdentity] = [:]

        func read(_ path: String) throws(ZoneFileReader.Unreadable) -> [UInt8] {
            do throws(RegularFile.OpenFault) {
                let file = try RegularFile(path)
                versions[path] = file.identity
                return try content(of: file)
            } catch {
                throw ZoneFileReader.Unreadable(Self.reason(error))
            }
        }

        private func content(of file: borrowing RegularFile) throws(RegularFile.OpenFault) -> [UInt8] {
            do throws(RegularFile.ReadFault) {
                return try file.read(limit: fileMaxBytes)
            } catch {
                guard case .failed(let code) = error else { throw .failed(errno: EFBIG) }
                throw .failed(errno: code)
            }
        }

        /// The system's words, in lower case as Go has them.
        private static func reason(_ fault: RegularFile.OpenFault) -> String {
            switch fault {
            case .missing: "no such file or directory"
            case .directory: "is a directory"
            case .special: "is neither a file nor a directory"
            case .failed(let code): String(cString: strerror(code)).lowercased()
            }
        }
    }
}
