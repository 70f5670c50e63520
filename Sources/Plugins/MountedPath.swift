import AdminHTTP
import PluginKit
import Locking

/// A path that a plugin answers over HTTP from its start to its end.
final class MountedPath: Sendable {
    private let server: AdminServer
    private let path: String
    private let address: ListenAddress
    private let mount = Lock<Mount?>(nil)

    init(_ path: String, on address: ListenAddress, of server: AdminServer) {
        self.path = path
        self.address = address
        self.server = server
    }

    /// Where it is answered; nil before the start and after the end.
    var listening: ListenAddress? { mount.withLock { $0?.address } }

    func start(_ handler: @escaping Handler) throws(StartError) {
        do throws(ListenError) {
            let started = try server.mount(path, on: address, handler)
            mount.withLock { $0 = started }
        } catch {
            throw StartError(error.description)
        }
    }

    func stop() {
        let started = mount.withLock { mount in
            defer { mount = nil }
            return mount
        }
        started?.remove()
    }
}
