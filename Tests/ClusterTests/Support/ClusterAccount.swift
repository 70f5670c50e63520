import Glibc
import TestSupport

/// A kubeconfig for a server behind TLS, and a token that can be replaced as the kubelet does.
final class ClusterAccount {
    let directory: TemporaryDirectory
    private var generation = 0

    /// Trusts `authority`. The user has a token in a file or, with `certificate`, a certificate.
    init(
        _ front: TLSFront, trusting authority: [UInt8]? = nil, certificate: CertificateAuthority.Pair? = nil
    ) throws {
        directory = try TemporaryDirectory()
        try directory.write(authority ?? front.authority, to: "ca.pem")
        if let certificate {
            try directory.write(certificate.certificate, to: "client.pem")
            try directory.write(certificate.key, to: "client.key")
        }
        let user =
            certificate == nil
            ? "tokenFile: \(directory.path)/token" : "client-certificate: client.pem, client-key: client.key"
        let server = "https://127.0.0.1:\(front.port)"
        let text = """
            apiVersion: v1
            kind: Config
            current-context: test
            contexts: [{name: test, context: {cluster: test, user: test}}]
            clusters: [{name: test, cluster: {server: '\(server)', certificate-authority: ca.pem}}]
            users: [{name: test, user: {\(user)}}]
            """
        try directory.write(text.utf8, to: "kubeconfig")
    }

    /// What stands in the Corefile.
    var place: String { "kubeconfig \(directory.path)/kubeconfig" }

    /// Puts another token in place: a new folder, and a link to it that is replaced at one blow.
    func rotate(to token: String) throws {
        generation += 1
        let folder = "..\(generation)"
        mkdir("\(directory.path)/\(folder)", 0o755)
        try directory.write("\(token)\n".utf8, to: "\(folder)/token")
        guard symlink(folder, "\(directory.path)/..data_tmp") == 0,
            rename("\(directory.path)/..data_tmp", "\(directory.path)/..data") == 0
        else { throw ClientError(reason: "no symbolic link") }
        if generation == 1 { symlink("..data/token", "\(directory.path)/token") }
    }
}
