import CLinux
import Dispatch
import EventLoop
import Glibc
import PluginKit
import Sockets
import Telemetry

/// A socket that a worker watches.
protocol SocketHandler: AnyObject {
    /// Takes what there is without waiting.
    func onReadable()
}

/// One core's share of the server: a serial queue with its sockets and the memory of one query.
///
/// All sockets are in one loop, which has one Dispatch source. Once that fires, the worker lingers on the loop for
/// a moment before it goes back: a Dispatch event costs seven system calls and a thread hop, a poll one.
final class Worker: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: mutable state is touched on `queue` only.
    let slot: WorkerSlot
    let queue: DispatchQueue
    /// The worker's sockets, and sockets and timers of queries that wait.
    let loop: EventLoop
    let walks: WalkPool
    /// Entered for each socket that is open, left when it is closed.
    let openSockets = DispatchGroup()
    /// Replaced when the configuration is.
    var idleObservers: [any IdleObserving] = []
    /// Monotonic time of the last query, in nanoseconds.
    var lastQueryAt: UInt64 = 0
    private var sockets: [ObjectIdentifier: WatchedSocket] = [:]
    /// The UDP sockets among those that are watched.
    private var datagramSockets: [UDPSocket] = []
    /// Whether sockets are being handled, so that replies are sent together behind that.
    private(set) var isInTurn = false
    /// Sockets with late replies of this turn.
    private var lateSockets: [UDPSocket] = []
    /// How many of those that are watched are TCP connections.
    private var connectionCount = 0

    init(index: Int, cookies: ServerCookies) throws(SystemError) {
        slot = WorkerSlot(index)
        queue = DispatchQueue(label: "clusterdns.worker.\(index)")
        guard let loop = EventLoop(queue: queue) else { throw SystemError(code: errno) }
        self.loop = loop
        walks = WalkPool(worker: slot, loop: loop, cookies: cookies)
        // Plugins may keep the loop longer than the worker lives; nobody is left to be answered then.
        queue.sync {
            loop.onWake = { [weak self, unowned loop] in if let self { linger() } else { loop.close() } }
        }
    }

    /// Starts to watch a socket. The handler is kept until `unwatch`, the descriptor is closed then.
    func watch(_ descriptor: Int32, _ handler: any SocketHandler) -> WatchedSocket {
        dispatchPrecondition(condition: .onQueue(queue))
        let socket = WatchedSocket(descriptor, handler, loop)
        sockets[ObjectIdentifier(socket)] = socket
        openSockets.enter()
        count(handler, 1)
        return socket
    }

    /// Stops watching and closes the descriptor.
    func unwatch(_ socket: WatchedSocket) {
        dispatchPrecondition(condition: .onQueue(queue))
        guard sockets.removeValue(forKey: ObjectIdentifier(socket)) != nil else { return }
        count(socket.handler, -1)
        socket.close()
        openSockets.leave()
    }

    /// Closes what is left. Nobody is called back any more; queries that still wait get no answer.
    func shutDown() {
        dispatchPrecondition(condition: .onQueue(queue))
        walks.close()
        for socket in Array(sockets.values) { unwatch(socket) }
        idleObservers = []
        loop.close()
    }

    private func count(_ handler: any SocketHandler, _ change: Int) {
        if handler is TCPConnection { connectionCount += change }
        guard let udp = handler as? UDPSocket else { return }
        datagramSockets.removeAll { $0 === udp }
        if change > 0 { datagramSockets.append(udp) }
    }

    private func linger() {
        for round in 0..<Limits.roundsPerTurn {
            // A busy socket without neighbours is waited on in its own receive call: one system call a batch less.
            if let socket = busySocket, round % Limits.roundsBetweenPolls != 0 {
                socket.receive(waits: true)
                continue
            }
            isInTurn = true
            let hasWorked = loop.poll(waitingMilliseconds: Limits.lingerMilliseconds)
            isInTurn = false
            sendLate()
            guard hasWorked else { break }
        }
        for observer in idleObservers { observer.workerIsIdle(slot) }
    }

    /// Has the late replies of a socket sent when the turn ends.
    func sendLater(_ socket: UDPSocket) { lateSockets.append(socket) }

    private func sendLate() {
        guard !lateSockets.isEmpty else { return }
        for socket in lateSockets { socket.sendLate() }
        lateSockets.removeAll(keepingCapacity: true)
    }

    /// The one UDP socket, if nothing else is under way and packets come in batches.
    private var busySocket: UDPSocket? {
        guard connectionCount == 0, datagramSockets.count == 1, datagramSockets[0].isBusy,
            loop.watchCount <= sockets.count
        else { return nil }
        return datagramSockets[0]
    }
}
