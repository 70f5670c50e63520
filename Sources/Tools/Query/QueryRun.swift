import DNSMessage
import DNSResolver
import Glibc
import Upstream

/// Carries a query out: server after server, try after try, name after name.
struct QueryRun {
    /// An answer with all that is told about it.
    struct Answer {
        let message: Message
        /// Bytes of the message.
        let length: Int
        let server: SocketAddress
        /// As it was given on the command line.
        let serverText: String
        let transport: UpstreamTransport
        let nanoseconds: UInt64
        /// Unix time.
        let time: Int
    }

    /// What became of it.
    enum Outcome {
        /// `remarks` tell what went wrong on the way.
        case answer(Answer, remarks: [String])
        case noReply(remarks: [String])
        /// What cannot be read, and what it came from.
        case malformed(String, remarks: [String])
    }

    /// Names that a search list makes of one, at most.
    static let namesMax = 32

    let options: QueryOptions
    /// The client's part of the cookie.
    let cookie: [UInt8]
    private let servers: [(address: SocketAddress, text: String)]
    private let names: [Name]

    /// Finds the servers and the names; a sentence where there are none.
    init(_ options: QueryOptions, _ resolver: @autoclosure () -> ResolverConfiguration) throws(QueryMistake) {
        self.options = options
        cookie = (0..<8).map { _ in UInt8.random(in: 0 ... .max) }
        if let server = options.server {
            servers = try QueryServer.addresses(server, options)
        } else {
            servers = try QueryServer.addresses(of: resolver(), options)
        }
        let searched = options.searches ? try? resolver().candidates(of: options.nameText) : nil
        names = searched ?? [options.name]
    }

    /// Asks until somebody answers.
    func run() -> Outcome {
        guard let exchange = BlockingExchange() else { return .noReply(remarks: ["no descriptor is left"]) }
        var last = Outcome.noReply(remarks: [])
        for name in names.prefix(Self.namesMax) {
            last = ask(name, exchange)
            // A search goes on where the name does not exist, or has no such records (resolv.conf(5)).
            guard case .answer(let answer, _) = last, answer.message.answer.isEmpty else { return last }
        }
        return last
    }

    private func ask(_ name: Name, _ exchange: BlockingExchange) -> Outcome {
        let message = options.message(for: name, cookie: cookie)
        var remarks: [String] = []
        var refused: Set<SocketAddress> = []
        for _ in 0..<options.tries {
            for server in servers where !refused.contains(server.address) {
                switch ask(server.address, message, exchange, &remarks) {
                case .success(let reply): return outcome(reply, server, remarks)
                case .failure(let failure):
                    remarks.append("communications error to \(Self.dashed(server.address)): \(failure.clause)")
                    // Who is not there now will not be there in a moment.
                    if case .timedOut = failure { continue }
                    refused.insert(server.address)
                }
            }
        }
        return .noReply(remarks: remarks + ["no servers could be reached"])
    }

    private func ask(
        _ server: SocketAddress, _ message: [UInt8], _ exchange: BlockingExchange, _ remarks: inout [String]
    ) -> Result<BlockingExchange.Reply, ExchangeFailure> {
        let isTCP = options.transport == .tcp
        let result = exchange.ask(server, message, overTCP: isTCP, seconds: options.seconds)
        guard options.transport == .udpFirst, case .success(let reply) = result, reply.isTruncated else {
            return result
        }
        remarks.append("Truncated, retrying in TCP mode.")
        return exchange.ask(server, message, overTCP: true, seconds: options.seconds)
    }

    private func outcome(
        _ reply: BlockingExchange.Reply, _ server: (address: SocketAddress, text: String), _ remarks: [String]
    ) -> Outcome {
        let message: Message
        do {
            message = try reply.bytes.withUnsafeBytes { try Message(decoding: $0) }
        } catch {
            return .malformed("the answer of \(Self.dashed(server.address)) cannot be read: \(error)", remarks: remarks)
        }
        let answer = Answer(
            message: message, length: reply.bytes.count, server: server.address, serverText: server.text,
            transport: reply.transport, nanoseconds: reply.nanoseconds, time: Glibc.time(nil))
        return .answer(answer, remarks: remarks)
    }

    /// An address and its port as `dig` writes them.
    static func dashed(_ server: SocketAddress) -> String { "\(server.address)#\(server.port)" }
}

extension BlockingExchange.Reply {
    var isTruncated: Bool { bytes.count > 2 && bytes[2] & 0x02 != 0 }
}

extension ExchangeFailure {
    /// For the end of a sentence.
    var clause: String {
        switch self {
        case .timedOut(0): "timed out"
        case .timedOut(let mismatches): "timed out; \(mismatches) replies to something else came"
        case .unreachable(let code): String(cString: strerror(code)).lowercased()
        case .disconnected: "the connection was closed"
        case .tls(let clause), .http(let clause), .malformed(let clause): clause
        case .saturated: "no port is left"
        case .closed: "closed"
        }
    }
}
