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
        try setAuthorities(transport.authorities, target)
        if let certificate = transport.clientCertificate { try setClientCertificate(certificate) }
    }

    private func setClientCertificate(_ client: HTTPTransport.ClientCertificate) throws(HTTPFailure) {
        let key = String(decoding: client.key, as: UTF8.self)
        guard key.contains("PRIVATE KEY-----") else {
            throw HTTPFailure(.misconfigured, "the key of the client is no private key in PEM")
        }
        guard !key.contains("ENCRYPTED") else {
            throw HTTPFailure(.misconfigured, "the key of the client is encrypted")
        }
        guard String(decoding: client.certificate, as: UTF8.self).contains("CERTIFICATE-----") else {
            throw HTTPFailure(.misconfigured, "the certificate of the client is no certificate in PEM")
        }
        try set(CURLOPT_SSLCERT_BLOB, blob: client.certificate)
        try set(CURLOPT_SSLKEY_BLOB, blob: client.key)
        // Without a passphrase OpenSSL would ask for one at the terminal.
        try set(CURLOPT_KEYPASSWD, "")
    }

    private func setAuthorities(
        _ authorities: HTTPTransport.Authorities, _ target: RequestTarget
    ) throws(HTTPFailure) {
        switch authorities {
        case .system: break
        case .pem(let bytes):
            guard !bytes.isEmpty else {
                throw HTTPFailure(.misconfigured, "the certificates to trust \(target.name) by are empty")
            }
            try set(CURLOPT_CAINFO_BLOB, blob: bytes)
            try set(CURLOPT_PROXY_CAINFO_BLOB, blob: bytes)
        }
        // The folder would be trusted beside the certificates given; the system's file has the same as its folder.
        try set(CURLOPT_CAPATH, nil)
        try set(CURLOPT_PROXY_CAPATH, nil)
    }
}
