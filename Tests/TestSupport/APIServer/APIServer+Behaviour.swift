public import KubernetesWatch

extension APIServer {
    /// What kind of server it is.
    public struct Behaviour: Sendable {
        /// Whether watches may begin with a list.
        public var streamingLists = StreamingLists.offered
        /// False is a server, or a proxy, that knows JSON only.
        public var offersProtobuf = true
        /// What there is; without `.endpointSlices` the group discovery.k8s.io is unknown, and so on.
        public var resources = Set(WatchedResource.allCases)
        /// Who may ask.
        public var users = Users.anybody
        /// What nobody may.
        public var forbidden: Set<Permission> = []
        /// Time between bookmarks.
        public var bookmarkInterval = Duration.seconds(60)
        /// How long watches last that do not say it.
        public var watchDuration = Duration.seconds(1_800)
        /// JSON for single paths, queries left away, whatever is stored.
        public var documents: [String: String] = [:]
        /// How long a future version is waited for.
        public var futureVersionPatience = Duration.seconds(3)
        /// Whether members of JSON objects come in the order that is hardest to stream: what they are comes last.
        public var reversesMembers = false
        /// Changes that are remembered; set it before the start.
        public var historyMax = 4_000

        /// A server of today that anybody may ask anything.
        public init() {}
    }

    /// Whether watches may begin with a list (`sendInitialEvents`).
    public enum StreamingLists: Sendable {
        case offered
        /// The feature gate is off, as in 1.27 to 1.33.
        case switchedOff
        /// The parameter is ignored, as before 1.27.
        case unknown
    }

    /// Who may ask.
    public enum Users: Sendable {
        case anybody
        /// Bearer tokens, and subjects of certificates that a TLSFront has checked (`CN=name,O=group`), with the names
        /// of the users; everybody else gets 401.
        case known(tokens: [String: String], certificates: [String: String] = [:])
    }

    /// A verb on a resource.
    public struct Permission: Hashable, Sendable {
        /// What is wanted.
        public var verb: APIRequest.Verb
        /// Of what.
        public var resource: WatchedResource

        /// A permission.
        public init(_ verb: APIRequest.Verb, _ resource: WatchedResource) {
            self.verb = verb
            self.resource = resource
        }
    }

    /// Changes what kind of server it is, for requests from now on.
    public func configure(_ change: (inout Behaviour) -> Void) {
        perform { core in
            change(&core.behaviour)
            core.framedLists = [:]
        }
    }

    /// Sends a bookmark to every watch that allows them.
    public func sendBookmarks() {
        perform { core in
            for exchange in core.watches.values.joined() { core.bookmark(exchange) }
        }
    }
}
