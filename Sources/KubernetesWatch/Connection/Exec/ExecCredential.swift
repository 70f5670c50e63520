import HTTPClient
import YAML

/// What a credential plugin prints: an object of client.authentication.k8s.io.
struct ExecCredential {
    let credentials: RequestCredentials
    /// Seconds since 1970; infinite without an end.
    let expires: Double

    /// Reads it, JSON or YAML. What is thrown follows the name of the plugin, and repeats nothing of what it printed.
    init(_ output: [UInt8], apiVersion: String) throws(Mistake) {
        let root = try Self.root(output)
        guard try Self.text(root, "kind") == "ExecCredential" else { throw Mistake("printed no ExecCredential") }
        guard try Self.text(root, "apiVersion") == apiVersion else {
            throw Mistake("printed an ExecCredential of another apiVersion than \(apiVersion)")
        }
        guard let status = try Self.member(root, "status"), status.isMapping else {
            throw Mistake("printed an ExecCredential without a status")
        }
        let token = try Self.text(status, "token")
        let certificate = try Self.certificate(status)
        guard certificate != nil || !token.isEmpty else {
            throw Mistake("printed neither a token nor a certificate with its key")
        }
        credentials = RequestCredentials(
            authorization: try token.isEmpty ? nil : Self.bearer(token), clientCertificate: certificate)
        expires = try Self.expiry(status)
    }

    private static func root(_ output: [UInt8]) throws(Mistake) -> Field {
        do {
            guard let root = try NodeTree.document(of: output) else { throw Mistake("printed nothing") }
            guard root.isMapping else { throw Mistake("printed no ExecCredential") }
            return root
        } catch let mistake as Mistake {
            throw mistake
        } catch {
            throw Mistake("printed something other than JSON")
        }
    }

    private static func bearer(_ token: String) throws(Mistake) -> String {
        do {
            return try Authorization.bearer(token.utf8)
        } catch {
            throw Mistake("printed a token that \(error.words)")
        }
    }

    private static func certificate(_ status: Field) throws(Mistake) -> HTTPTransport.ClientCertificate? {
        let certificate = Array(try text(status, "clientCertificateData").utf8)
        let key = Array(try text(status, "clientKeyData").utf8)
        guard !certificate.isEmpty || !key.isEmpty else { return nil }
        guard !certificate.isEmpty else { throw Mistake("printed a clientKeyData without a clientCertificateData") }
        guard !key.isEmpty else { throw Mistake("printed a clientCertificateData without a clientKeyData") }
        do {
            try PEMText(certificate).checkCertificates()
        } catch {
            throw Mistake("printed a clientCertificateData that \(error.words)")
        }
        do {
            try PEMText(key).checkPrivateKey()
        } catch {
            throw Mistake("printed a clientKeyData that \(error.words)")
        }
        return HTTPTransport.ClientCertificate(certificate: certificate, key: key)
    }

    private static func expiry(_ status: Field) throws(Mistake) -> Double {
        let text = try text(status, "expirationTimestamp")
        guard !text.isEmpty else { return .infinity }
        guard let seconds = RFC3339.seconds(text) else {
            throw Mistake("printed an expirationTimestamp that is no time of RFC 3339")
        }
        return seconds
    }

    private static func member(_ owner: Field, _ key: StaticString) throws(Mistake) -> Field? {
        do {
            return try owner.member(key)
        } catch {
            throw Mistake("printed an ExecCredential with \(key) twice")
        }
    }

    private static func text(_ owner: Field, _ key: StaticString) throws(Mistake) -> String {
        guard let member = try member(owner, key) else { return "" }
        guard member.isString else { throw Mistake("printed an ExecCredential in which \(key) is no string") }
        return member.tree.string(member.node)
    }
}
