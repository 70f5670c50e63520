import Dispatch
import KubernetesWatch

/// One request and its response, with whatever goes wrong with it. Belongs to the queue of its server.
final class Exchange {
    /// What is withheld from a client is bounded.
    private static let heldBytesMax = 256 << 20
    private static let pieceBytes = 16 << 10

    let request: APIRequest
    /// The watch that the response is; nil for others.
    var watch: WatchStream?
    private(set) var isOver = false
    private unowned let connection: ServerConnection
    private var fault: (what: StreamFault, moment: Fault.Moment)?
    private var sendsTwice = false
    private var (payloadBytes, events) = (0, 0)
    /// What is withheld; nil while nothing is.
    private var held: [[UInt8]]?
    private var heldBytes = 0
    private var endsWhenHealed = false
    private var patience: QueueTimer?

    init(_ request: APIRequest, _ connection: ServerConnection) {
        self.request = request
        self.connection = connection
    }

    /// Has something go wrong later.
    func expect(_ fault: StreamFault, _ moment: Fault.Moment) { self.fault = (fault, moment) }

    /// Whether nothing special is to happen to events.
    var isPlain: Bool { fault == nil && !sendsTwice && held == nil }

    /// Does something later, if the client is still there.
    func wait(_ duration: Duration, _ queue: DispatchQueue, _ action: @escaping () -> Void) {
        patience = QueueTimer(queue, after: duration, action)
    }

    // MARK: Response

    /// A whole response; small ones say their length.
    func respond(_ head: ResponseHead, _ body: [UInt8]) {
        var head = head
        if fault == nil, body.count <= ResponseHead.knownLengthMax || !head.mayBeChunked {
            head.fields.append(("Content-Length", "\(body.count)"))
            emit(head.bytes)
            emit(body)
            return finish()
        }
        begin(head)
        for start in stride(from: 0, to: body.count, by: Self.pieceBytes) where !isOver {
            send(Chunk(payload: Array(body[start..<min(start + Self.pieceBytes, body.count)])))
        }
        end()
    }

    /// The head of a response in chunks.
    func begin(_ head: ResponseHead) {
        var head = head
        head.fields.append(("Transfer-Encoding", "chunked"))
        emit(head.bytes)
        switch fault?.moment {
        case .afterHead, .afterBytes(0), .afterEvents(0): strikeExpected()
        default: break
        }
    }

    /// One event, or piece of a list.
    func send(_ chunk: Chunk) {
        guard !isOver, !endsWhenHealed else { return }
        guard let (what, moment) = fault else {
            emit(chunk.framed)
            if sendsTwice { emit(chunk.framed) }
            return
        }
        if case .afterBytes(let limit) = moment, payloadBytes + chunk.payload.count > limit {
            fault = nil
            return strike(what, in: chunk, at: limit - payloadBytes)
        }
        emit(chunk.framed)
        events += 1
        payloadBytes += chunk.payload.count
        if case .afterEvents(let limit) = moment, events >= limit { strikeExpected() }
    }

    /// Bytes that are framed already.
    func sendFramed(_ bytes: [UInt8]) {
        guard !isOver else { return }
        emit(bytes)
    }

    /// The end of a response in chunks.
    func end() {
        guard !isOver else { return }
        emit(Array("0\r\n\r\n".utf8))
        finish()
    }

    /// Everything of a recording has been sent: if that was no whole response, the connection ends.
    func endRecorded(_ bytes: [UInt8]) {
        let isChunked = bytes.suffix(5).elementsEqual("0\r\n\r\n".utf8)
        isChunked ? finish() : leave([])
    }

    private func finish() {
        if held != nil {
            endsWhenHealed = true
            watch?.stop()
            return
        }
        over()
        connection.exchangeEnded()
    }

    private func over() {
        isOver = true
        patience = nil
        watch?.stop()
    }

    /// Nobody is there any more.
    func connectionClosed() {
        over()
        held = nil
    }

    // MARK: Faults

    private func strikeExpected() {
        guard let (what, _) = fault else { return }
        fault = nil
        strike(what)
    }

    /// Something goes wrong now, between two events.
    func strike(_ fault: StreamFault) {
        guard !isOver else { return }
        switch fault {
        case .hang: hold()
        case .reset: connection.close(resets: true)
        case .cut: leave(Array("400\r\n".utf8) + brokenEvent(length: 600))
        case .cutFrame:
            send(Chunk(payload: brokenEvent(length: 600)))
            end()
        case .end: end()
        case .garbage: send(Chunk(payload: [0xFF, 0x00, 0x7B, 0x0A] + Array("\u{7}garbage}\n\n{[".utf8) + [0x0A]))
        case .garbledFraming:
            emit(Array("zzzz\r\nthis is no chunk\r\n".utf8))
            hold()
        case .wrongLength: send(Chunk(payload: brokenEvent(length: 9)))
        case .error(let status):
            if let watch { send(watch.writer.error(status)) }
            end()
        case .duplicates: sendsTwice = true
        }
    }

    /// Something goes wrong in the middle of an event.
    private func strike(_ fault: StreamFault, in chunk: Chunk, at place: Int) {
        let header = chunk.framed.count - chunk.payload.count - 2
        let (sent, rest) = (Array(chunk.framed[..<(header + place)]), Array(chunk.framed[(header + place)...]))
        switch fault {
        case .hang:
            emit(sent)
            hold()
            emit(rest)
        case .cut: leave(sent)
        case .reset:
            emit(sent)
            connection.close(resets: true)
        case .cutFrame:
            if place > 0 { send(Chunk(payload: Array(chunk.payload[..<place]))) }
            end()
        // Within a chunk they would be content.
        case .garbledFraming, .end, .garbage, .wrongLength, .error, .duplicates:
            send(chunk)
            strike(fault)
        }
    }

    /// Last words.
    private func leave(_ bytes: [UInt8]) {
        emit(bytes)
        over()
        connection.closeWhenSent()
    }

    /// The beginning of an event that claims to be so long.
    private func brokenEvent(length: Int) -> [UInt8] {
        guard watch?.writer.form == .protobuf else {
            return Array((length > 100 ? #"{"type":"ADDED","object":{"kind""# : "{\"type\":\"ADDED\",\"obj\n").utf8)
        }
        return [0, 0, UInt8(length >> 8), UInt8(length & 0xFF), 0x0A, 5] + Array("ADDED".utf8)
            + [0x12, 0x80, 1, 0x0A, 0x7E] + Array("k8s\0".utf8)
    }

    // MARK: Withholding

    /// Nothing more is sent until `release`.
    func hold() { held = held ?? [] }

    /// Sends what was withheld; nothing more goes wrong.
    func release() {
        (fault, sendsTwice) = (nil, false)
        connection.speedUp()
        guard let pieces = held else { return }
        (held, heldBytes) = (nil, 0)
        for piece in pieces { emit(piece) }
        if endsWhenHealed, !isOver { finish() }
    }

    /// Ends the response in order, without what was withheld, and then the connection: the server goes away.
    func endForGood() {
        (held, heldBytes) = (nil, 0)
        leave(Array("0\r\n\r\n".utf8))
    }

    func slowDown(to bytes: Int, every interval: Duration) { connection.slowDown(to: bytes, every: interval) }

    private func emit(_ bytes: [UInt8]) {
        guard held != nil else { return connection.send(bytes) }
        heldBytes += bytes.count
        if heldBytes <= Self.heldBytesMax { held?.append(bytes) }
    }
}
