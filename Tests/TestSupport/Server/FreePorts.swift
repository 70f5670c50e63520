import CLinux
import Glibc
import Locking

/// Ports that nothing on this machine uses, over UDP and TCP, IPv4 and IPv6; each is given out once, whatever number of
/// test processes run. No socket tries them: a program that another test starts would inherit it for an instant, and
/// the port would be in use when a test comes to bind it.
public enum FreePorts {
    /// Above the privileged ports and below those that the kernel gives to clients' sockets.
    private static let range = 10_000..<32_000
    private static let blockSize = 100
    private static let attemptsMax = 1_000
    private static let rest = Lock<[UInt16]>([])

    /// A port that is nobody else's.
    public static func take() -> UInt16 {
        rest.withLock { rest in
            while rest.isEmpty { rest = reserveBlock() }
            return rest.removeLast()
        }
    }

    /// A block of ports belongs to the process that has the socket of its name, until that process ends.
    private static func reserveBlock() -> [UInt16] {
        for _ in 0..<attemptsMax {
            let block = Int.random(in: 0..<range.count / blockSize)
            guard reserve("clusterdns-test-ports-\(block)") else { continue }
            let start = range.lowerBound + block * blockSize
            let used = usedPorts()
            return (start..<start + blockSize).reversed().map { UInt16($0) }.filter { !used.contains($0) }
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

    /// The local ports of the kernel's tables of sockets (proc_net_tcp(5)).
    private static func usedPorts() -> Set<UInt16> {
        var ports: Set<UInt16> = []
        for table in ["tcp", "tcp6", "udp", "udp6"] {
            for line in (Program.content(ofFile: "/proc/net/\(table)") ?? "").split(separator: "\n").dropFirst() {
                let fields = line.split(separator: " ")
                guard fields.count > 1, let colon = fields[1].lastIndex(of: ":") else { continue }
                if let port = UInt16(fields[1][colon...].dropFirst(), radix: 16) { ports.insert(port) }
            }
        }
        return ports
    }
}
