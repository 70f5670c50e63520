/// Is told what comes of a request, on the client's queue: at most one head, then bytes, then exactly one end, unless
/// the exchange is cancelled, after which nothing comes.
public protocol HTTPReceiver: AnyObject {
    /// The status line and the header fields of the final response.
    func received(_ head: HTTPResponseHead)
    /// Some of the content, as it comes; valid for the call only.
    func received(_ bytes: UnsafeRawBufferPointer)
    /// Nothing more comes.
    func ended(_ end: HTTPEnd)
}

/// A response without its content.
public struct HTTPResponseHead: Sendable {
    /// 200, 404.
    public var status: Int
    /// As received, in order.
    public var headers: [HTTPHeader]

    /// A head.
    public init(status: Int, headers: [HTTPHeader] = []) {
        self.status = status
        self.headers = headers
    }

    /// The value of the first field of a name; nil where there is none.
    public func value(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// How an exchange came to its end.
public enum HTTPEnd: Sendable {
    /// The whole response was received.
    case complete
    /// It was not.
    case failed(HTTPFailure)
}

/// Why a response was not received whole, with a sentence for an operator.
public struct HTTPFailure: Error, Sendable, CustomStringConvertible {
    /// What went wrong; each has another remedy.
    public enum Kind: Sendable, CaseIterable {
        /// The URL, or something of the transport, cannot be used at all: a broken certificate or key of our own.
        case misconfigured
        /// The host name, or that of the proxy, has no address.
        case unresolved
        /// Nobody listens, or no route leads there.
        case unreachable
        /// No connection within `connectTimeout`.
        case connectTimedOut
        /// The server's certificate is not to be trusted: authority, name or dates.
        case untrusted
        /// TLS failed in another way.
        case tls
        /// The connection ended, or its stream was reset, before the response did.
        case cutShort
        /// What came is not HTTP.
        case garbled
    }

    /// What went wrong.
    public let kind: Kind
    /// The sentence, with host and port, without a final stop.
    public let description: String

    /// A failure.
    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
