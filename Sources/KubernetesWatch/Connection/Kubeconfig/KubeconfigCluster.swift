import HTTPClient
import YAML

/// What an entry of `clusters` comes down to.
struct KubeconfigCluster {
    var server: ServerAddress
    var transport: HTTPTransport
    /// As a credential plugin is told: the JSON of `spec.cluster`.
    var information: String
}

extension KubeconfigReader {
    mutating func cluster(named name: String) -> KubeconfigCluster? {
        guard !name.isEmpty, let cluster = entry("clusters", "cluster", named: name) else { return nil }
        let whose = "cluster \(name.inQuotes)"
        var transport = HTTPTransport()
        let authority = pem(
            cluster, "certificate-authority", data: "certificate-authority-data", of: whose, .certificates)
        if let authority { transport.authorities = .pem(authority.bytes) }
        checkInsecure(cluster, whose)
        transport.verifiesServer = !flag(cluster, "insecure-skip-tls-verify")
        let serverName = text(cluster, "tls-server-name")
        if !serverName.isEmpty { transport.serverName = serverName }
        transport.proxy = proxy(of: cluster, whose)
        let isSecured = authority != nil || !transport.verifiesServer
        guard let server = server(of: cluster, whose, isSecured: isSecured) else { return nil }
        return KubeconfigCluster(
            server: server, transport: transport,
            information: information(cluster, server: server, transport))
    }

    /// Whoever names an authority wants the server verified.
    private mutating func checkInsecure(_ cluster: Field, _ whose: String) {
        guard let insecure = member(cluster, "insecure-skip-tls-verify"), insecure.flag == true,
            member(cluster, "certificate-authority") != nil || member(cluster, "certificate-authority-data") != nil
        else { return }
        fail(insecure, "\(whose) has insecure-skip-tls-verify beside a certificate authority; only one can be meant")
    }

    private mutating func server(of cluster: Field, _ whose: String, isSecured: Bool) -> ServerAddress? {
        let told = mistakes.count
        guard let field = member(cluster, "server"), !field.isEmptyText else {
            if mistakes.count == told { fail(cluster, "\(whose) has no server") }
            return nil
        }
        let text = text(of: field)
        guard !text.isEmpty else { return nil }
        return note(field, "the server of \(whose)") { () throws(Mistake) in
            try ServerAddress(text, defaultTLS: isSecured)
        }
    }

    private mutating func proxy(of cluster: Field, _ whose: String) -> String? {
        guard let field = member(cluster, "proxy-url") else { return nil }
        let text = text(of: field)
        guard !text.isEmpty else { return nil }
        let schemes = ["http://", "https://", "socks5://"]
        guard schemes.contains(where: { text.hasPrefix($0) && text.utf8.count > $0.utf8.count }),
            text.utf8.allSatisfy({ 0x21..<0x7F ~= $0 })
        else {
            // It may hold a password.
            fail(field, "the proxy-url of \(whose) must start with http://, https:// or socks5:// and name a host")
            return nil
        }
        return text
    }

    /// ExecCredential, `spec.cluster`.
    private mutating func information(
        _ cluster: Field, server: ServerAddress, _ transport: HTTPTransport
    ) -> String {
        var members = [("server", JSONOutput.string(server.url))]
        if let name = transport.serverName { members.append(("tls-server-name", JSONOutput.string(name))) }
        if !transport.verifiesServer { members.append(("insecure-skip-tls-verify", "true")) }
        if case .pem(let bytes) = transport.authorities {
            members.append(("certificate-authority-data", JSONOutput.string(Base64.encode(bytes))))
        }
        if let proxy = transport.proxy { members.append(("proxy-url", JSONOutput.string(proxy))) }
        if flag(cluster, "disable-compression") { members.append(("disable-compression", "true")) }
        for entry in elements(cluster, "extensions") where entry.isMapping {
            guard text(entry, "name") == "client.authentication.k8s.io/exec", let config = member(entry, "extension")
            else { continue }
            members.append(("config", JSONOutput.value(of: config)))
        }
        return JSONOutput.object(members)
    }
}
