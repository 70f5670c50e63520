import Dispatch
import EventLoop
import Glibc

// `loop`, `listeners` and `lastNumber` are touched only on `queue`.
/// The HTTP server for health, readiness and metrics: small, plain HTTP/1.1, bounded in all it holds.
///
/// Paths are mounted on addresses; mounts on one address share a socket, which is closed with its last mount.
public final class AdminServer: @unchecked Sendable {
    private let queue = DispatchQueue(label: "admin.http")
    /// Made with the first listener.
    private var loop: EventLoop?
    private var listeners: [ListenAddress: Listener] = [:]
    private var lastNumber = 0

    /// A server that listens nowhere yet.
    public init() {}

    /// Answers requests for `path` on `address` with `handler`, from now on.
    ///
    /// Where another mount has the same path, the latest answers. Not to be called by a handler.
    public func mount(
        _ path: String, on address: ListenAddress, _ handler: @escaping Handler
    ) throws(ListenError) -> Mount {
        dispatchPrecondition(condition: .notOnQueue(queue))
        return try queue.sync { listener(on: address).map { add(path, handler, to: $0) } }.get()
    }

    private func listener(on address: ListenAddress) -> Result<Listener, ListenError> {
        if let known = listeners[address] { return .success(known) }
        do throws(ListenError) {
            guard let loop = loop ?? EventLoop(queue: queue) else { throw ListenError(address, "watch", errno: errno) }
            self.loop = loop
            let listener = try Listener(address, loop)
            listeners[listener.address] = listener
            listener.start()
            return .success(listener)
        } catch {
            return .failure(error)
        }
    }

    private func add(_ path: String, _ handler: @escaping Handler, to listener: Listener) -> Mount {
        lastNumber += 1
        listener.add(lastNumber, path, handler)
        return Mount(server: self, address: listener.address, number: lastNumber)
    }

    fileprivate func remove(_ mount: Mount) {
        dispatchPrecondition(condition: .notOnQueue(queue))
        queue.sync {
            guard let listener = listeners[mount.address], !listener.removeHandler(mount.number) else { return }
            listeners[mount.address] = nil
            listener.stop()
        }
    }
}

/// A path that is being answered.
public struct Mount: Sendable {
    private let server: AdminServer
    /// Where it is answered; the port is the real one.
    public let address: ListenAddress
    fileprivate let number: Int

    fileprivate init(server: AdminServer, address: ListenAddress, number: Int) {
        self.server = server
        self.address = address
        self.number = number
    }

    /// Stops answering. With the last mount of an address its socket and all connections close before this returns.
    public func remove() {
        server.remove(self)
    }
}
