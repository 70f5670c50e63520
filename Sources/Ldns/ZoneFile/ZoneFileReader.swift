public import DNSMessage

/// Reads the file of a zone and what it includes, and tells of every mistake, not of the first only.
public struct ZoneFileReader {
    /// Where a record or a mistake stands.
    public struct Location: Hashable, Sendable, CustomStringConvertible {
        /// The path of the file.
        public let file: String
        /// Its line, from 1.
        public let line: Int

        /// `db.example.org:7`.
        public var description: String { "\(file):\(line)" }
    }

    /// What is wrong, and where.
    public struct Mistake: Hashable, Sendable, CustomStringConvertible {
        /// The place.
        public let location: Location
        /// What is wrong there.
        public let reason: ZoneFileError.Reason

        /// `db.example.org:7: the reader's words`, without a final stop.
        public var description: String { "\(location): \(reason)" }
    }

    /// What came of the files.
    public struct Reading {
        /// The records, in the order of the text.
        public fileprivate(set) var records: [Record] = []
        /// What is wrong; the records are of no use then.
        public fileprivate(set) var mistakes: [Mistake] = []
        fileprivate var files: [String] = []
        fileprivate var places: [(file: UInt32, line: UInt32)] = []

        /// Where a record stands.
        public func location(ofRecord index: Int) -> Location {
            Location(file: files[Int(places[index].file)], line: Int(places[index].line))
        }
    }

    /// Why a file cannot be read: a clause.
    public struct Unreadable: Error {
        /// `no such file or directory`, say.
        public let reason: String

        /// A reason.
        public init(_ reason: String) { self.reason = reason }
    }

    /// Files in files.
    private static let depthMax = 7
    /// Files that one zone may be made of.
    private static let filesMax = 1_000
    /// Mistakes told of one zone.
    private static let mistakesMax = 20

    private let content: (String) throws(Unreadable) -> [UInt8]
    private var reading = Reading()

    /// Reads the text of a file; `content` gets that of each file included, by its path.
    public static func read(
        _ text: [UInt8], file: String, origin: Name, content: @escaping (String) throws(Unreadable) -> [UInt8]
    ) -> Reading {
        var reader = ZoneFileReader(content: content)
        reader.read(text, file: file, origin: origin, ZoneParser.TTLs(), depth: 0)
        return reader.reading
    }

    private init(content: @escaping (String) throws(Unreadable) -> [UInt8]) { self.content = content }

    private mutating func read(
        _ text: [UInt8], file: String, origin: Name, _ ttls: ZoneParser.TTLs, depth: Int
    ) {
        let number = UInt32(reading.files.count)
        reading.files.append(file)
        var parser = ZoneParser(text, origin: origin, ttls)
        while reading.mistakes.count < Self.mistakesMax {
            do throws(ZoneFileError) {
                switch try parser.nextItem() {
                case .record(let record):
                    reading.records.append(record)
                    reading.places.append((number, UInt32(parser.line)))
                case .include(let path, let origin):
                    include(path, Location(file: file, line: parser.line), origin: origin, parser.ttls, depth)
                case nil: return
                }
            } catch {
                note(error.reason, Location(file: file, line: error.line))
            }
        }
    }

    private mutating func include(
        _ path: String, _ location: Location, origin: Name, _ ttls: ZoneParser.TTLs, _ depth: Int
    ) {
        guard depth < Self.depthMax, reading.files.count < Self.filesMax else {
            return note(.includedTooDeep(limit: Self.depthMax), location)
        }
        let path = Self.path(path, besides: location.file)
        do throws(Unreadable) {
            read(try content(path), file: path, origin: origin, ttls, depth: depth + 1)
        } catch {
            note(.cannotInclude("\(path): \(error.reason)"), location)
        }
    }

    /// A relative path starts from the directory of the file that includes it.
    private static func path(_ path: String, besides file: String) -> String {
        guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
        return file[...slash] + path
    }

    private mutating func note(_ reason: ZoneFileError.Reason, _ location: Location) {
        reading.mistakes.append(Mistake(location: location, reason: reason))
    }
}
