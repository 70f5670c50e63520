/// What to ask, of whom, and over what kind of connection.
public struct HTTPRequest: Sendable {
    /// `https://host:port/path?query`, percent-encoded; `http` too.
    public var url: String
    /// `GET`, `POST`.
    public var method = "GET"
    /// Header fields in the order sent; `User-Agent` and `Host` are the client's. Nothing is added: with an
    /// `Accept-Encoding` of one's own the content comes as the server encodes it.
    public var headers: [HTTPHeader] = []
    /// The content of a POST.
    public var body: [UInt8] = []
    /// How the connection is made.
    public var transport = HTTPTransport()
    /// Longest time until a connection stands: name look-up, TCP and TLS together.
    public var connectTimeout = Duration.seconds(10)

    /// A GET of an address.
    public init(url: String) { self.url = url }
}

/// One header field.
public struct HTTPHeader: Hashable, Sendable {
    /// Compared without regard to case (RFC 9110 section 5.1).
    public var name: String
    /// Without the white space around it.
    public var value: String

    /// A field.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// How a connection is made. Requests of equal transports share connections.
public struct HTTPTransport: Hashable, Sendable {
    /// Whom to trust.
    public enum Authorities: Hashable, Sendable {
        /// What the system trusts.
        case system
        /// These certificates and no others, PEM.
        case pem([UInt8])
    }

    /// A certificate of our own and its key, PEM.
    public struct ClientCertificate: Hashable, Sendable {
        /// The certificate, and the chain above it.
        public var certificate: [UInt8]
        /// Its private key.
        public var key: [UInt8]

        /// A pair.
        public init(certificate: [UInt8], key: [UInt8]) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// Whom to trust.
    public var authorities = Authorities.system
    /// What to show when the server asks for a certificate.
    public var clientCertificate: ClientCertificate?
    /// Whether the server's certificate must be right; false is `insecure-skip-tls-verify`.
    public var verifiesServer = true
    /// The name in the server's certificate and in SNI, where it is not the URL's host; nil takes that.
    public var serverName: String?
    /// `http://`, `https://` or `socks5://` address of a proxy; nil connects directly, whatever the environment says.
    public var proxy: String?

    /// A plain transport.
    public init() {}
}
