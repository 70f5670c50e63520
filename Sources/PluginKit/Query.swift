public import DNSMessage
public import Telemetry

/// One query on its way through the server. Lives in memory that the worker allocated once; every pointer in it is
/// valid until the reply has left.
public struct Query: ~Copyable {
    /// Which worker handles it; counters are sharded by this.
    public let worker: WorkerSlot
    /// Who asked.
    public var client: SocketAddress
    /// The address that was asked; the wildcard address where the listener does not tell.
    public var server: SocketAddress
    /// How it came.
    public var transport: Transport
    /// The request as received.
    public var request: Request
    /// What is asked; plugins further up may have changed it.
    public var question: QuestionView
    /// Monotonic time of arrival, in nanoseconds.
    public var receivedAt: UInt64
    /// Which zone of which listener took the query: an index into `StartContext.sites`.
    public var site: Int
    /// This server's own limit on a reply over UDP, in bytes; told to clients in the OPT record.
    public var udpSize: Int
    /// Aliases followed so far to come here; 0 for a client's own query.
    public var depth: Int
    /// The answer under construction.
    public var response: Response
    /// Registry position of the plugin that answered; nil when the server itself did.
    public var responder: Int?
    /// Whether a plugin decided that there is no reply.
    public var isDropped: Bool
    /// Why the query failed, for `errors`; nil when nothing went wrong.
    public var failure: Failure?
    /// Whether nobody waits for the reply: a cache refreshes itself, say.
    public var isBackground: Bool
    /// The question as it came, whatever plugins made of it.
    public private(set) var asked: QuestionView
    /// Whom the query belongs to; it outlives the query. Nil in tests of a single plugin.
    public unowned(unsafe) var walk: (any QueryWalk)?
    /// Where values of metadata come from; set by `metadata`, whose block outlives the query.
    unowned(unsafe) var metadataSource: MetadataSource?
    /// Position in the chain of the plugin whose hook runs.
    public internal(set) var link = 0
    /// What plugins remember of this query from one hook to the next, by position in the chain.
    private var notes: [(link: Int, note: AnyObject)] = []
    /// Room for two changed names: a change may be made of the one before.
    private var firstChangedName = NameScratch()
    private var secondChangedName = NameScratch()
    private var usesFirstName = false

    /// Allocates the buffers of one query.
    public init(worker: WorkerSlot, question: QuestionView) {
        self.worker = worker
        self.question = question
        asked = question
        walk = nil
        metadataSource = nil
        isBackground = false
        client = SocketAddress(IPAddress(v4: 0), port: 0)
        server = client
        transport = .udp
        request = Request()
        receivedAt = 0
        site = 0
        udpSize = Self.defaultUDPSize
        depth = 0
        response = Response()
        responder = nil
        isDropped = false
        failure = nil
    }

    /// Starts afresh for a question as it came.
    public mutating func begin(_ question: QuestionView) {
        self.question = question
        asked = question
        responder = nil
        isDropped = false
        isBackground = false
        failure = nil
        metadataSource = nil
        if !notes.isEmpty { notes.removeAll(keepingCapacity: true) }
    }

    /// Asks something else from here on and starts the response afresh. The name is an uncompressed one in wire form,
    /// which is copied.
    public mutating func changeQuestion(
        name wire: UnsafeRawPointer, type: RecordType, class: RecordClass = .internet
    ) {
        usesFirstName.toggle()
        let name = usesFirstName ? firstChangedName.read(copying: wire) : secondChangedName.read(copying: wire)
        question = QuestionView(name: name, type: type, class: `class`)
        response.begin(question, request: request)
    }

    /// What the plugin whose hook runs remembered of this query with `remember`.
    public var note: AnyObject? {
        // Asked for each query. Mutating, because others would copy the query to ask; and going through the list would
        // count a reference to it.
        mutating get {
            if notes.isEmpty { return nil }
            for entry in notes where entry.link == link { return entry.note }
            return nil
        }
    }

    /// Keeps something for a later hook of the same plugin, until the reply has left.
    public mutating func remember(_ note: AnyObject) {
        notes.removeAll { $0.link == link }
        notes.append((link, note))
    }

    /// Gives the query up with an error that `errors` logs: SERVFAIL, no data.
    public mutating func fail(_ failure: Failure, _ code: ResponseCode = .servFail) -> Verdict {
        self.failure = failure
        return .fail(code)
    }

    /// The largest reply the client takes, in bytes, before this server's own limit (RFC 6891 §6.2.3).
    public var clientSize: Int {
        if transport == .tcp { return MessageWriter.maximumLength }
        return max(Int(request.edns?.udpSize ?? 0), Self.plainUDPSize)
    }

    /// What passes every path unfragmented (DNS flag day 2020).
    public static let defaultUDPSize = 1_232

    /// The size every client takes (RFC 1035 §4.2.1).
    public static let plainUDPSize = 512
}

/// Why a query failed: which plugin says so, and a clause.
public struct Failure: Sendable {
    /// `forward`, say; empty for the server itself.
    public var plugin: String
    /// The clause.
    public var text: String

    /// An error for the log.
    public init(plugin: String, _ text: String) {
        self.plugin = plugin
        self.text = text
    }
}

/// What a client's cookie tells of its address (RFC 7873 §5.2).
public enum CookieState: Sendable {
    /// It has none.
    case none
    /// It asks for one.
    case client
    /// It has one that this server does not know, or not any more.
    case stranger
    /// It has been sent a cookie of ours to its address lately: that is no forged one.
    case known
}

/// How a message travels.
public enum Transport: UInt8, Sendable {
    case udp, tcp

    /// The word that logs and metrics use.
    public var label: String { self == .udp ? "udp" : "tcp" }
}

/// The request as received, in the receive buffer.
public struct Request {
    /// The whole message.
    public var bytes: UnsafeRawBufferPointer
    /// The identifier that the reply repeats.
    public var id: UInt16
    /// Header flags; plugins may change them for upstreams.
    public var flags: HeaderFlags
    /// The OPT record, if there is one.
    public var edns: RequestEDNS?
    /// What the client's cookie tells of it.
    public var cookie = CookieState.none

    /// An empty request.
    public init() {
        bytes = UnsafeRawBufferPointer(start: nil, count: 0)
        id = 0
        flags = HeaderFlags()
        edns = nil
    }
}
