public import DNSMessage
import Glibc

/// Finds the addresses of an upstream that is given by name: once, at setup.
public enum HostLookup {
    /// Asks the system, or these servers where there are any; empty if nothing came of it.
    static func addresses(of host: String, _ resolvers: [SocketAddress]) -> [IPAddress] {
        resolvers.isEmpty ? systemAddresses(host) : addresses(host, from: resolvers)
    }

    /// Asks the system, which looks into `/etc/hosts` as well; in the order of preference, empty if nothing came of it.
    public static func systemAddresses(_ host: String) -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [IPAddress] = []
        var entry = list
        while let current = entry?.pointee {
            if let address = current.ai_addr.flatMap(address), !found.contains(address) { found.append(address) }
            entry = current.ai_next
        }
        return found
    }

    private static func address(_ socket: UnsafeMutablePointer<sockaddr>) -> IPAddress? {
        let raw = UnsafeRawPointer(socket)
        switch Int32(socket.pointee.sa_family) {
        case AF_INET: return IPAddress(v4: raw.bigEndian32(4))
        case AF_INET6: return IPAddress(v6At: raw + 8).unmapped
        default: return nil
        }
    }

    private static func addresses(_ host: String, from resolvers: [SocketAddress]) -> [IPAddress] {
        guard let name = try? Name(host) else { return [] }
        for resolver in resolvers {
            var found: [IPAddress] = []
            for type in [RecordType.a, .aaaa] {
                found += ask(resolver, Message.Question(name, type)).compactMap { record in
                    switch record.data {
                    case .a(let address), .aaaa(let address): address
                    default: nil
                    }
                }
            }
            if !found.isEmpty { return found }
        }
        return []
    }

    /// The answer to a question over UDP; empty if there is none.
    private static func ask(_ resolver: SocketAddress, _ question: Message.Question) -> [Record] {
        let family = resolver.address.family == .v4 ? AF_INET : AF_INET6
        let descriptor = socket(family, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        guard connected(descriptor, to: resolver) else { return [] }
        for _ in 0..<ForwardLimits.lookupTries {
            let id = UInt16.random(in: 0 ... .max)
            let flags = HeaderFlags(rawValue: HeaderFlags.recursionDesiredBit)
            let query = Message(id: id, flags: flags, questions: [question]).encoded()
            guard send(descriptor, query, query.count, Int32(MSG_NOSIGNAL)) == query.count else { return [] }
            if let reply = receive(descriptor, id), reply.questions == [question] { return reply.answer }
        }
        return []
    }

    private static func connected(_ descriptor: Int32, to resolver: SocketAddress) -> Bool {
        var storage = sockaddr_storage()
        return withUnsafeMutableBytes(of: &storage) { bytes in
            guard let base = bytes.baseAddress else { return false }
            base.storeBigEndian(resolver.port, at: 2)
            let isV4 = resolver.address.family == .v4
            base.storeBytes(of: sa_family_t(isV4 ? AF_INET : AF_INET6), as: sa_family_t.self)
            _ = resolver.address.store(to: base + (isV4 ? 4 : 8))
            if !isV4 { base.storeBytes(of: resolver.scope, toByteOffset: 24, as: UInt32.self) }
            let length = isV4 ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
            return connect(descriptor, base.assumingMemoryBound(to: sockaddr.self), socklen_t(length)) == 0
        }
    }

    private static func receive(_ descriptor: Int32, _ id: UInt16) -> Message? {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        for _ in 0..<8 {
            var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waited, 1, ForwardLimits.lookupMilliseconds) > 0 else { return nil }
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            let message = buffer.withUnsafeBytes { bytes in
                try? Message(decoding: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            }
            if let message, message.id == id, message.flags.isResponse { return message }
        }
        return nil
    }
}
