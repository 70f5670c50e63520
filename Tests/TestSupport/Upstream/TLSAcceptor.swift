import CLinux
import COpenSSL
import Glibc
import Locking

/// The server's side of TLS for a scripted upstream.
public final class TLSAcceptor: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: `context` is not changed after `init`; the rest is in a lock.
    /// What is known of a handshake that succeeded.
    public struct Handshake: Sendable, Equatable {
        /// Whether an earlier session was gone on with.
        public let isResumed: Bool
        /// What ALPN agreed on.
        public let `protocol`: String
        /// The name in SNI; empty without one.
        public let name: String
        /// Whether the client showed a certificate.
        public let hasClientCertificate: Bool
    }

    private let context: OpaquePointer
    private let refuses: Bool
    private let done = Lock<[Handshake]>([])

    /// A server with a certificate; of TLS 1.2 at most, if told so, or one that closes each connection.
    public init(
        _ pair: CertificateAuthority.Pair, isOld: Bool = false, clientAuthority: [UInt8]? = nil, refuses: Bool = false
    ) throws {
        self.refuses = refuses
        signal(SIGPIPE, SIG_IGN)
        guard let context = SSL_CTX_new(TLS_server_method()) else { throw ClientError(reason: "SSL_CTX_new") }
        self.context = context
        let directory = try TemporaryDirectory()
        let certificate = try directory.write(pair.certificate, to: "certificate.pem")
        let key = try directory.write(pair.key, to: "key.pem")
        guard SSL_CTX_use_certificate_chain_file(context, certificate) == 1,
            SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1
        else { throw ClientError(reason: "the certificate cannot be used") }
        if isOld { SSL_CTX_set_options(context, UInt64(1) << 29) }
        let words = Array("clusterdns".utf8)
        SSL_CTX_set_session_id_context(context, words, UInt32(words.count))
        if let clientAuthority {
            let file = try directory.write(clientAuthority, to: "clients.pem")
            SSL_CTX_load_verify_file(context, file)
            SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        }
        SSL_CTX_set_alpn_select_cb(
            context,
            { _, chosen, length, offered, count, _ in
                guard let offered, count >= 4 else { return SSL_TLSEXT_ERR_NOACK }
                chosen?.pointee = offered + 1
                length?.pointee = offered[0]
                return SSL_TLSEXT_ERR_OK
            }, nil)
    }

    deinit { SSL_CTX_free(context) }

    /// Handshakes that succeeded, in order.
    public var handshakes: [Handshake] { done.withLock { $0 } }

    func accept(_ descriptor: Int32, while goesOn: () -> Bool) -> OpaquePointer? {
        guard !refuses, let ssl = SSL_new(context) else { return nil }
        SSL_set_fd(ssl, descriptor)
        while goesOn() {
            ERR_clear_error()
            let result = SSL_accept(ssl)
            if result == 1 {
                note(ssl)
                return ssl
            }
            guard SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ else { break }
        }
        SSL_free(ssl)
        return nil
    }

    private func note(_ ssl: OpaquePointer) {
        var bytes: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &bytes, &count)
        let agreed = UnsafeBufferPointer(start: bytes, count: Int(count))
        let certificate = SSL_get0_peer_certificate(ssl)
        let name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name).map { String(cString: $0) }
        let handshake = Handshake(
            isResumed: SSL_session_reused(ssl) == 1, protocol: String(decoding: agreed, as: UTF8.self),
            name: name ?? "", hasClientCertificate: certificate != nil)
        done.withLock { $0.append(handshake) }
    }
}

/// A connection of a scripted upstream, plain or of TLS.
final class ScriptedStream {
    private let descriptor: Int32
    private let ssl: OpaquePointer?

    init?(_ descriptor: Int32, _ tls: TLSAcceptor?, while goesOn: () -> Bool) {
        self.descriptor = descriptor
        ssl = tls?.accept(descriptor, while: goesOn)
        if tls != nil, ssl == nil { return nil }
    }

    deinit {
        guard let ssl else { return }
        SSL_shutdown(ssl)
        SSL_free(ssl)
    }

    /// What came, perhaps nothing for now; nil at the end.
    func read() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        if let ssl {
            ERR_clear_error()
            let count = SSL_read(ssl, &buffer, Int32(buffer.count))
            if count > 0 { return Array(buffer[..<Int(count)]) }
            return SSL_get_error(ssl, count) == SSL_ERROR_WANT_READ ? [] : nil
        }
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count < 0 { return errno == EAGAIN ? [] : nil }
        return count == 0 ? nil : Array(buffer[..<count])
    }

    func write(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { rest -> Int in
                let start = rest.baseAddress.map { $0 + sent }
                if let ssl { return Int(SSL_write(ssl, start, Int32(bytes.count - sent))) }
                return send(descriptor, start, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }
}
