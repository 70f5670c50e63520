import CLinux

/// A listen address as one worker has it: the router that its sockets and their connections use now. Owned by the
/// worker's queue.
final class WorkerListener {
    let address: ListenAddress
    /// Replaced when the configuration is.
    var router: Router

    init(_ address: ListenAddress, _ router: Router) {
        self.address = address
        self.router = router
    }
}
