import CCurl

extension CurlEasy {
    /// Everything comes from memory, but for what the system trusts.
    func setTLS(_ transport: HTTPTransport, _ target: RequestTarget) throws(HTTPFailure) {
        guard target.isSecure || target.proxy != nil else { return }
        try set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        try set(CURLOPT_PROXY_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        // Connections are long and few; a session to resume would be kept for nothing.
        try set(CURLOPT_SSL_SESSIONID_CACHE, false)
        try set(CURLOPT_CA_CACHE_TIMEOUT, 0)
        try set(CURLOPT_SSL_VERIFYPEER, transport.verifiesServer)
        try set(CURLOPT_SSL_VERIFYHOST, transport.verifiesServer ? 2 : 0)
        try set(CURLOPT_PROXY_SSL_VERIFYPEER, transport.verifiesServer)
        try set(CURLOPT_PROXY_SSL_VERIFYHOST, transport.verifiesServer ? 2 : 0)
        // For the names in errors.
        try set(CURLOPT_CERTINFO, transport.verifiesServer)
        try setAuthorities(transport.authorities)
        guard let certificate = transport.clientCertificate else { return }
        try set(CURLOPT_SSLCERT_BLOB, blob: certificate.certificate)
        try set(CURLOPT_SSLKEY_BLOB, blob: certificate.key)
        try set(CURLOPT_SSLCERTTYPE, "PEM")
        try set(CURLOPT_SSLKEYTYPE, "PEM")
    }

    private func setAuthorities(_ authorities: HTTPTransport.Authorities) throws(HTTPFailure) {
        switch authorities {
        case .system: break
        case .pem(let bytes):
            try set(CURLOPT_CAINFO_BLOB, blob: bytes)
            try set(CURLOPT_PROXY_CAINFO_BLOB, blob: bytes)
        }
        // The folder would be trusted beside the certificates given; the system's file has the same as its folder.
        try set(CURLOPT_CAPATH, nil)
        try set(CURLOPT_PROXY_CAPATH, nil)
    }
}
