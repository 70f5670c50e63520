import CLinux
import Dispatch
import DNSMessage
import EventLoop
import PluginKit
import Sockets

/// A worker's TCP connections: their places, their time-outs and the memory that they share. Owned by the worker's
/// queue, but for the limiter, which all workers share.
final class ConnectionTable {
    unowned let worker: Worker
    /// Set when the server is about to end: a connection is closed behind its next reply.
    var isDraining = false
    let settings: StreamSettings
    let memory = StreamMemory()
    private let heldBytesMax: Int
    private var heldBytes = 0
    private let limiter: ConnectionLimiter
    private var connections: [ObjectIdentifier: TCPConnection] = [:]
    private let timer: any DispatchSourceTimer

    init(_ worker: Worker, _ limiter: ConnectionLimiter, _ settings: StreamSettings) {
        self.worker = worker
        self.limiter = limiter
        self.settings = settings
        heldBytesMax = settings.heldBytesMax
        timer = DispatchSource.makeTimerSource(queue: worker.queue)
        timer.setEventHandler { [weak self] in self?.closeExpired() }
        timer.schedule(deadline: .distantFuture)
        timer.activate()
    }

    deinit { timer.cancel() }

    /// The time-outs of a listener's connections.
    func timeouts(_ options: StreamOptions) -> StreamTimeouts { StreamTimeouts(settings, options) }

    // MARK: Connections

    /// Takes a connection over, or closes it if there are too many already.
    func add(_ descriptor: Int32, from client: SocketAddress, _ listener: WorkerListener) {
        guard limiter.admit(client.address) else {
            close(descriptor)
            return
        }
        let server = Syscall.localAddress(descriptor) ?? listener.address.socketAddress
        let connection = TCPConnection(self, client: client, server: server, listener)
        if connections.isEmpty { startTimer() }
        connections[ObjectIdentifier(connection)] = connection
        connection.start(worker.watch(descriptor, connection))
    }

    /// Lets a connection go that has closed itself.
    func remove(_ connection: TCPConnection) {
        guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        limiter.release(connection.client.address)
        if connections.isEmpty { timer.schedule(deadline: .distantFuture) }
    }

    /// Answers what has arrived, and closes every connection of a listener.
    func closeAll(of listener: WorkerListener) {
        for connection in Array(connections.values) where connection.listener === listener {
            connection.onReadable()
            connection.finish()
        }
    }

    // MARK: Time

    private func startTimer() {
        // Shorter than a quarter of what a Corefile can ask for.
        let nanoseconds = timeouts(StreamOptions()).checkInterval
        let interval = DispatchTimeInterval.nanoseconds(nanoseconds)
        let leeway = DispatchTimeInterval.nanoseconds(nanoseconds / 4)
        timer.schedule(deadline: .now() + interval, repeating: interval, leeway: leeway)
    }

    private func closeExpired() {
        let now = clinux_monotonic_nanoseconds()
        for connection in Array(connections.values) where connection.deadline <= now { connection.close() }
    }

    // MARK: Memory

    /// Takes from what the connections may hold together. When that is used up, whoever holds most is closed, be it
    /// the one that asks, so that a few slow readers cannot push the others out.
    func reserve(_ count: Int, for connection: TCPConnection) -> Bool {
        while heldBytes + count > heldBytesMax {
            let largest = connections.values.max { $0.heldBytes < $1.heldBytes }
            guard let largest, largest.heldBytes > connection.heldBytes + count else {
                connection.close()
                return false
            }
            largest.close()
        }
        heldBytes += count
        return true
    }

    /// Gives back what was reserved.
    func release(_ count: Int) { heldBytes -= count }
}

/// The settings' time-outs in the clock's unit, nanoseconds.
struct StreamTimeouts {
    let read: UInt64
    let idle: UInt64
    let write: UInt64

    init(_ settings: StreamSettings, _ options: StreamOptions) {
        read = (options.readTimeout ?? settings.readTimeout).nanoseconds
        idle = (options.idleTimeout ?? settings.idleTimeout).nanoseconds
        write = (options.writeTimeout ?? settings.writeTimeout).nanoseconds
    }

    /// Time between two looks at the connections, in nanoseconds.
    var checkInterval: Int {
        min(Limits.timeoutCheckMilliseconds * 1_000_000, Int(clamping: min(read, idle, write) / 4))
    }
}

/// Input and output of the connection that is being served; the others hold nothing but what they are owed.
final class StreamMemory {
    /// One read, behind what was held of a message.
    static let inputLength = MessageWriter.maximumLength + 2 + Limits.streamReadLength
    /// Replies are sent when this much has gathered.
    static let outputLength = 131_072

    let input: UnsafeMutableRawPointer
    let output: UnsafeMutableRawPointer
    /// One reply that comes while others are processed.
    let lateOutput: UnsafeMutableRawPointer

    init() {
        lateOutput = .allocate(byteCount: MessageWriter.maximumLength + 2, alignment: 64)
        input = .allocate(byteCount: Self.inputLength, alignment: 64)
        output = .allocate(byteCount: Self.outputLength, alignment: 64)
    }

    deinit {
        input.deallocate()
        output.deallocate()
        lateOutput.deallocate()
    }
}
