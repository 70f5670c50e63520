public import ClusterIndex

/// The names of a Kubernetes cluster inside a program: watched, indexed and looked up without a packet.
///
///     let directory = try await ClusterDirectory(.inCluster)
///     let addresses = try await directory.addresses(of: "web.prod").values
///     for await set in directory.endpoints(of: "web", in: "prod", port: "http") {
///         print(set.endpoints.map(\.address))
///     }
///
/// Answers are those of a clusterdns server with the same options. A relative name is looked for as a pod of the
/// directory's namespace does: `web` in its own, `web.prod` in `prod`. Names that are not the cluster's go to
/// `DirectoryOptions.fallback`.
///
/// When the API server goes away, the directory goes on with what it knows, and catches up when the server is back;
/// `status` tells. All functions may be called from any thread. It ends with `close()`, or when it is let go.
public final class ClusterDirectory: Sendable {
    let feed: DirectoryFeed
    let names: ClusterNames

    /// A directory that is in sync. Throws, and leaves nothing behind, if it is not so within `timeout`, or if
    /// manifests have mistakes.
    public convenience init(
        _ source: DirectorySource, options: DirectoryOptions = DirectoryOptions(), timeout: Duration = .seconds(10)
    ) async throws(DirectoryError) {
        try self.init(starting: source, options: options)
        try await waitUntilSynced(timeout: timeout)
        let mistakes = feed.board.manifestMistakes
        guard mistakes.isEmpty else { throw .manifests(mistakes) }
    }

    /// A directory that begins to watch and does not wait. Throws only what no waiting would mend: there is no way to
    /// reach an API server.
    ///
    /// Until it is in sync, a look-up of a name that is not known fails with SERVFAIL, for the name may well exist.
    public init(
        starting source: DirectorySource, options: DirectoryOptions = DirectoryOptions()
    ) throws(DirectoryError) {
        names = try ClusterNames(options, namespace: options.namespace ?? source.namespace() ?? "default")
        feed = try DirectoryFeed(source, options.index)
    }

    deinit { feed.close() }

    /// Waits until everything has arrived once; whatever fails meanwhile is tried again, and told at the end.
    public func waitUntilSynced(timeout: Duration = .seconds(10)) async throws(DirectoryError) {
        switch await feed.waitForSync(timeout) {
        case .done: return
        case .timedOut: throw feed.board.hindrance
        case nil: throw Task.isCancelled ? .cancelled : .closed
        }
    }

    /// How it is doing.
    public var status: DirectoryStatus { feed.board.status }

    /// Ends it: look-ups fail from now on, and every `for await` ends.
    public func close() { feed.close() }

    // MARK: Endpoints

    /// The ready endpoints of a port of a service, now and whenever they change. Without `namespace` it is the
    /// directory's own. Any number of tasks may listen; a change costs as much as there are listeners to that service.
    ///
    ///     for await set in directory.endpoints(of: "web", in: "prod", port: "http") {
    ///         connections.balance(over: set.endpoints)
    ///     }
    public func endpoints(
        of service: String, in namespace: String? = nil, port: PortChoice = .first
    ) -> EndpointChanges {
        EndpointChanges(self, topic(service, namespace, port))
    }

    /// The ready endpoints of a port of a service as they are known now, for one that asks at every request. Nil before
    /// the directory is in sync, and when it is closed.
    public func currentEndpoints(
        of service: String, in namespace: String? = nil, port: PortChoice = .first
    ) -> EndpointSet? {
        guard let newest = feed.board.newest, newest.isComplete else { return nil }
        return EndpointSet(of: topic(service, namespace, port), in: newest.index)
    }

    private func topic(_ service: String, _ namespace: String?, _ port: PortChoice) -> EndpointTopic {
        EndpointTopic(ObjectKey(namespace: namespace ?? names.namespace, name: service), port)
    }
}
