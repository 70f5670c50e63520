import COpenSSL
import DNSMessage
import Upstream

/// An upstream as TLS sees it: whom to expect, and the session to go on with.
final class TLSPeer: StreamSecurity {
    private let context: TLSContext
    private let address: IPAddress
    /// Of the newest connection.
    private var resumption: OpaquePointer?

    init(_ context: TLSContext, address: IPAddress) {
        self.context = context
        self.address = address
    }

    deinit { SSL_SESSION_free(resumption) }

    /// Whom the certificate must name.
    var name: String { context.options.serverName ?? "\(address)" }

    /// A connection that has not begun; nil where there is no memory.
    func makeSession() -> (any StreamSession)? {
        ERR_clear_error()
        guard let ssl = SSL_new(context.pointer) else { return nil }
        guard let input = BIO_new(BIO_s_mem()), let output = BIO_new(BIO_s_mem()) else {
            SSL_free(ssl)
            return nil
        }
        // No bytes means later ones, not the end.
        copenssl_wait_when_empty(input)
        copenssl_wait_when_empty(output)
        SSL_set_bio(ssl, input, output)
        SSL_set_connect_state(ssl)
        let session = TLSSession(ssl, input: input, output: output, self)
        guard expectName(ssl) else { return nil }
        if let resumption, SSL_SESSION_is_resumable(resumption) == 1 { SSL_set_session(ssl, resumption) }
        return session
    }

    /// RFC 6066 §3: addresses are no names for SNI.
    private func expectName(_ ssl: OpaquePointer) -> Bool {
        guard let name = context.options.serverName else {
            return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), "\(address)") == 1
        }
        if IPAddress(name) != nil { return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1 }
        SSL_set_hostflags(ssl, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        return copenssl_set_host_name(ssl, name) != 0 && SSL_set1_host(ssl, name) == 1
    }

    /// Keeps the session of a connection for the next one.
    func keep(_ ssl: OpaquePointer) {
        guard let session = SSL_get1_session(ssl) else { return }
        SSL_SESSION_free(resumption)
        resumption = session
    }
}
