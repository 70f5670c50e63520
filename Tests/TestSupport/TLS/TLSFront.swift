import DNSMessage
import Glibc
import PluginKit

/// nginx in front of a server of the test, on a port of 127.0.0.1: TLS, HTTP/2, client certificates. Ends when it is
/// let go, and when the test process ends in whatever way.
///
/// The server behind it speaks plain HTTP/1.1 and learns from each request `X-Front-Client` (the subject of the
/// client's certificate, `CN=name,O=group`), `X-Front-Protocol` (`HTTP/2.0`), `X-Front-Name` (the name in SNI) and
/// `X-Front-Connection` (a number; equal for requests of one connection). Every response carries the last three back.
/// Nothing is buffered on the way.
public final class TLSFront {
    /// What clients must show.
    public enum ClientCertificates: String, Sendable {
        /// Without one, 400.
        case required = "on"
        /// One may be shown.
        case optional = "optional"
        /// None is asked for.
        case off = "off"
    }

    private static let startAttemptsMax = 3
    private static let startMillisecondsMax = 20_000

    /// Whether there can be one here.
    public static var isAvailable: Bool { Tool("nginx") != nil && CertificateAuthority.isAvailable }
    /// Why not.
    public static let unavailable = "nginx or openssl is not installed"

    /// Where it listens, on 127.0.0.1.
    public private(set) var port: UInt16 = 0
    /// Whom its clients are to trust, PEM; the same authority signed `clientCertificate`.
    public let authority: [UInt8]
    /// A certificate that it accepts, of a user `tester` in the group `testers`.
    public let clientCertificate: CertificateAuthority.Pair
    private let directory: TemporaryDirectory
    private var nginx: BackgroundTool?

    /// Starts one before the server on `backendPort` of 127.0.0.1; without a server it answers `hello` by itself.
    /// `directives` are lines for nginx's `server` block: `keepalive_requests 10;`.
    public init(
        backendPort: UInt16?, clientCertificates: ClientCertificates = .off, http2: Bool = true,
        certificate: CertificateAuthority.Pair? = nil, directives: [String] = []
    ) throws {
        // OpenSSL writes to connections that may be gone; the program ignores the signal too.
        signal(SIGPIPE, SIG_IGN)
        let issuer = try CertificateAuthority.shared()
        authority = issuer.certificate
        clientCertificate = try issuer.issue(.client("tester", organizations: ["testers"]))
        directory = try TemporaryDirectory()
        let certificate = try certificate ?? issuer.issue(.localServer)
        try directory.write(certificate.certificate, to: "server.pem")
        try directory.write(certificate.key, to: "server.key")
        try directory.write(authority, to: "clients.pem")
        for _ in 0..<TLSFront.startAttemptsMax where nginx == nil {
            port = FreePorts.take()
            let lines = directives + TLSFront.location(backendPort)
            try directory.write(
                configuration(http2 ? " http2" : "", clientCertificates, lines).utf8, to: "nginx.conf")
            try start()
        }
        guard nginx != nil else { throw ClientError(reason: "nginx does not start: \(log)") }
    }

    private func start() throws {
        let arguments = ["-p", directory.path, "-e", "error.log", "-c", "\(directory.path)/nginx.conf"]
        nginx = try BackgroundTool("nginx", arguments, in: directory, endedBy: SIGKILL)
        if !isListening() { stop() }
    }

    private func isListening() -> Bool {
        let address = SocketAddress.loopback(port)
        for _ in 0..<TLSFront.startMillisecondsMax / 5 {
            if (try? TCPClient(to: address)) != nil { return true }
            if log.contains("[emerg]") { return false }
            usleep(5_000)
        }
        return false
    }

    /// Ends it at once, and its connections.
    public func stop() { nginx = nil }

    /// What nginx said.
    public var log: String {
        ["output", "error.log"].map { String(decoding: directory.content(of: $0) ?? [], as: UTF8.self) }.joined()
    }

    private static func location(_ backendPort: UInt16?) -> [String] {
        guard let backendPort else { return ["location / { return 200 hello; }"] }
        return ["location / { proxy_pass http://127.0.0.1:\(backendPort); }"]
    }

    private func configuration(_ http2: String, _ clients: ClientCertificates, _ lines: [String]) -> String {
        """
        daemon off;
        master_process off;
        pid nginx.pid;
        error_log error.log;
        events { worker_connections 1024; }
        http {
            access_log off;
            ssl_protocols TLSv1.2 TLSv1.3;
            client_body_temp_path client_body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
            uwsgi_temp_path uwsgi; scgi_temp_path scgi;
            proxy_http_version 1.1;
            proxy_buffering off;
            proxy_request_buffering off;
            proxy_read_timeout 1h;
            proxy_set_header Host $http_host;
            proxy_set_header Connection "";
            proxy_set_header X-Front-Client $ssl_client_s_dn;
            proxy_set_header X-Front-Protocol $server_protocol;
            proxy_set_header X-Front-Name $ssl_server_name;
            proxy_set_header X-Front-Connection $connection;
            add_header X-Front-Protocol $server_protocol always;
            add_header X-Front-Name $ssl_server_name always;
            add_header X-Front-Connection $connection always;
            server {
                listen 127.0.0.1:\(port) ssl\(http2);
                ssl_certificate server.pem;
                ssl_certificate_key server.key;
                ssl_client_certificate clients.pem;
                ssl_verify_client \(clients.rawValue);
                \(lines.joined(separator: "\n        "))
            }
        }

        """
    }
}
