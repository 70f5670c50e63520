import CLinux
public import Corefile
import DNSMessage
import Sockets

extension HostContext {
    /// The machine that this process runs on.
    public static func current(version: String, environment: Environment = .process) -> HostContext {
        var name = [UInt8](repeating: 0, count: 256)
        let failed =
            name.withUnsafeMutableBytes {
                gethostname($0.baseAddress.unsafelyUnwrapped, $0.count - 1)
            } != 0
        let text = failed ? "localhost" : String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
        return HostContext(
            hostName: text, interfaces: currentInterfaces(), environment: environment, version: version)
    }

    private static func currentInterfaces() -> [InterfaceAddress] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return [] }
        defer { freeifaddrs(first) }
        var found: [InterfaceAddress] = []
        var next = first
        while let entry = next?.pointee {
            next = entry.ifa_next
            guard let socket = entry.ifa_addr, let address = KernelAddress.find(in: socket)?.address else { continue }
            let name = String(cString: entry.ifa_name)
            found.append(
                InterfaceAddress(
                    interface: name, address: address, scope: if_nametoindex(name),
                    isLoopback: address.isLoopback))
        }
        return found
    }
}

extension IPAddress {
    /// 127.0.0.0/8 or ::1. Other addresses of the loopback interface are reachable from elsewhere.
    package var isLoopback: Bool { family == .v4 ? v4 >> 24 == 127 : high == 0 && low == 1 }
}
