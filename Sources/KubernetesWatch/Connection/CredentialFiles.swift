import HTTPClient

/// A token in a file, read for each request, so that it may be replaced at any time and in any way. While the file
/// cannot be used, the token that it held last is, until the server refuses that.
final class TokenFile {
    private let path: String
    private var last: RequestCredentials?

    init(_ path: String) { self.path = path }

    func current() -> Result<RequestCredentials, CredentialFault> {
        do throws(Mistake) {
            let credentials = RequestCredentials(authorization: try ConnectionFile.bearer(path))
            last = credentials
            return .success(credentials)
        } catch {
            return last.map { .success($0) } ?? .failure(CredentialFault("the token file \(error.words)"))
        }
    }

    func forget() { last = nil }
}

/// A certificate and its key in files, treated alike.
final class CertificateFiles {
    private let certificate: String
    private let key: String
    private var last: RequestCredentials?

    init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }

    func current() -> Result<RequestCredentials, CredentialFault> {
        do throws(Mistake) {
            let pair = HTTPTransport.ClientCertificate(
                certificate: try ConnectionFile.certificates(certificate), key: try ConnectionFile.privateKey(key))
            let credentials = RequestCredentials(clientCertificate: pair)
            last = credentials
            return .success(credentials)
        } catch {
            return last.map { .success($0) }
                ?? .failure(CredentialFault("the client certificate's file \(error.words)"))
        }
    }

    func forget() { last = nil }
}
