public import HTTPClient

/// How to reach an API server: what a kubeconfig context, `endpoint` and `tls`, or a pod's environment come down to.
public struct APIConnection: Hashable, Sendable {
    /// `https://host:port`, perhaps with a path, without a final slash.
    public var server: String
    /// TLS and proxy. The client certificate is here unless `credentials` bring one.
    public var transport: HTTPTransport
    /// Who we are.
    public var credentials: CredentialSource
    /// `Impersonate-User` and the like.
    public var headers: [HTTPHeader]

    /// A connection.
    public init(
        server: String, transport: HTTPTransport = HTTPTransport(), credentials: CredentialSource = .none,
        headers: [HTTPHeader] = []
    ) {
        self.server = server
        self.transport = transport
        self.credentials = credentials
        self.headers = headers
    }
}

/// Where credentials come from.
public enum CredentialSource: Hashable, Sendable {
    /// Nobody, or whoever the client certificate of the transport says.
    case none
    case token(String)
    /// Read again for each request: the kubelet replaces it.
    case tokenFile(String)
    case basic(user: String, password: String)
    /// Files, read again when they change.
    case certificateFiles(certificate: String, key: String)
    /// A program that prints an ExecCredential.
    case exec(ExecPlugin)
}

/// `users[].user.exec` of a kubeconfig.
public struct ExecPlugin: Hashable, Sendable {
    /// `command`: a path, or a name to be found in `PATH`.
    public var command: String
    /// `args`.
    public var arguments: [String]
    /// `env`: added to our own environment.
    public var environment: [String: String]
    /// `apiVersion`: `client.authentication.k8s.io/v1` or `v1beta1`.
    public var apiVersion: String
    /// `installHint`: what to tell whoever lacks the command.
    public var installHint: String
    /// The JSON of `spec.cluster` where `provideClusterInfo` asks for it, else empty.
    public var clusterInfo: String

    /// A plugin.
    public init(
        command: String, arguments: [String] = [], environment: [String: String] = [:],
        apiVersion: String = "client.authentication.k8s.io/v1", installHint: String = "", clusterInfo: String = ""
    ) {
        self.command = command
        self.arguments = arguments
        self.environment = environment
        self.apiVersion = apiVersion
        self.installHint = installHint
        self.clusterInfo = clusterInfo
    }
}

/// What a request carries to say who sends it.
public struct RequestCredentials: Hashable, Sendable {
    /// The `Authorization` field; nil without one.
    public var authorization: String?
    /// In place of that of the transport; nil leaves it.
    public var clientCertificate: HTTPTransport.ClientCertificate?

    /// Credentials.
    public init(authorization: String? = nil, clientCertificate: HTTPTransport.ClientCertificate? = nil) {
        self.authorization = authorization
        self.clientCertificate = clientCertificate
    }
}
