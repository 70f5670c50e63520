public import KubernetesWatch

/// Something that goes wrong with a request, on command.
public enum Fault: Sendable {
    /// The connection ends without a word.
    case close
    /// The connection is reset.
    case reset
    /// Nothing comes, not even a head, until `heal()`.
    case silence
    /// This comes instead.
    case respond(CannedResponse)
    /// The response begins as it should; at that moment this happens.
    case stream(StreamFault, Moment)
    /// So few bytes at a time.
    case trickle(bytes: Int, every: Duration)

    /// When something happens to a response.
    public enum Moment: Sendable {
        /// Right after the head.
        case afterHead
        /// After so many bytes of content, in the middle of whatever they are; framing is not counted.
        case afterBytes(Int)
        /// After so many events.
        case afterEvents(Int)
    }
}

/// Something that goes wrong with a response under way.
public enum StreamFault: Sendable {
    /// Nothing more comes, and the connection stays, until `heal()`.
    case hang
    /// The connection ends in the middle of a chunk.
    case cut
    /// The connection is reset.
    case reset
    /// The response ends as HTTP wants it, but in the middle of an event.
    case cutFrame
    /// The response ends as it should, but early.
    case end
    /// A chunk of bytes that are no event; the response goes on.
    case garbage
    /// Bytes that are no chunk; nothing more comes.
    case garbledFraming
    /// A protobuf frame that is longer than it says, or a JSON line that ends too early; the response goes on.
    case wrongLength
    /// An ERROR event, and the end.
    case error(APIServerStatus)
    /// Every event from now on comes twice.
    case duplicates
}

/// A response from elsewhere: a proxy in between, an overloaded server.
public struct CannedResponse: Sendable {
    /// 200, 500.
    public var status: Int
    /// `Content-Type`.
    public var contentType: String
    /// Further header fields.
    public var headers: [String: String]
    /// The content.
    public var body: String

    /// A response.
    public init(_ status: Int, contentType: String, headers: [String: String] = [:], body: String) {
        self.status = status
        self.contentType = contentType
        self.headers = headers
        self.body = body
    }

    /// A server that sheds load.
    public static func tooManyRequests(retryAfterSeconds: Int) -> CannedResponse {
        CannedResponse(
            429, contentType: "text/plain; charset=utf-8", headers: ["Retry-After": "\(retryAfterSeconds)"],
            body: "Too many requests, please try again later.\n")
    }

    /// A load balancer without servers behind it.
    public static func unavailable(retryAfterSeconds: Int) -> CannedResponse {
        CannedResponse(
            503, contentType: "text/plain; charset=utf-8", headers: ["Retry-After": "\(retryAfterSeconds)"],
            body: "service unavailable\n")
    }

    /// A server that fails.
    public static let internalError = CannedResponse(
        500, contentType: "text/plain; charset=utf-8", body: "Internal Server Error\n")

    /// A captive portal: success, and not what was asked for.
    public static let loginPage = CannedResponse(
        200, contentType: "text/html; charset=utf-8",
        body: "<!DOCTYPE html>\n<html><body><h1>Please log in</h1></body></html>\n")
}

/// Which requests something concerns.
public struct RequestSet: Sendable {
    /// Nil for all.
    public var resource: WatchedResource?
    /// Nil for all.
    public var verb: APIRequest.Verb?

    /// Requests of a resource, or a verb, or all.
    public init(_ resource: WatchedResource? = nil, _ verb: APIRequest.Verb? = nil) {
        self.resource = resource
        self.verb = verb
    }

    /// Every request.
    public static let all = RequestSet()
    /// Every watch, streaming lists too.
    public static let watches = RequestSet(nil, .watch)
    /// Every list.
    public static let lists = RequestSet(nil, .list)
    /// Every request of a resource.
    public static func requests(of resource: WatchedResource) -> RequestSet { RequestSet(resource) }

    func contains(_ request: APIRequest) -> Bool {
        (resource == nil || request.resource == resource) && (verb == nil || request.verb == verb)
    }
}
