import Glibc

/// Why a server cannot listen, as in `listen tcp :8080: bind: address already in use`.
public struct ListenError: Error, Equatable, CustomStringConvertible {
    /// The sentence for the user.
    public let description: String

    init(_ address: ListenAddress, _ step: String, errno code: Int32) {
        let reason = String(cString: strerror(code))
        description = "listen tcp \(address): \(step): \(reason.prefix(1).lowercased() + reason.dropFirst())"
    }

    init(unknownHost host: String) {
        description = "listen tcp: lookup \(host): no such host"
    }
}

/// Opens the socket that a server accepts connections from.
enum ListeningSocket {
    private static let backlog: Int32 = 128

    /// Resolves, binds and listens; the returned address has the real port.
    static func open(_ address: ListenAddress) throws(ListenError) -> (descriptor: Int32, address: ListenAddress) {
        let candidates = try resolve(address)
        var failure = ListenError(unknownHost: address.host)
        for candidate in candidates {
            do throws(ListenError) {
                let descriptor = try open(candidate, for: address)
                let port = port(of: descriptor) ?? address.port
                return (descriptor, ListenAddress(host: address.host, port: port))
            } catch {
                failure = error
            }
        }
        throw failure
    }

    /// A blocking connection to an address that is listened on; each step waits at most so long.
    static func connect(to address: ListenAddress, withinMilliseconds milliseconds: Int) -> Int32? {
        let isWildcard = address.host.isEmpty || address.host == "::"
        let target = ListenAddress(host: isWildcard ? "127.0.0.1" : address.host, port: address.port)
        guard var candidate = try? resolve(target).first else { return nil }
        let descriptor = socket(candidate.family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var patience = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
        for option in [SO_SNDTIMEO, SO_RCVTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
        let length = candidate.length
        let connected = withUnsafePointer(to: &candidate.storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, length) }
        }
        if connected == 0 { return descriptor }
        Socket.close(descriptor)
        return nil
    }

    private struct SocketAddress {
        var storage = sockaddr_storage()
        var length: socklen_t = 0
        var family: Int32 { Int32(storage.ss_family) }
    }

    private static func resolve(_ address: ListenAddress) throws(ListenError) -> [SocketAddress] {
        // One wildcard socket serves both families; a machine without IPv6 takes the other.
        let host = address.host
        if host.isEmpty || host == "::" {
            return [wildcard(AF_INET6, address.port), wildcard(AF_INET, address.port)]
        }
        // RFC 6761 §6.3: localhost needs no look-up.
        let found = lookUp(host == "localhost" ? "127.0.0.1" : host, flags: AI_NUMERICHOST, address.port)
        let all = found.isEmpty ? lookUp(host, flags: 0, address.port) : found
        guard let first = all.first(where: { $0.family == AF_INET }) ?? all.first else {
            throw ListenError(unknownHost: host)
        }
        return [first]
    }

    private static func wildcard(_ family: Int32, _ port: UInt16) -> SocketAddress {
        var address = SocketAddress()
        address.storage.ss_family = sa_family_t(family)
        address.length = socklen_t(
            family == AF_INET6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size)
        setPort(port, in: &address)
        return address
    }

    private static func lookUp(_ host: String, flags: Int32, _ port: UInt16) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_flags = flags
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            var address = SocketAddress()
            address.length = entry.ai_addrlen
            withUnsafeMutableBytes(of: &address.storage) { target in
                let source = UnsafeRawBufferPointer(start: entry.ai_addr, count: Int(entry.ai_addrlen))
                target.copyMemory(from: source)
            }
            setPort(port, in: &address)
            found.append(address)
            next = entry.ai_next
        }
        return found
    }

    /// The port follows the family in IPv4 and IPv6 socket addresses alike.
    private static func setPort(_ port: UInt16, in address: inout SocketAddress) {
        withUnsafeMutableBytes(of: &address.storage) {
            $0.storeBytes(of: port.bigEndian, toByteOffset: MemoryLayout<sa_family_t>.size, as: UInt16.self)
        }
    }

    private static func open(
        _ candidate: SocketAddress, for address: ListenAddress
    ) throws(ListenError) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(candidate.family, kind, 0)
        guard descriptor >= 0 else { throw ListenError(address, "socket", errno: errno) }
        set(SOL_SOCKET, SO_REUSEADDR, to: 1, on: descriptor)
        if candidate.family == AF_INET6 { set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, to: 0, on: descriptor) }
        var copy = candidate
        let bound = withUnsafePointer(to: &copy.storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, candidate.length) }
        }
        guard bound == 0 else { throw failure(address, "bind", closing: descriptor) }
        guard listen(descriptor, backlog) == 0 else { throw failure(address, "listen", closing: descriptor) }
        return descriptor
    }

    private static func failure(_ address: ListenAddress, _ step: String, closing descriptor: Int32) -> ListenError {
        let code = errno
        Socket.close(descriptor)
        return ListenError(address, step, errno: code)
    }

    private static func set(_ level: Int32, _ option: Int32, to value: Int32, on descriptor: Int32) {
        var value = value
        _ = setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func port(of descriptor: Int32) -> UInt16? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard result == 0 else { return nil }
        return withUnsafeBytes(of: &storage) {
            UInt16(bigEndian: $0.load(fromByteOffset: MemoryLayout<sa_family_t>.size, as: UInt16.self))
        }
    }
}
