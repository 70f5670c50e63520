import DNSMessage
import Sockets
import Upstream

/// Finds the addresses of an upstream that is given by name: once, at setup.
enum HostLookup {
    /// Asks the system, or these servers where there are any; empty if nothing came of it.
    static func addresses(of host: String, _ resolvers: [SocketAddress]) -> [IPAddress] {
        resolvers.isEmpty ? SystemLookup.addresses(of: host).map(\.address) : addresses(host, from: resolvers)
    }

    private static func addresses(_ host: String, from resolvers: [SocketAddress]) -> [IPAddress] {
        guard let name = try? Name(host), let exchange = BlockingExchange() else { return [] }
        for resolver in resolvers {
            var found: [IPAddress] = []
            for type in [RecordType.a, .aaaa] {
                found += ask(resolver, Message.Question(name, type), exchange).compactMap { record in
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

    /// The answer to a question; empty if there is none.
    private static func ask(
        _ resolver: SocketAddress, _ question: Message.Question, _ exchange: BlockingExchange
    ) -> [Record] {
        let flags = HeaderFlags(rawValue: HeaderFlags.recursionDesiredBit)
        let query = Message(id: 0, flags: flags, questions: [question]).encoded()
        for _ in 0..<ForwardLimits.lookupTries {
            let outcome = exchange.ask(resolver, query, overTCP: false, seconds: ForwardLimits.lookupSeconds)
            guard case .success(let reply) = outcome else { continue }
            return (try? reply.bytes.withUnsafeBytes { try Message(decoding: $0).answer }) ?? []
        }
        return []
    }
}
