/// Bytes of a real server, sent as they are up to a point that a test moves.
struct RecordedStream {
    let bytes: [UInt8]
    var limit: Int
    /// Who gets them, and how much each has got.
    var receivers: [(exchange: Exchange, sent: Int)] = []
}

extension APIServer {
    /// What comes of a request instead of the store's answer.
    public enum Answer: Sendable {
        /// A recorded stream, head and all, from its beginning.
        case recorded(String)
        /// These bytes, head and all; then the connection ends, or waits for the next request.
        case raw([UInt8], closes: Bool)
        /// A response.
        case canned(CannedResponse)
        /// A Status, in the form that the client accepts; for a watch with `asEvent` 200 and an ERROR event.
        case status(APIServerStatus, asEvent: Bool)
    }

    /// Answers requests from now on, as far as `answer` does; the store answers the rest. `answer` runs on the server's
    /// queue.
    public func answer(_ answer: (@Sendable (APIRequest) -> Answer?)?) {
        perform { $0.answering = answer }
    }

    /// Keeps bytes, head and all, under a name that `answer` can give. So many of them may be sent.
    public func record(_ name: String, _ bytes: [UInt8], upTo limit: Int = .max) {
        perform { $0.recorded[name] = RecordedStream(bytes: bytes, limit: limit) }
    }

    /// Lets more of a recorded stream be sent.
    public func advance(_ name: String, to limit: Int) {
        perform { core in
            core.recorded[name]?.limit = limit
            core.sendRecorded(name)
        }
    }

    /// Names of the recorded streams that somebody receives.
    public var recordedInUse: Set<String> {
        perform { Set($0.recorded.filter { !$0.value.receivers.isEmpty }.keys) }
    }

}

extension ServerCore {
    func play(_ name: String, to exchange: Exchange) {
        guard recorded[name] != nil else { preconditionFailure("no stream '\(name)' was recorded") }
        recorded[name]?.receivers.append((exchange, 0))
        sendRecorded(name)
    }

    fileprivate func sendRecorded(_ name: String) {
        guard var stream = recorded[name] else { return }
        let end = min(stream.limit, stream.bytes.count)
        for index in stream.receivers.indices {
            let (exchange, sent) = stream.receivers[index]
            guard sent < end, !exchange.isOver else { continue }
            exchange.sendFramed(Array(stream.bytes[sent..<end]))
            stream.receivers[index].sent = end
            // The recording is over when its last byte is: as it ended then.
            if end == stream.bytes.count { exchange.endRecorded(stream.bytes) }
        }
        stream.receivers.removeAll { $0.exchange.isOver }
        recorded[name] = stream
    }
}
