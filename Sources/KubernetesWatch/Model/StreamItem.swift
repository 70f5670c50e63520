public import ClusterIndex

/// `metadata.resourceVersion`: opaque, only to be given back.
public struct ResourceVersion: Hashable, Sendable, CustomStringConvertible {
    /// As received; empty where an object had none.
    public var description: String

    /// A version.
    public init(_ text: String) { description = text }
}

/// What the API server says in a list or a watch, one thing at a time.
public enum StreamItem: Hashable, Sendable {
    /// An item of a list, or an ADDED or MODIFIED event.
    case upsert(ClusterObject, ResourceVersion)
    /// A DELETED event: the object is gone, or no longer matches the selector.
    case delete(ObjectKey, ResourceVersion)
    /// A BOOKMARK event: everything up to this version has been sent.
    case bookmark(ResourceVersion, endsInitialEvents: Bool)
    /// `metadata` of a list, when both of its members are known: at the latest at the end of the list.
    case listMetadata(ResourceVersion, continueToken: String)
    /// An ERROR event, or a Status where something else was asked for.
    case status(APIStatus)
    /// An object that cannot be used; the others are not concerned. The key as far as it is known.
    case unusable(ObjectKey?, ResourceVersion, DecodingFault)
}

/// A Status object (meta/v1), trimmed.
public struct APIStatus: Error, Hashable, Sendable {
    /// HTTP status code.
    public var code: Int
    /// `Expired`, `Forbidden`.
    public var reason: String
    /// The server's sentence.
    public var message: String
    /// `details.retryAfterSeconds`, 0 where it is missing.
    public var retryAfterSeconds: Int
    /// `metadata.continue`: where an expired list could go on inconsistently.
    public var continueToken: String

    /// A status.
    public init(
        code: Int, reason: String = "", message: String = "", retryAfterSeconds: Int = 0, continueToken: String = ""
    ) {
        self.code = code
        self.reason = reason
        self.message = message
        self.retryAfterSeconds = retryAfterSeconds
        self.continueToken = continueToken
    }
}

/// What is wrong with bytes from the API server, in one sentence without a final stop.
public struct DecodingFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The sentence.
    public let description: String

    /// A fault.
    public init(_ description: String) { self.description = description }
}
