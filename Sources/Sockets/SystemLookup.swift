import CLinux
package import DNSMessage
import Glibc

/// The addresses of a host as this machine looks them up: getaddrinfo(3).
package enum SystemLookup {
    /// In the order of preference, each once, with port 0; empty where there are none. Waits.
    package static func addresses(of host: String) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            next = entry.ai_next
            if let socket = entry.ai_addr, let address = KernelAddress.find(in: socket), !found.contains(address) {
                found.append(address)
            }
        }
        return found
    }
}
