import HTTPClient
import YAML

extension APIConnection {
    /// What a context of a kubeconfig comes down to: the current one where none is named. Only what belongs to the
    /// context is looked at; fields that nobody knows are passed over.
    public static func kubeconfig(_ path: String, context: String? = nil) throws(ConnectionError) -> APIConnection {
        try kubeconfig(merging: [path], context: context)
    }

    /// The same for several files that count as one, as `KUBECONFIG` lists them: of entries with one name the first
    /// counts, and the current context is that of the first file that has one.
    public static func kubeconfig(
        merging paths: [String], context: String? = nil
    ) throws(ConnectionError) -> APIConnection {
        var reader = KubeconfigReader(paths: paths)
        let connection = reader.connection(context: context)
        guard let connection, reader.mistakes.isEmpty else { throw reader.mistakes.error }
        return connection
    }

    /// The namespace that a kubeconfig's context names, its current one where none is; nil where there is none.
    public static func namespace(ofKubeconfig path: String, context: String? = nil) -> String? {
        namespace(ofKubeconfigs: [path], context: context)
    }

    /// The same for several files that count as one.
    public static func namespace(ofKubeconfigs paths: [String], context: String? = nil) -> String? {
        var reader = KubeconfigReader(paths: paths)
        let namespace = reader.namespace(context: context)
        return namespace.isEmpty ? nil : namespace
    }
}

extension KubeconfigReader {
    fileprivate mutating func connection(context name: String?) -> APIConnection? {
        guard readFiles(), let context = context(name) else { return nil }
        // Both are read, so that the mistakes of both are told.
        let cluster = cluster(named: context.cluster)
        let user = context.user.isEmpty ? KubeconfigUser() : user(named: context.user, cluster)
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
        guard readFiles() else { return "" }
        let named = name ?? currentContext()
        return entry("contexts", "context", named: named).map { text($0, "namespace") } ?? ""
    }

    /// False, and mistakes more, where one of the files cannot be read.
    private mutating func readFiles() -> Bool {
        for path in paths {
            self.path = path
            guard let root = root() else { return false }
            files.append((path, root))
        }
        return !files.isEmpty
    }

    private mutating func currentContext() -> String {
        for file in files {
            path = file.path
            let named = text(file.root, "current-context")
            if !named.isEmpty { return named }
        }
        return ""
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

    private mutating func context(_ name: String?) -> (cluster: String, user: String)? {
        let told = mistakes.count
        let named = name ?? currentContext()
        guard !named.isEmpty else {
            guard mistakes.count == told else { return nil }
            path = allPaths
            mistakes.add("\(path): current-context is empty, and no context is named; \(names("contexts"))")
            return nil
        }
        guard let context = entry("contexts", "context", named: named) else { return nil }
        let cluster = text(context, "cluster")
        if cluster.isEmpty { fail(context, "context \(named.inQuotes) has no cluster") }
        return (cluster, text(context, "user"))
    }
}
