import CLinux
import DNSMessage
import EventLoop
import PluginKit
import Sockets

/// One client's TCP connection: length-prefixed messages, any number at once, answered in order (RFC 7766 §6.2).
/// Reads and writes go through the worker's shared memory; a connection keeps bytes only for a message that has not
/// arrived whole or a reply that the client does not take, and is closed if that takes too long. Owned by the worker's
/// queue.
final class TCPConnection: SocketHandler, LateReplyReceiver, TimerHandler {
    /// What the connection waits for, which has `deadline` to come.
    private enum Expectation {
        case firstMessage
        case nextMessage
        /// However slowly it trickles in.
        case restOfMessage
        /// That the client takes what it asked for.
        case readiness
        /// An answer that takes its time.
        case answer
    }

    let client: SocketAddress
    /// Monotonic time at which the connection is closed unless something happens, in nanoseconds.
    private(set) var deadline: UInt64
    private var expectation = Expectation.firstMessage
    private unowned let table: ConnectionTable
    private let server: SocketAddress
    let listener: WorkerListener
    private var socket: WatchedSocket?
    /// Input that waits for the rest of its message, or for the client to take what it asked for before.
    private var heldInput = HeldBytes()
    private var heldOutput = HeldBytes()
    private var queryCount = 0
    /// Queries that wait for their answer.
    private var owed = 0
    /// Nothing more is read; closed when nothing is owed any more.
    private var isEnding = false

    init(_ table: ConnectionTable, client: SocketAddress, server: SocketAddress, _ listener: WorkerListener) {
        self.table = table
        self.client = client
        self.server = server
        self.listener = listener
        deadline = clinux_monotonic_nanoseconds() + listener.timeouts.read
    }

    func start(_ socket: WatchedSocket) { self.socket = socket }

    /// Bytes that the connection keeps from one event to the next.
    var heldBytes: Int { heldInput.count + heldOutput.count }

    /// Closes the connection whatever it is owed.
    func close() {
        guard let socket else { return }
        self.socket = nil
        if !heldOutput.isEmpty { resetOnClose(socket) }
        table.release(heldBytes)
        heldInput.clear()
        heldOutput.clear()
        table.worker.unwatch(socket)
        table.remove(self)
    }

