import HTTPClient

extension APIConnection {
    /// The files of the option `tls`.
    public struct TLSFiles: Hashable, Sendable {
        /// Our certificate.
        public var certificate: String
        /// Its private key.
        public var key: String
        /// Whom to trust.
        public var authority: String

        /// Paths of PEM files.
        public init(certificate: String, key: String, authority: String) {
            self.certificate = certificate
            self.key = key
            self.authority = authority
        }
    }

    /// An API server by its address, as the options `endpoint` and `tls` have it: a URL, or `host:port`, which is meant
    /// for HTTPS where there are files for it. An address with `http://` has no use for them, as with client-go.
    public static func endpoint(_ address: String, tls: TLSFiles? = nil) throws(ConnectionError) -> APIConnection {
        var mistakes = MistakeList()
        let server = mistakes.note("the endpoint") { () throws(Mistake) in
            try ServerAddress(address, defaultTLS: tls != nil)
        }
        var transport = HTTPTransport()
        var credentials = CredentialSource.none
        if let tls {
            _ = mistakes.note("tls: the certificate") { () throws(Mistake) in
                try ConnectionFile.certificates(tls.certificate)
            }
            _ = mistakes.note("tls: the key") { () throws(Mistake) in
                try ConnectionFile.privateKey(tls.key)
            }
            let authority = mistakes.note("tls: the certificate authority") { () throws(Mistake) in
                try ConnectionFile.certificates(tls.authority)
            }
            if let authority { transport.authorities = .pem(authority) }
            credentials = .certificateFiles(certificate: tls.certificate, key: tls.key)
        }
        guard let server, mistakes.isEmpty else { throw mistakes.error }
        guard server.isTLS else { return APIConnection(server: server.url) }
        return APIConnection(server: server.url, transport: transport, credentials: credentials)
    }
}
