import COpenSSL

/// What connections over TLS to an upstream have in common; made once, shared by all workers.
///
/// At least TLS 1.2, the server's certificate always verified: against the name of the options, or else the address.
public final class TLSContext: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: `pointer` is not changed after `init`, and OpenSSL counts references atomically.
    /// What it was made of.
    public let options: TLSOptions
    let pointer: OpaquePointer

    /// RFC 7858 §3.1 has no name for it; this is IANA's, with its length in front.
    private static let protocols: [UInt8] = [3] + Array("dot".utf8)
    /// Where Debian keeps the certificates that a system trusts, beside OpenSSL's own places.
    private static let systemAuthorities = "/etc/ssl/certs/ca-certificates.crt"

    /// Reads certificates and key.
    public init(_ options: TLSOptions) throws(UpstreamMistake) {
        ERR_clear_error()
        guard let pointer = SSL_CTX_new(TLS_client_method()) else { throw UpstreamMistake(OpenSSLError.clause) }
        self.options = options
        self.pointer = pointer
        guard copenssl_require_tls12(pointer) != 0 else { throw UpstreamMistake(OpenSSLError.clause) }
        SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
        copenssl_keep_client_sessions(pointer)
        copenssl_write_in_parts(pointer)
        SSL_CTX_set_alpn_protos(pointer, Self.protocols, UInt32(Self.protocols.count))
        try loadAuthorities()
        try loadCertificate()
    }

    deinit { SSL_CTX_free(pointer) }

    private func loadAuthorities() throws(UpstreamMistake) {
        guard let authorities = options.authorities else {
            SSL_CTX_set_default_verify_paths(pointer)
            SSL_CTX_load_verify_file(pointer, Self.systemAuthorities)
            return ERR_clear_error()
        }
        let store = SSL_CTX_get_cert_store(pointer)
        var count = 0
        try PEM.forEachCertificate(authorities) { certificate in
            X509_STORE_add_cert(store, certificate)
            count += 1
        }
        guard count > 0 else { throw UpstreamMistake("the file of authorities has no certificate in PEM") }
    }

    private func loadCertificate() throws(UpstreamMistake) {
        guard let certificate = options.certificate, let key = options.key else {
            guard options.certificate == nil, options.key == nil else {
                throw UpstreamMistake("a certificate needs a key, and a key a certificate")
            }
            return
        }
        var count = 0
        try PEM.forEachCertificate(certificate) { next in
            if count == 0 {
                SSL_CTX_use_certificate(pointer, next)
            } else {
                _ = copenssl_add_chain_certificate(pointer, next)
            }
            count += 1
        }
        guard count > 0 else { throw UpstreamMistake("the file of the certificate has none in PEM") }
        try PEM.withKey(key) { SSL_CTX_use_PrivateKey(pointer, $0) }
        guard SSL_CTX_check_private_key(pointer) == 1 else {
            throw UpstreamMistake("the key does not belong to the certificate: \(OpenSSLError.clause)")
        }
    }
}

extension TLSContext: Hashable {
    /// Equal options make equal connections.
    public static func == (a: TLSContext, b: TLSContext) -> Bool { a.options == b.options }

    /// By the options.
    public func hash(into hasher: inout Hasher) { hasher.combine(options) }
}
