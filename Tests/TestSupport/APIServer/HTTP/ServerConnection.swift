import CLinux
import Dispatch
import Glibc

// Touched only on the queue of its server.
/// One client of the server: reads requests one after another, and sends what is made of them.
final class ServerConnection: @unchecked Sendable {
    /// A client that does not read is let go when so many bytes wait for it.
    private static let outputBytesMax = 512 << 20
    private static let headBytesMax = 64 << 10
    private static let readBytes = 64 << 10

    let number: Int
    /// The request under way.
    private(set) var exchange: Exchange?
    private let descriptor: Int32
    private let queue: DispatchQueue
    private let readSource: any DispatchSourceRead
    private let writeSource: any DispatchSourceWrite
    private var handle: ((APIRequest, ServerConnection) -> Exchange?)?
    private var closed: ((ServerConnection) -> Void)?
    private var input: [UInt8] = []
    /// Bytes of a request's content that are still to come, and are of no interest.
    private var skipped = 0
    private var output: [[UInt8]] = []
    /// How much of `output` has been sent: whole pieces, and bytes of the next one.
    private var (piecesSent, bytesSent) = (0, 0)
    private(set) var bytesWaiting = 0
    private var isAwaitingRoom = false
    private var closesWhenSent = false
    private var isClosed = false
    private var trickle: Trickle?

    /// Bytes at a time, and not sooner.
    private struct Trickle {
        let bytes: Int
        let timer: QueueTimer
        var allowed: Int
    }

    init(_ descriptor: Int32, number: Int, queue: DispatchQueue, group: DispatchGroup) {
        self.descriptor = descriptor
        self.number = number
        self.queue = queue
        readSource = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        writeSource = DispatchSource.makeWriteSource(fileDescriptor: descriptor, queue: queue)
        // The descriptor may be closed only when Dispatch has let go of both sources.
        let sources = DispatchGroup()
        for source in [readSource as any DispatchSourceProtocol, writeSource] {
            sources.enter()
            source.setCancelHandler { sources.leave() }
        }
        group.enter()
        sources.notify(queue: queue) {
            Glibc.close(descriptor)
            group.leave()
        }
    }

    func start(
        _ handle: @escaping (APIRequest, ServerConnection) -> Exchange?, closed: @escaping (ServerConnection) -> Void
    ) {
        (self.handle, self.closed) = (handle, closed)
        readSource.setEventHandler { [weak self] in self?.readable() }
        writeSource.setEventHandler { [weak self] in self?.flush() }
        readSource.resume()
    }

    // MARK: Ends

    /// Ends at once. What was not sent is lost; with `resets` the client's system is told so.
    func close(resets: Bool = false) {
        guard !isClosed else { return }
        isClosed = true
        if resets {
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        }
        (input, output, trickle) = ([], [], nil)
        exchange?.connectionClosed()
        exchange = nil
        readSource.cancel()
        writeSource.cancel()
        // Dispatch runs the cancel handler of a source only while that is not suspended.
        if !isAwaitingRoom { writeSource.resume() }
        closed?(self)
        (handle, closed) = (nil, nil)
    }

    /// Ends once everything has been sent.
    func closeWhenSent() {
        closesWhenSent = true
        flush()
    }

    /// The exchange is over; the next request may come.
    func exchangeEnded() {
        exchange = nil
        guard !isClosed, !closesWhenSent else { return }
        // Not from within the exchange.
        queue.async { [weak self] in self?.proceed() }
    }

    /// From now on only so many bytes at a time.
    func slowDown(to bytes: Int, every interval: Duration) {
        let timer = QueueTimer(queue, after: interval, repeating: true) { [weak self] in
            self?.trickle?.allowed = bytes
            self?.flush()
        }
        trickle = Trickle(bytes: bytes, timer: timer, allowed: bytes)
    }

    /// As fast as the client reads, again.
    func speedUp() {
        trickle = nil
        flush()
    }

    // MARK: Requests

    private func readable() {
        dispatchPrecondition(condition: .onQueue(queue))
        guard !isClosed else { return }
        let count = withUnsafeTemporaryAllocation(byteCount: Self.readBytes, alignment: 1) { buffer in
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count > 0 { input.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
            return count
        }
        if count > 0 { return proceed() }
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        close()
    }

    private func proceed() {
        guard !isClosed, !closesWhenSent, exchange == nil else { return }
        let dropped = min(skipped, input.count)
        input.removeFirst(dropped)
        skipped -= dropped
        guard skipped == 0, let length = headLength() else { return }
        let head = Array(input[..<length])
        input.removeFirst(length + 4)
        guard
            let request = APIRequest(head: head, connection: number, nanoseconds: clinux_monotonic_nanoseconds())
        else {
            send(Array("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8))
            return closeWhenSent()
        }
        skipped = request.headers["content-length"].flatMap(Int.init) ?? 0
        let begun = handle?(request, self)
        if let begun, !begun.isOver {
            // The client may have gone while it was answered.
            if isClosed { begun.connectionClosed() } else { exchange = begun }
        }
        // A response that was complete at once leaves room for the next request.
        if exchange == nil, !isClosed, !closesWhenSent, !input.isEmpty {
            queue.async { [weak self] in self?.proceed() }
        }
    }

    private func headLength() -> Int? {
        let end = Array("\r\n\r\n".utf8)
        guard input.count >= end.count else { return nil }
        for start in 0...(input.count - end.count) where input[start] == end[0] {
            if input[start..<start + end.count].elementsEqual(end) { return start }
        }
        if input.count > Self.headBytesMax { close() }
        return nil
    }

    // MARK: Output

    func send(_ bytes: [UInt8]) {
        guard !isClosed, !bytes.isEmpty else { return }
        output.append(bytes)
        bytesWaiting += bytes.count
        flush()
        if bytesWaiting > Self.outputBytesMax { close() }
    }

    private func flush() {
        guard !isClosed else { return }
        while piecesSent < output.count {
            let count = sendNext()
            if count < 0 { return errno == EAGAIN ? awaitRoom() : close() }
            if count == 0 { return stopAwaitingRoom() }
            bytesSent += count
            bytesWaiting -= count
            if bytesSent == output[piecesSent].count { (piecesSent, bytesSent) = (piecesSent + 1, 0) }
        }
        output.removeAll(keepingCapacity: true)
        piecesSent = 0
        stopAwaitingRoom()
        if closesWhenSent { finishSending() }
    }

    /// Bytes sent, 0 when no more may be sent now, or -1 and `errno`.
    private func sendNext() -> Int {
        let piece = output[piecesSent]
        let length = min(piece.count - bytesSent, trickle?.allowed ?? .max)
        guard length > 0 else { return 0 }
        let count = piece.withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress.map { $0 + bytesSent }, length, Int32(MSG_NOSIGNAL))
        }
        if count > 0 { trickle?.allowed -= count }
        return count
    }

    /// Ends the stream so that the client sees an end, and no reset that might overtake the last bytes.
    private func finishSending() {
        shutdown(descriptor, Int32(SHUT_WR))
        exchange?.connectionClosed()
        exchange = nil
    }

    private func awaitRoom() {
        guard !isAwaitingRoom else { return }
        isAwaitingRoom = true
        writeSource.resume()
    }

    private func stopAwaitingRoom() {
        guard isAwaitingRoom else { return }
        isAwaitingRoom = false
        writeSource.suspend()
    }
}
