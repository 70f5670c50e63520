import HTTPClient

/// What happens to a reflector.
enum ReflectorEvent: Sendable {
    /// Begin.
    case start
    /// The time of the last `setTimer` is up. One that comes early, or late, does no harm.
    case timer
    /// The credentials are there and the request is on its way.
    case sent
    /// There are no credentials, so that nothing was sent.
    case unauthenticated(CredentialFault)
    /// The status line and the header fields of the response.
    case head(status: Int, ContentType, retryAfter: Duration?)
    /// Something of the content; the Status that tells why a request was refused too.
    case item(StreamItem)
    /// The content of a refusal where it is no Status.
    case text(String)
    /// Bytes came, and their items have been told.
    case read
    /// The content cannot be decoded any further.
    case undecodable(DecodingFault)
    /// The response came to its end, and its items have been told.
    case ended(HTTPEnd)
}

/// What a response says that its content is.
enum ContentType: Hashable, Sendable, CustomStringConvertible {
    case protobuf
    case json
    case other(String)

    /// The value of a `Content-Type` field, as received.
    init(_ field: String?) {
        let type = field?.split(separator: ";").first?.split(separator: " ").first?.lowercased()
        self =
            switch type {
            case "application/vnd.kubernetes.protobuf": .protobuf
            case "application/json": .json
            default: .other(type ?? "")
            }
    }

    var isDecodable: Bool { self == .protobuf || self == .json }

    var description: String {
        switch self {
        case .protobuf: "protobuf"
        case .json: "JSON"
        case .other(""): "content of no type"
        case .other(let type): type
        }
    }
}
