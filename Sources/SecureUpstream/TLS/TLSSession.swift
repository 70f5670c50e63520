import COpenSSL
import Upstream

/// TLS of one connection, between bytes of the network and bytes of messages. It touches no socket.
final class TLSSession: StreamSession {
    private let ssl: OpaquePointer
    /// Owned by `ssl`, as is `output`.
    private let input: OpaquePointer
    private let output: OpaquePointer
    private let peer: TLSPeer
    private var isKept = false

    init(_ ssl: OpaquePointer, input: OpaquePointer, output: OpaquePointer, _ peer: TLSPeer) {
        self.ssl = ssl
        self.input = input
        self.output = output
        self.peer = peer
    }

    deinit { SSL_free(ssl) }

    /// Bytes from the network; a memory BIO takes all.
    func addInput(_ bytes: UnsafeRawBufferPointer) { BIO_write(input, bytes.baseAddress, Int32(bytes.count)) }

    /// Bytes for the network.
    func takeOutput() -> [UInt8] {
        let count = Int(copenssl_pending(output))
        guard count > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: count) { room, filled in
            filled = max(Int(BIO_read(output, room.baseAddress, Int32(count))), 0)
        }
    }

    func advanceHandshake() -> StreamHandshake {
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        if result == 1 { return .complete }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .needsMore
        default: return .failed(reason)
        }
    }

    private var reason: String {
        let verification = SSL_get_verify_result(ssl)
        guard verification != X509_V_OK else { return OpenSSLError.clause }
        ERR_clear_error()
        return OpenSSLError.verification(verification, expected: peer.name)
    }

    func decrypt(into room: UnsafeMutableRawBufferPointer) -> StreamDecryption {
        ERR_clear_error()
        let count = SSL_read(ssl, room.baseAddress, Int32(room.count))
        if count > 0 {
            // Tickets of TLS 1.3 come before the first reply.
            if !isKept { peer.keep(ssl) }
            isKept = true
            return .bytes(Int(count))
        }
        switch SSL_get_error(ssl, count) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .needsMore
        case SSL_ERROR_ZERO_RETURN: return .closed
        default: return .failed(reason)
        }
    }

    func encrypt(_ bytes: [UInt8]) {
        var sent = 0
        // The output grows as needed, so that all is taken, record by record.
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { rest in
                SSL_write(ssl, rest.baseAddress.map { $0 + sent }, Int32(bytes.count - sent))
            }
            guard count > 0 else { return ERR_clear_error() }
            sent += Int(count)
        }
    }

    /// Says goodbye: a session that was not closed in order cannot be resumed.
    func finish() {
        ERR_clear_error()
        SSL_shutdown(ssl)
        ERR_clear_error()
    }
}
