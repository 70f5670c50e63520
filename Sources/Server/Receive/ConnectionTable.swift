import CLinux
import Dispatch
import DNSMessage
import PluginKit

/// A worker's TCP connections: their places, their time-outs and the memory that they share. Owned by the worker's
/// queue, but for the limiter, which all workers share.
final class ConnectionTable {
    unowned let worker: Worker
    let timeouts: StreamTimeouts
    let memory = StreamMemory()
    /// Bytes held by connections for half a request or an untaken reply.
    var heldBytes = 0
    private let limiter: ConnectionLimiter
    private var connections: [ObjectIdentifier: TCPConnection] = [:]
    private let timer: any DispatchSourceTimer

    init(_ worker: Worker, _ limiter: ConnectionLimiter, _ timeouts: StreamTimeouts) {
        self.worker = worker
        self.limiter = limiter
        self.timeouts = timeouts
        timer = DispatchSource.makeTimerSource(queue: worker.queue)
        timer.setEventHandler { [unowned self] in closeExpired() }
        timer.schedule(deadline: .distantFuture)
        timer.activate()
    }

    deinit { timer.cancel() }

    /// Takes a connection over, or closes it if there are too many already.
    func add(_ descriptor: Int32, from client: SocketAddress, _ router: Router) {
        guard limiter.admit(client.address) else {
            close(descriptor)
            return
        }
        try? Syscall.setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY)
        let connection = TCPConnection(self, client: client, server: ConnectionTable.localAddress(descriptor), router)
        if connections.isEmpty { tick(after: .milliseconds(Limits.timeoutCheckMilliseconds)) }
        connections[ObjectIdentifier(connection)] = connection
        connection.start(worker.watch(descriptor, connection))
    }

    private static func localAddress(_ descriptor: Int32) -> SocketAddress {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        clinux_local_address(descriptor, &storage, &length)
        return withUnsafeBytes(of: &storage) { SocketStorage.read($0.baseAddress.unsafelyUnwrapped) }
    }

    /// Lets a connection go that has closed itself.
    func remove(_ connection: TCPConnection) {
        guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        limiter.release(connection.client.address)
        if connections.isEmpty { timer.schedule(deadline: .distantFuture) }
    }

    /// Closes every connection.
    func closeAll() {
        for connection in Array(connections.values) { connection.close() }
    }

    private func tick(after interval: DispatchTimeInterval) {
        timer.schedule(deadline: .now() + interval, repeating: interval, leeway: .milliseconds(50))
    }

    private func closeExpired() {
        let now = clinux_monotonic_nanoseconds()
        for connection in Array(connections.values) where connection.deadline <= now { connection.close() }
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

    init() {
        input = .allocate(byteCount: Self.inputLength, alignment: 64)
        output = .allocate(byteCount: Self.outputLength, alignment: 64)
    }

    deinit {
        input.deallocate()
        output.deallocate()
    }
}
