import COpenSSL

/// Reads certificates and keys from text in PEM.
enum PEM {
    /// Certificates taken from one file.
    private static let certificatesMax = 1_024

    /// Hands over each certificate, in order.
    static func forEachCertificate(_ bytes: [UInt8], _ body: (OpaquePointer) -> Void) throws(UpstreamMistake) {
        let bio = try open(bytes)
        defer { BIO_free(bio) }
        for _ in 0..<certificatesMax {
            guard let certificate = PEM_read_bio_X509(bio, nil, { _, _, _, _ in 0 }, nil) else { break }
            body(certificate)
            X509_free(certificate)
        }
        // The end of the text is told as a missing first line.
        let code = ERR_peek_last_error()
        guard code == 0 || copenssl_is_end_of_pem(code) != 0 else {
            throw UpstreamMistake("a certificate cannot be read: \(OpenSSLError.clause)")
        }
        ERR_clear_error()
    }

    static func withKey(_ bytes: [UInt8], _ body: (OpaquePointer) -> Void) throws(UpstreamMistake) {
        let bio = try open(bytes)
        defer { BIO_free(bio) }
        // Without an answer about a passphrase OpenSSL would ask at the terminal.
        guard let key = PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in 0 }, nil) else {
            throw UpstreamMistake("the key cannot be read, or is encrypted: \(OpenSSLError.clause)")
        }
        body(key)
        EVP_PKEY_free(key)
    }

    /// The text is copied: the reader must not outlive what it reads.
    private static func open(_ bytes: [UInt8]) throws(UpstreamMistake) -> OpaquePointer {
        ERR_clear_error()
        guard bytes.count <= Int(Int32.max), let bio = BIO_new(BIO_s_mem()),
            bytes.isEmpty || BIO_write(bio, bytes, Int32(bytes.count)) == Int32(bytes.count)
        else { throw UpstreamMistake("there is no memory for a file in PEM") }
        return bio
    }
}
