import CLinux
import DNSMessage
import Glibc
import Locking
import PluginKit

/// Ports that nothing on this machine uses, over UDP and TCP, IPv4 and IPv6; each is given out once, whatever number of
/// test processes run.
public enum FreePorts {
    /// Above the privileged ports and below those that the kernel gives to clients' sockets.
    private static let range = 10_000..<32_000
    private static let blockSize = 100
    private static let attemptsMax = 1_000
    /// The number is for the thread sanitizer, which takes accesses to a state without size for races.
    private static let trying = Lock(0)
    private static let rest = Lock<Range<Int>>(0..<0)

    /// A port that is nobody else's.
    public static func take() -> UInt16 {
        for _ in 0..<attemptsMax {
            let port = rest.withLock { rest in
                if rest.isEmpty { rest = reserveBlock() }
                return UInt16(rest.removeFirst())
            }
            if isFree(port) { return port }
        }
        preconditionFailure("no free port in \(attemptsMax) attempts")
    }

    /// A block of ports belongs to the process that has the socket of its name, until that process ends.
    private static func reserveBlock() -> Range<Int> {
        for _ in 0..<attemptsMax {
            let block = Int.random(in: 0..<range.count / blockSize)
            guard reserve("clusterdns-test-ports-\(block)") else { continue }
            let start = range.lowerBound + block * blockSize
            return start..<start + blockSize
        }
        preconditionFailure("every block of ports is taken")
    }

    private static func reserve(_ name: String) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // A name that begins with a zero byte is no file, and gone when its socket is.
        withUnsafeMutableBytes(of: &address.sun_path) { $0[1...].copyBytes(from: name.utf8) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + 1 + name.utf8.count)
        let result = withUnsafeBytes(of: &address) { raw in
            bind(descriptor, raw.assumingMemoryBound(to: sockaddr.self).baseAddress, length)
        }
        if result != 0 { close(descriptor) }
        return result == 0
    }

    /// Whether sockets can be bound to it.
    private static func isFree(_ port: UInt16) -> Bool {
        whileNoneIsTried {
            [SOCK_DGRAM, SOCK_STREAM].allSatisfy { kind in
                let wildcard = SocketAddress(IPAddress(high: 0, low: 0), port: port)
                return (try? ClientSocket(kind, to: wildcard, from: wildcard)) != nil
            }
        }
    }

    /// For whoever starts a program: it would inherit the socket that tries a port, for an instant, and the port would
    /// be in use when a test comes to bind it.
    static func whileNoneIsTried<Result>(_ body: () -> Result) -> Result { trying.withLock { _ in body() } }
}

extension Range<Int> {
    fileprivate mutating func removeFirst() -> Int {
        defer { self = lowerBound + 1..<upperBound }
        return lowerBound
    }
}
