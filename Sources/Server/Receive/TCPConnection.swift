import CLinux
import DNSMessage
import PluginKit

/// One client's TCP connection: length-prefixed messages, any number at once, answered in order (RFC 7766 §6.2).
/// Reads and writes go through the worker's shared memory; a connection keeps bytes only for a message that has not
/// arrived whole or a reply that the client does not take, and is closed if that takes too long. Owned by the worker's
/// queue.
final class TCPConnection: SocketHandler {
    let client: SocketAddress
    /// Monotonic time at which the connection is closed unless something happens, in nanoseconds.
    private(set) var deadline: UInt64
    private unowned let table: ConnectionTable
    private let server: SocketAddress
    private let router: Router
    private var socket: WatchedSocket?
    /// Input that waits for the rest of its message, or for the client to take what it asked for before.
    private var heldInput: HeldBytes
    private var heldOutput: HeldBytes
    private var hasAnswered = false
    private var partialSince: UInt64?

    init(_ table: ConnectionTable, client: SocketAddress, server: SocketAddress, _ router: Router) {
        self.table = table
        self.client = client
        self.server = server
        self.router = router
        heldInput = HeldBytes()
        heldOutput = HeldBytes()
        deadline = clinux_monotonic_nanoseconds() + table.timeouts.read
    }

    func start(_ socket: WatchedSocket) { self.socket = socket }

    /// Closes the connection whatever it is owed.
    func close() {
        guard let socket else { return }
        self.socket = nil
        table.heldBytes -= heldInput.count + heldOutput.count
        heldInput.clear()
        heldOutput.clear()
        table.worker.unwatch(socket)
        table.remove(self)
    }

    func onReadable() {
        guard let socket, heldOutput.isEmpty else { return }
        let held = takeHeldInput()
        let transfer = Syscall.transfer { read(socket.descriptor, table.memory.input + held, Limits.streamReadLength) }
        switch transfer {
        case .done(0), .failed: close()
        case .done(let count): process(held + count)
        case .wouldBlock: process(held)
        }
    }

    /// Answers the whole messages among `count` bytes of input and holds the rest.
    private func process(_ count: Int) {
        let now = clinux_monotonic_nanoseconds()
        let input = UnsafeRawPointer(table.memory.input)
        var start = 0
        var pending = 0
        // A client that does not take its replies gets no further ones made.
        while heldOutput.isEmpty, count - start >= 2 {
            let length = Int(input.bigEndian16(start))
            guard count - start >= 2 + length else { break }
            let message = UnsafeRawBufferPointer(start: input + start + 2, count: length)
            start += 2 + length
            partialSince = nil
            if let reply = answer(message, now) { queue(reply, &pending) }
        }
        flush(&pending)
        guard socket != nil else { return }
        hold(input: UnsafeRawBufferPointer(start: input + start, count: count - start))
        setDeadline(now)
    }

    private func answer(_ message: UnsafeRawBufferPointer, _ now: UInt64) -> UnsafeRawBufferPointer? {
        guard !message.isEmpty else { return nil }
        hasAnswered = true
        return table.worker.resolver.reply(
            to: message, through: router, from: client, at: server, over: .tcp, receivedAt: now)
    }

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

    /// Writes what is pending; what the kernel does not take is held, and nothing more is read until it is gone.
    private func flush(_ pending: inout Int) {
        guard let socket, pending > 0 else { return }
        let sent = write(UnsafeRawBufferPointer(start: table.memory.output, count: pending), to: socket)
        guard let sent else { return close() }
        if sent < pending {
            hold(output: UnsafeRawBufferPointer(start: table.memory.output + sent, count: pending - sent))
            waitForClient(socket)
        }
        pending = 0
    }

    private func write(_ bytes: UnsafeRawBufferPointer, to socket: WatchedSocket) -> Int? {
        let transfer = Syscall.transfer {
            send(socket.descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        }
        return switch transfer {
        case .done(let count): count
        case .wouldBlock: 0
        case .failed: nil
        }
    }

    private func waitForClient(_ socket: WatchedSocket) {
        table.worker.pause(socket)
        socket.whenWritable { [unowned self] in continueOutput() }
    }

    private func continueOutput() {
        guard let socket else { return }
        guard let sent = write(heldOutput.bytes, to: socket) else { return close() }
        table.heldBytes -= sent
        heldOutput.removeFirst(sent)
        guard heldOutput.isEmpty else {
            if sent > 0 { setDeadline(clinux_monotonic_nanoseconds()) }
            return socket.whenWritable { [unowned self] in continueOutput() }
        }
        table.worker.resume(socket)
        process(takeHeldInput())
    }

    private func takeHeldInput() -> Int {
        let count = heldInput.move(to: table.memory.input)
        table.heldBytes -= count
        return count
    }

    private func hold(input bytes: UnsafeRawBufferPointer) {
        if reserve(bytes.count) { heldInput.append(bytes) }
    }

    private func hold(output bytes: UnsafeRawBufferPointer) {
        if reserve(bytes.count) { heldOutput.append(bytes) }
    }

    /// Takes from what the worker's connections may hold together; a connection that wants more is closed.
    private func reserve(_ count: Int) -> Bool {
        guard count > 0, socket != nil else { return false }
        guard table.heldBytes + count <= Limits.heldBytesMax else {
            close()
            return false
        }
        table.heldBytes += count
        return true
    }

    /// A message once begun has the read time-out, however slowly it trickles in.
    private func setDeadline(_ now: UInt64) {
        if !heldOutput.isEmpty {
            deadline = now + table.timeouts.write
        } else if !heldInput.isEmpty {
            partialSince = partialSince ?? now
            deadline = (partialSince ?? now) + table.timeouts.read
        } else if hasAnswered {
            deadline = now + table.timeouts.idle
        }
    }
}

/// Bytes that wait for something; no memory while there are none.
struct HeldBytes {
    private var storage: UnsafeMutableRawBufferPointer?
    private var start = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    var bytes: UnsafeRawBufferPointer {
        guard let base = storage?.baseAddress else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: base + start, count: count)
    }

    mutating func append(_ more: UnsafeRawBufferPointer) {
        let joined = UnsafeMutableRawBufferPointer.allocate(byteCount: count + more.count, alignment: 8)
        joined.copyMemory(from: bytes)
        UnsafeMutableRawBufferPointer(rebasing: joined[count...]).copyMemory(from: more)
        let total = count + more.count
        clear()
        storage = joined
        count = total
    }

    mutating func removeFirst(_ number: Int) {
        start += number
        count -= number
        if count == 0 { clear() }
    }

    /// Copies the bytes out and lets their memory go.
    mutating func move(to target: UnsafeMutableRawPointer) -> Int {
        let moved = count
        if let source = bytes.baseAddress { target.copyMemory(from: source, byteCount: moved) }
        clear()
        return moved
    }

    mutating func clear() {
        storage?.deallocate()
        storage = nil
        start = 0
        count = 0
    }
}
