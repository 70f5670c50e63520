import DNSMessage
import Glibc
import PluginKit
import Locking

/// Ports that nothing on this machine uses, over UDP and TCP, IPv4 and IPv6; each is given out once a process.
public enum FreePorts {
    private static let given = Lock<Set<UInt16>>([])
    private static let attemptsMax = 1_000

    /// A port above those that the kernel gives to clients' sockets and below the privileged ones.
    public static func take() -> UInt16 {
        for _ in 0..<attemptsMax {
            let port = UInt16.random(in: 10_000..<32_000)
            guard given.withLock({ $0.insert(port).inserted }), isFree(port) else { continue }
            return port
        }
        preconditionFailure("no free port in \(attemptsMax) attempts")
    }

    private static func isFree(_ port: UInt16) -> Bool {
        [SOCK_DGRAM, SOCK_STREAM].allSatisfy { kind in
            let wildcard = SocketAddress(IPAddress(high: 0, low: 0), port: port)
            return (try? ClientSocket(kind, to: wildcard, from: wildcard)) != nil
        }
    }
}
