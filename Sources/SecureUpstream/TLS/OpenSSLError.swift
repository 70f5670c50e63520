import COpenSSL

/// Words for what OpenSSL reports.
enum OpenSSLError {
    /// The first error of the thread's queue, which is emptied.
    static var clause: String {
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0, let reason = ERR_reason_error_string(code) else { return "OpenSSL gives no reason" }
        return String(cString: reason)
    }

    /// Why a certificate is not trusted.
    static func verification(_ code: Int, expected: String) -> String {
        if code == X509_V_ERR_HOSTNAME_MISMATCH || code == X509_V_ERR_IP_ADDRESS_MISMATCH {
            return "the server's certificate is not for \(expected)"
        }
        return "the server's certificate is not trusted: \(String(cString: X509_verify_cert_error_string(code)))"
    }
}
