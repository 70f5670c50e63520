import Glibc
import HTTPClient

extension APIConnection {
    /// Where the kubelet puts what a pod needs.
    public static let serviceAccountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount"

    /// A variable of this process.
    public static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// How a pod reaches the API server of its cluster.
    public static func inCluster(
        environment: (_ name: String) -> String? = variable,
        directory: String = serviceAccountDirectory
    ) throws(ConnectionError) -> APIConnection {
        var mistakes = MistakeList(prefix: "unable to load in-cluster configuration, ")
        guard let host = environment("KUBERNETES_SERVICE_HOST"), !host.isEmpty,
            let port = environment("KUBERNETES_SERVICE_PORT"), !port.isEmpty
        else {
            mistakes.add("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined")
            throw mistakes.error
        }
        let hostWords = host.contains(":") ? "[\(host)]" : host
        let server = mistakes.note("the server of KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT") {
            () throws(Mistake) in
            try ServerAddress("https://\(hostWords):\(port)", defaultTLS: true)
        }
        let authority = mistakes.note("the certificate authority") { () throws(Mistake) in
            try ConnectionFile.certificates("\(directory)/ca.crt")
        }
        let token = "\(directory)/token"
        _ = mistakes.note("the token of the service account,") { () throws(Mistake) in
            try ConnectionFile.bearer(token)
        }
        guard let server, let authority, mistakes.isEmpty else { throw mistakes.error }
        var transport = HTTPTransport()
        transport.authorities = .pem(authority)
        return APIConnection(server: server.url, transport: transport, credentials: .tokenFile(token))
    }

    /// The namespace of the pod that this process runs in; nil outside of pods.
    public static func inClusterNamespace(directory: String = serviceAccountDirectory) -> String? {
        let bytes = try? ConnectionFile.content("\(directory)/namespace", limit: ConnectionLimits.namespaceBytes)
        let text = String(decoding: bytes ?? [], as: UTF8.self).filter { !$0.isWhitespace }
        return text.isEmpty ? nil : text
    }
}
