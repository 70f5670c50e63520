import ClusterIndex

/// The bytes of one object, in whichever encoding, read from front to back.
protocol ObjectSource {
    /// The trimmed object.
    mutating func object(_ kind: ObjectKind) throws(ObjectFault) -> VersionedObject
    /// Nothing but its metadata.
    mutating func metadata(_ scope: ObjectMetadata.Scope) throws(ObjectFault) -> ObjectMetadata
    /// The object, where it must be a Status.
    mutating func status() throws(ObjectFault) -> APIStatus
    /// Goes behind the object without looking at it.
    mutating func skip() throws(ObjectFault)
}

/// An object and the version that it is.
struct VersionedObject {
    var object: ClusterObject
    var version: ResourceVersion
}

/// `type` of a watch event.
enum EventType: String {
    case added = "ADDED"
    case modified = "MODIFIED"
    case deleted = "DELETED"
    case bookmark = "BOOKMARK"
    case error = "ERROR"

    init(_ text: String) throws(ObjectFault) {
        guard let type = EventType(rawValue: text) else {
            throw .broken(DecodingFault("the response has an event of the unknown type \(quoted(text))"))
        }
        self = type
    }
}

extension ObjectSource {
    /// What an event with this object says. Afterwards the source is behind the object. What is thrown concerns more
    /// than the object.
    mutating func item(_ type: EventType, _ kind: ObjectKind) throws(ObjectFault) -> StreamItem {
        let start = self
        do {
            return try faultyItem(type, kind)
        } catch {
            guard case .unusable(let fault) = error, type != .error, type != .bookmark else { throw error }
            self = start
            return try unusable(kind, fault)
        }
    }

    private mutating func faultyItem(_ type: EventType, _ kind: ObjectKind) throws(ObjectFault) -> StreamItem {
        switch type {
        case .added, .modified:
            let made = try object(kind)
            return .upsert(made.object, made.version)
        case .deleted:
            let metadata = try metadata(.key)
            return .delete(try metadata.key(of: kind), metadata.version)
        case .bookmark:
            let metadata = try metadata(.bookmark)
            guard !metadata.version.description.isEmpty else {
                throw .broken(DecodingFault("the response has a bookmark without a resourceVersion"))
            }
            return .bookmark(metadata.version, endsInitialEvents: metadata.endsInitialEvents)
        case .error: return .status(try status())
        }
    }

    private mutating func unusable(_ kind: ObjectKind, _ fault: DecodingFault) throws(ObjectFault) -> StreamItem {
        let start = self
        let metadata = try? metadata(.key)
        self = start
        try skip()
        return .unusable(try? metadata?.key(of: kind), metadata?.version ?? ResourceVersion(""), fault)
    }
}
