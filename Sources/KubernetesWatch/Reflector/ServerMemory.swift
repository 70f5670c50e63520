/// What is known about a server, whichever resource it was learnt by. It is forgotten when the server is out of reach:
/// what comes back may be a newer one, and to ask again costs a refused request.
struct ServerMemory: Hashable, Sendable {
    enum StreamingLists: Hashable, Sendable {
        case untried
        /// A list was completed this way.
        case work
        /// The server says that it does not know them.
        case refused
        /// The server sends events without an end of the list.
        case ignored
    }

    var streamingLists = StreamingLists.untried

    /// Whether a streaming list is worth a try.
    var maySendInitialEvents: Bool { streamingLists == .untried || streamingLists == .work }
}
