import HTTPClient
import YAML

/// What an entry of `users` comes down to.
struct KubeconfigUser {
    var credentials = CredentialSource.none
    /// Where `credentials` do not bring one.
    var certificate: HTTPTransport.ClientCertificate?
    /// Impersonation.
    var headers: [HTTPHeader] = []
}

extension KubeconfigReader {
    mutating func user(named name: String, _ cluster: KubeconfigCluster?) -> KubeconfigUser? {
        guard let user = entry("users", "user", named: name) else { return nil }
        let whose = "user \(name.inQuotes)"
        refuseProvider(user, whose)
        let exec = execPlugin(of: user, whose, cluster?.information ?? "")
        let header = headerCredentials(of: user, whose)
        let headers = impersonation(of: user, whose)
        let pair = certificate(of: user, whose)
        var result = KubeconfigUser(headers: headers)
        // As client-go: what is given goes before what a plugin would say.
        switch (header ?? exec.map(CredentialSource.exec), pair) {
        case (nil, (.file(let certificate, _), .file(let key, _))?):
            result.credentials = .certificateFiles(certificate: certificate, key: key)
        case (let source, let pair):
            result.credentials = source ?? .none
            result.certificate = pair.map { .init(certificate: $0.certificate.bytes, key: $0.key.bytes) }
        }
        return result
    }

    private mutating func refuseProvider(_ user: Field, _ whose: String) {
        guard let provider = mapping(user, "auth-provider") else { return }
        let name = text(provider, "name")
        let remedy =
            switch name {
            case "gcp": "was removed from Kubernetes: use exec with gke-gcloud-auth-plugin"
            case "azure": "was removed from Kubernetes: use exec with kubelogin"
            case "oidc": "is not supported: use exec with a plugin for OpenID Connect"
            default: "is not supported: use exec with a credential plugin"
            }
        fail(provider, "\(whose) has the auth-provider \(name.inQuotes), which \(remedy)")
    }

    /// What goes into the `Authorization` field.
    private mutating func headerCredentials(of user: Field, _ whose: String) -> CredentialSource? {
        let token = token(of: user, whose)
        let name = text(user, "username")
        let password = text(user, "password")
        guard !name.isEmpty || !password.isEmpty else { return token }
        if token != nil { fail(user, "\(whose) has both a token and a username; only one can be used") }
        // RFC 7617 section 2.
        if name.contains(":") { fail(user, "the username of \(whose) must not contain a colon") }
        return .basic(user: name, password: password)
    }

    /// The file goes before the token beside it, which is what the file held at some time.
    private mutating func token(of user: Field, _ whose: String) -> CredentialSource? {
        if let field = member(user, "tokenFile") {
            let name = text(of: field)
            if !name.isEmpty {
                let path = resolved(name)
                _ = note(field, "tokenFile of \(whose):") { () throws(Mistake) in
                    try ConnectionFile.bearer(path)
                }
                return .tokenFile(path)
            }
        }
        guard let field = member(user, "token") else { return nil }
        let token = text(of: field)
        guard !token.isEmpty else { return nil }
        _ = note(field, "the token of \(whose)") { () throws(Mistake) in
            try Authorization.bearer(token.utf8)
        }
        return .token(token)
    }

    private mutating func certificate(
        of user: Field, _ whose: String
    ) -> (certificate: PEMSource, key: PEMSource)? {
        let isNamed = hasOne(user, "client-certificate", "client-certificate-data")
        let isKeyNamed = hasOne(user, "client-key", "client-key-data")
        let certificate = pem(user, "client-certificate", data: "client-certificate-data", of: whose, .certificates)
        let key = pem(user, "client-key", data: "client-key-data", of: whose, .privateKey)
        if isNamed != isKeyNamed {
            fail(
                user,
                isNamed
                    ? "\(whose) has a client-certificate but no client-key"
                    : "\(whose) has a client-key but no client-certificate")
        }
        guard let certificate, let key else { return nil }
        return (certificate, key)
    }

    private mutating func hasOne(_ user: Field, _ keys: StaticString...) -> Bool {
        keys.contains { member(user, $0).map { !$0.isEmptyText } ?? false }
    }
}
