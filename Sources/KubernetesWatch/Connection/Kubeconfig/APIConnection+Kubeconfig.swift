import HTTPClient
import YAML

extension APIConnection {
    /// What a context of a kubeconfig comes down to: the current one where none is named. Only what belongs to the
    /// context is looked at; fields that nobody knows are passed over.
    public static func kubeconfig(_ path: String, context: String? = nil) throws(ConnectionError) -> APIConnection {
        var reader = KubeconfigReader(path: path)
        let connection = reader.connection(context: context)
        guard let connection, reader.mistakes.isEmpty else { throw reader.mistakes.error }
        return connection
    }

    /// The namespace that a kubeconfig's context names, its current one where none is; nil where there is none.
    public static func namespace(ofKubeconfig path: String, context: String? = nil) -> String? {
        var reader = KubeconfigReader(path: path)
        let namespace = reader.namespace(context: context)
        return namespace.isEmpty ? nil : namespace
    }
}

extension KubeconfigReader {
    fileprivate mutating func connection(context name: String?) -> APIConnection? {
        guard let root = root(), let context = context(name, in: root) else { return nil }
        // Both are read, so that the mistakes of both are told.
        let cluster = cluster(named: context.cluster, in: root)
        let user = context.user.isEmpty ? KubeconfigUser() : user(named: context.user, in: root, cluster)
        guard let cluster, let user else { return nil }
        guard cluster.server.isTLS else {
            // As client-go: who we are is told over TLS only.
            var transport = HTTPTransport()
            transport.proxy = cluster.transport.proxy
            return APIConnection(server: cluster.server.url, transport: transport)
        }
        var transport = cluster.transport
        transport.clientCertificate = user.certificate
        return APIConnection(
            server: cluster.server.url, transport: transport, credentials: user.credentials, headers: user.headers)
    }

    fileprivate mutating func namespace(context name: String?) -> String {
        guard let root = root() else { return "" }
        let named = name ?? text(root, "current-context")
        return entry(of: root, "contexts", "context", named: named).map { text($0, "namespace") } ?? ""
    }

    private mutating func root() -> Field? {
        let bytes: [UInt8]
        do {
            bytes = try ConnectionFile.content(path, limit: ConnectionLimits.kubeconfigBytes)
        } catch {
            mistakes.add(error.words)
            return nil
        }
        do {
            guard let root = try NodeTree.document(of: bytes) else {
                mistakes.add("\(path) is empty")
                return nil
            }
            guard root.isMapping else {
                fail(root, "this is no kubeconfig: it must be a mapping")
                return nil
            }
            checkType(of: root)
            return root
        } catch {
            mistakes.add("\(path):\(error.position.line): \(error.message)")
            return nil
        }
    }

    /// `apiVersion` and `kind` may be left out.
    private mutating func checkType(of root: Field) {
        let version = text(root, "apiVersion")
        let kind = text(root, "kind")
        if kind != "" && kind != "Config" || version != "" && version != "v1" {
            fail(root, "this is no kubeconfig: it has kind \(kind.inQuotes) and apiVersion \(version.inQuotes)")
        }
    }

    private mutating func context(_ name: String?, in root: Field) -> (cluster: String, user: String)? {
        let told = mistakes.count
        let named = name ?? text(root, "current-context")
        guard !named.isEmpty else {
            guard mistakes.count == told else { return nil }
            mistakes.add("\(path): current-context is empty, and no context is named; \(names(in: root, "contexts"))")
            return nil
        }
        guard let context = entry(of: root, "contexts", "context", named: named) else { return nil }
        let cluster = text(context, "cluster")
        if cluster.isEmpty { fail(context, "context \(named.inQuotes) has no cluster") }
        return (cluster, text(context, "user"))
    }
}
