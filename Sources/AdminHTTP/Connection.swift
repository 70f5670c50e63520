import Dispatch
import EventLoop
import Glibc
import Sockets

// Touched only on the queue of its server, from its making to its end.
/// One client: reads a request, answers it, and starts over.
final class Connection: EventHandler, @unchecked Sendable {
    /// Longest wait for the first byte of a request.
    static let idleNanosecondsMax: UInt64 = 5_000_000_000
    /// Longest time from the first to the last byte of a request.
    static let readNanosecondsMax: UInt64 = 5_000_000_000
    /// Longest time to take an answer.
    static let writeNanosecondsMax: UInt64 = 5_000_000_000
    /// How long bytes are still read after the last answer, so that a reset does not overtake it.
    static let lingerNanosecondsMax: UInt64 = 1_000_000_000
    /// Bytes read at a time.
    private static let readBytes = 4096

    enum State: Equatable {
        case idle
        case readingHead
        case skippingBody(bytes: Int, then: RequestHead)
        case writing(keepsConnection: Bool)
        case lingering
        case closed
    }

    private(set) var state = State.idle
    private(set) var deadline: UInt64
    private let descriptor: Int32
    private unowned let server: Listener
    private let loop: EventLoop
    private var interest: Interest
    private var input: [UInt8] = []
    /// Bytes of `input` that were searched for the end of a head.
    private var scanned = 0
    private var output: ArraySlice<UInt8> = []
    private var isReading = true
    private var isAwaitingRoom = false

    init(_ descriptor: Int32, server: Listener, _ loop: EventLoop) {
        self.descriptor = descriptor
        interest = Interest(in: descriptor)
        self.server = server
        self.loop = loop
        deadline = EventLoop.now &+ Self.idleNanosecondsMax
    }

    func start() { updateInterest() }

    func onReady(_ readiness: Readiness) {
        dispatchPrecondition(condition: .onQueue(loop.queue))
        if isAwaitingRoom, !readiness.isDisjoint(with: [.writing, .broken]) { write() }
        if isReading, !readiness.isDisjoint(with: [.reading, .broken]) { readable() }
    }

    private func updateInterest() {
        var wanted: Readiness = isReading ? .reading : []
        if isAwaitingRoom { wanted.insert(.writing) }
        if state == .closed { wanted = [] }
        interest.change(to: wanted, in: loop, self)
    }

    /// Ends at once; what was not sent is lost.
    func close() {
        guard state != .closed else { return }
        state = .closed
        (input, output) = ([], [])
        updateInterest()
        Syscall.close(descriptor)
        server.remove(self)
    }

    private func readable() {
        guard state != .closed else { return }
        let outcome = withUnsafeTemporaryAllocation(byteCount: Self.readBytes, alignment: 1) { buffer in
            let outcome = Syscall.receive(descriptor, into: buffer)
            if case .done(let count) = outcome, count > 0 { take(UnsafeRawBufferPointer(buffer)[..<count]) }
            return outcome
        }
        switch outcome {
        case .done(0), .failed: close()
        case .done: proceed()
        case .wouldBlock: break
        }
    }

    private func take(_ bytes: Slice<UnsafeRawBufferPointer>) {
        switch state {
        case .skippingBody(let missing, let head) where missing > bytes.count:
            state = .skippingBody(bytes: missing - bytes.count, then: head)
        case .skippingBody(let missing, let head):
            input += bytes.dropFirst(missing)
            state = .skippingBody(bytes: 0, then: head)
        case .idle, .readingHead, .writing:
            input += bytes
        case .lingering, .closed:
            break
        }
    }

    /// Goes on with what was received, one request at a time.
    private func proceed() {
        switch state {
        case .idle, .readingHead: readHead()
        case .skippingBody(0, let head): answer(head)
        case .skippingBody, .writing, .lingering, .closed: break
        }
    }

    private func readHead() {
        // RFC 9112 §2.2: empty lines before a request are ignored.
        let blank = input.prefix { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }.count
        input.removeFirst(blank)
        guard !input.isEmpty else { return }
        if state == .idle {
            state = .readingHead
            deadline = EventLoop.now &+ Self.readNanosecondsMax
        }
        switch RequestHead.read(input, scanned: scanned) {
        case .incomplete:
            scanned = input.count
        case .failed(let status):
            send(.failure(status), to: "GET", keepsConnection: false)
        case .complete(let head, let length):
            input.removeFirst(length)
            scanned = 0
            let present = min(head.bodyBytes ?? 0, input.count)
            input.removeFirst(present)
            state = .skippingBody(bytes: (head.bodyBytes ?? 0) - present, then: head)
            proceed()
        }
    }

    private func answer(_ head: RequestHead) {
        let response = server.respond(to: head.request)
        send(response, to: head.request.method, keepsConnection: head.keepsConnection)
    }

    private func send(_ response: HTTPResponse, to method: String, keepsConnection: Bool) {
        let date = HTTPDate.text(time(nil))
        output = response.bytes(date: date, includesBody: method != "HEAD", keepsConnection: keepsConnection)[...]
        state = .writing(keepsConnection: keepsConnection)
        deadline = EventLoop.now &+ Self.writeNanosecondsMax
        write()
    }

    private func write() {
        guard case .writing(let keepsConnection) = state else { return }
        while !output.isEmpty {
            switch output.withUnsafeBytes({ Syscall.send(descriptor, $0) }) {
            case .done(let count): output.removeFirst(count)
            case .wouldBlock: return awaitRoom()
            case .failed: return close()
            }
        }
        output = []
        stopAwaitingRoom()
        keepsConnection ? awaitNext() : linger()
    }

    /// A client that does not read its answer is not read from either.
    private func awaitRoom() {
        guard !isAwaitingRoom else { return }
        isAwaitingRoom = true
        isReading = false
        updateInterest()
        server.boundSlowReaders()
    }

    private func stopAwaitingRoom() {
        guard isAwaitingRoom else { return }
        isAwaitingRoom = false
        setReading(true)
    }

    private func setReading(_ isReading: Bool) {
        self.isReading = isReading
        updateInterest()
    }

    private func awaitNext() {
        state = .idle
        deadline = EventLoop.now &+ Self.idleNanosecondsMax
        guard !input.isEmpty else { return }
        // Pipelined requests wait their turn behind other clients, and nothing more is read until they are answered.
        setReading(false)
        loop.queue.async { [weak self] in
            self?.setReading(true)
            self?.proceed()
        }
    }

    private func linger() {
        state = .lingering
        input = []
        deadline = EventLoop.now &+ Self.lingerNanosecondsMax
        Syscall.finishSending(descriptor)
    }
}
