import Dispatch
import EventLoop
import PluginKit

/// A worker with the sockets that it watches: the two of each listen address, and their connections.
final class WorkerSockets: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: after `init` everything runs on `worker.queue`.
    private let worker: Worker
    private let connections: ConnectionTable
    private var open: [ListenAddress: OpenListener] = [:]

    private struct OpenListener {
        let listener: WorkerListener
        let udp: WatchedSocket
        let tcp: WatchedSocket
    }

    init(
        _ index: Int, _ limiter: ConnectionLimiter, _ streams: StreamSettings, _ cookies: ServerCookies
    ) throws(ListenError) {
        do {
            worker = try Worker(index: index, cookies: cookies)
        } catch {
            throw ListenError(description: "a worker cannot be made: \(error)")
        }
        connections = ConnectionTable(worker, limiter, streams)
    }

    /// Goes over to these listeners between two packets; `bound` has the sockets of those that are new.
    func serve(_ listeners: [DNSServer.Listener], _ bound: [BoundSockets], _ idleObservers: [any IdleObserving]) {
        worker.queue.sync {
            let kept = Set(listeners.map(\.address))
            for address in open.keys where !kept.contains(address) { close(address) }
            worker.idleObservers = idleObservers
            for listener in listeners {
                if let known = open[listener.address] {
                    known.listener.router = listener.router
                    known.listener.timeouts = connections.timeouts(listener.streams)
                    known.listener.queriesMax = listener.streams.queriesMax ?? .max
                } else if let sockets = bound.first(where: { $0.address == listener.address }) {
                    open[listener.address] = watch(sockets, listener)
                }
            }
        }
    }

    private func watch(_ sockets: BoundSockets, _ wanted: DNSServer.Listener) -> OpenListener {
        let listener = WorkerListener(wanted, connections.timeouts(wanted.streams))
        let acceptor = TCPListener(sockets.tcp, listener, connections)
        let tcp = worker.watch(sockets.tcp, acceptor)
        acceptor.start(tcp)
        let handler = UDPSocket(sockets.udp, listener, worker)
        let udp = worker.watch(sockets.udp, handler)
        handler.start(udp)
        return OpenListener(listener: listener, udp: udp, tcp: tcp)
    }

    /// Answers what has arrived before the sockets go.
    private func close(_ address: ListenAddress) {
        guard let listener = open.removeValue(forKey: address) else { return }
        listener.tcp.handler.onReadable()
        listener.tcp.stopListening()
        worker.unwatch(listener.tcp)
        listener.udp.handler.onReadable()
        (listener.udp.handler as? UDPSocket)?.retire()
        connections.closeAll(of: listener.listener)
    }

    /// Closes each connection behind its next reply, so that its client goes elsewhere without losing a query.
    func drainConnections() { worker.queue.sync { connections.isDraining = true } }

    /// How busy the worker is.
    var activity: DNSServer.Activity {
        worker.queue.sync {
            DNSServer.Activity(lastQueryAt: worker.lastQueryAt, waitingCount: worker.walks.parkedCount)
        }
    }

    /// The loop of the worker's queue.
    var loop: EventLoop { worker.loop }

    /// Answers what has arrived, and takes nothing any more.
    func retire() {
        worker.queue.sync {
            for address in Array(open.keys) { close(address) }
        }
    }

    /// Closes everything once the queries that wait have their answers, at that time at the latest.
    func stop(by deadline: DispatchTime) {
        _ = worker.openSockets.wait(timeout: deadline)
        worker.queue.sync { worker.shutDown() }
    }
}