    /// Makes the kernel forget at once what a client does not take, else it would hold that for minutes.
    private func resetOnClose(_ socket: WatchedSocket) {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket.descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    // MARK: Input

    func onReadable() {
        guard let socket, takesInput else { return }
        let held = takeHeldInput()
        let transfer = Syscall.transfer { read(socket.descriptor, table.memory.input + held, Limits.streamReadLength) }
        switch transfer {
        case .done(0): finish()
        case .failed: close()
        case .done(let count): process(held + count)
        case .wouldBlock: process(held)
        }
    }

    /// Answers the whole messages among `count` bytes of input and holds the rest.
    private func process(_ count: Int) {
        let now = clinux_monotonic_nanoseconds()
        let router = listener.router
        let input = UnsafeRawPointer(table.memory.input)
        var start = 0
        var pending = 0
        var isProgress = false
        // A client that does not take its replies gets no further ones made.
        while socket != nil, takesInput, count - start >= 2 {
            let length = Int(input.bigEndian16(start))
            guard count - start >= 2 + length else { break }
            let message = UnsafeRawBufferPointer(start: input + start + 2, count: length)
            start += 2 + length
            // Empty messages are passed over and keep no connection alive.
            guard length > 0 else { continue }
            isProgress = true
            queryCount += 1
            if queryCount >= listener.queriesMax { isEnding = true }
            answer(message, router, now, &pending)
        }
        if isProgress {
            table.worker.lastQueryAt = now
            if table.isDraining { isEnding = true }
        }
        flush(&pending)
        if isEnding { return finish() }
        hold(input: UnsafeRawBufferPointer(start: input + start, count: count - start))
        setDeadline(now, isProgress)
        updateReading()
    }

    /// A client that does not take its replies, or has very many queries waiting, is not read.
    private var takesInput: Bool { heldOutput.isEmpty && owed < Limits.parkedPerConnection && !isEnding }

    private func answer(_ message: UnsafeRawBufferPointer, _ router: Router, _ now: UInt64, _ pending: inout Int) {
        let arrival = Arrival(
            bytes: message, router: .passUnretained(router), client: client, server: server, transport: .tcp,
            receivedAt: now)
        switch table.worker.walks.resolve(arrival) {
        case .reply(let reply): queue(reply, &pending)
        case .silence: return
        case .later(let walk):
            owed += 1
            walk.wait(for: self)
        }
    }

    private func updateReading() {
        guard let socket else { return }
        takesInput ? socket.setReading(true) : socket.setReading(false)
    }

    /// Takes nothing more and closes when the client has all that it is owed (RFC 7766 §6.2.4).
    func finish() {
        guard socket != nil else { return }
        isEnding = true
        owed == 0 && heldOutput.isEmpty ? close() : updateReading()
    }

    func takeLate(_ reply: UnsafeRawBufferPointer?, _ walk: Walk) {
        owed -= 1
        guard socket != nil else { return }
        if let reply { send(late: reply) }
        guard socket != nil, heldOutput.isEmpty else { return }
        if isEnding { return finish() }
        setDeadline(clinux_monotonic_nanoseconds(), true)
        guard !heldInput.isEmpty else { return updateReading() }
        // Not at once: the shared memory may be in the midst of another connection's input.
        table.worker.loop.schedule(after: 0, self)
    }

    func onTimer(_ token: TimerToken) {
        if socket != nil, takesInput { process(takeHeldInput()) }
    }

    private func setDeadline(_ now: UInt64, _ isProgress: Bool) {
        let expected: Expectation =
            if !heldOutput.isEmpty {
                .readiness
            } else if owed > 0 {
                .answer
            } else if !heldInput.isEmpty {
                .restOfMessage
            } else {
                queryCount > 0 ? .nextMessage : .firstMessage
            }
        guard isProgress || expected != expectation else { return }
        expectation = expected
        deadline = now + timeout(expected)
    }

    private func timeout(_ expectation: Expectation) -> UInt64 {
        switch expectation {
        case .firstMessage, .restOfMessage: listener.timeouts.read
        case .nextMessage, .answer: listener.timeouts.idle
        case .readiness: listener.timeouts.write
        }
    }

    // MARK: Output

    private func queue(_ reply: UnsafeRawBufferPointer, _ pending: inout Int) {
        if pending + 2 + reply.count > StreamMemory.outputLength { flush(&pending) }
        let output = table.memory.output
        output.storeBigEndian(UInt16(truncatingIfNeeded: reply.count), at: pending)
        UnsafeMutableRawBufferPointer(start: output + pending + 2, count: reply.count).copyMemory(from: reply)
        if heldOutput.isEmpty {
            pending += 2 + reply.count
        } else {
            hold(output: UnsafeRawBufferPointer(start: output, count: 2 + reply.count))
        }
    }

    /// Sends a reply beside whatever is being processed, in memory of its own.
    private func send(late reply: UnsafeRawBufferPointer) {
        let output = table.memory.lateOutput
        output.storeBigEndian(UInt16(truncatingIfNeeded: reply.count), at: 0)
        UnsafeMutableRawBufferPointer(start: output + 2, count: reply.count).copyMemory(from: reply)
        send(UnsafeRawBufferPointer(start: output, count: 2 + reply.count))
    }

    /// Writes what is pending; what the kernel does not take is held, and nothing more is read until it is gone.
    private func flush(_ pending: inout Int) {
        guard pending > 0 else { return }
        let output = UnsafeRawBufferPointer(start: table.memory.output, count: pending)
        pending = 0
        send(output)
    }

    private func send(_ output: UnsafeRawBufferPointer) {
        guard let socket else { return }
        // Behind what is held already, which is on its way.
        guard heldOutput.isEmpty else { return hold(output: output) }
        guard let sent = write(output, to: socket) else { return close() }
        guard sent < output.count else { return }
        hold(output: UnsafeRawBufferPointer(rebasing: output[sent...]))
        guard !heldOutput.isEmpty else { return }
        socket.setReading(false)
        socket.whenWritable { [unowned self] in continueOutput() }
    }

    /// The last reply leaves together with the end, so that a client that goes by turns asks nothing in between.
    private var sendFlags: Int32 {
        let isLast = isEnding && owed == 0
        return Int32(isLast ? MSG_NOSIGNAL | MSG_MORE : MSG_NOSIGNAL)
    }

    private func write(_ bytes: UnsafeRawBufferPointer, to socket: WatchedSocket) -> Int? {
        let transfer = Syscall.transfer {
            CLinux.send(socket.descriptor, bytes.baseAddress, bytes.count, sendFlags)
        }
        return switch transfer {
        case .done(let count): count
        case .wouldBlock: 0
        case .failed: nil
        }
    }

    private func continueOutput() {
        guard let socket else { return }
        guard let sent = write(heldOutput.bytes, to: socket) else { return close() }
        table.release(sent)
        heldOutput.removeFirst(sent)
        guard heldOutput.isEmpty else {
            // Taking a little does not win time: else a client could hold its memory for hours.
            return socket.whenWritable { [unowned self] in continueOutput() }
        }
        isEnding ? finish() : process(takeHeldInput())
    }

    // MARK: Held bytes

    private func takeHeldInput() -> Int {
        let count = heldInput.move(to: table.memory.input)
        table.release(count)
        return count
    }

    private func hold(input bytes: UnsafeRawBufferPointer) {
        if reserve(bytes.count) { heldInput.append(bytes) }
    }

    private func hold(output bytes: UnsafeRawBufferPointer) {
        if reserve(bytes.count) { heldOutput.append(bytes) }
    }

    private func reserve(_ count: Int) -> Bool { count > 0 && socket != nil && table.reserve(count, for: self) }
}
