import DNSMessage
import Explanation
import Locking
import Plugins
import Upstream

/// Asks the servers of `forward` lines, each question once.
final class UpstreamAsker: Sendable {
    /// How long one server has.
    private static let seconds = 2
    /// Servers asked for one name.
    private static let serversMax = 3
    /// Questions of one run.
    private static let questionsMax = 64

    private struct Question: Hashable {
        var name: Name
        var type: RecordType
        var servers: [String]
    }

    private let isOff: Bool
    private let known = Lock<[Question: Explainer.UpstreamReply]>([:])

    init(isOff: Bool) { self.isOff = isOff }

    /// What stands behind the answers that were got.
    var notes: [String] {
        let files = known.withLock { known in
            known.keys.flatMap(\.servers).filter { $0.hasPrefix("/") }
        }
        guard let file = Set(files).sorted().first, !isOff else { return [] }
        return [
            "Names outside of the cluster were asked at the servers in \(file) of this machine; the DNS pods have a "
                + "file of their own."
        ]
    }

    func ask(_ name: Name, _ type: RecordType, _ servers: [String]) -> Explainer.UpstreamReply {
        guard !isOff else { return .notAsked("--no-upstream was given") }
        let question = Question(name: name, type: type, servers: servers)
        if let reply = known.withLock({ $0[question] }) { return reply }
        guard known.withLock({ $0.count }) < Self.questionsMax else {
            return .notAsked("too many names were asked for")
        }
        let addresses = servers.flatMap(CorefileRoutes.addresses)
        let reply: Explainer.UpstreamReply =
            addresses.isEmpty
            ? .notAsked("\(servers.joined(separator: ", ")) has no address for plain DNS here")
            : DNSAsker.ask(name, type, Array(addresses.prefix(Self.serversMax)), seconds: Self.seconds)
        known.withLock { $0[question] = reply }
        return reply
    }
}

/// Asks servers over plain DNS, one after another, until one answers.
enum DNSAsker {
    static func ask(
        _ name: Name, _ type: RecordType, _ servers: [SocketAddress], seconds: Int
    ) -> Explainer.UpstreamReply {
        guard let exchange = BlockingExchange() else { return .notAsked("no descriptor is left") }
        let flags = HeaderFlags(rawValue: HeaderFlags.recursionDesiredBit)
        let query = Message(id: 0, flags: flags, questions: [Message.Question(name, type)])
        var exchanges: [Exchange] = []
        for server in servers {
            var outcome = exchange.ask(server, query.encoded(), overTCP: false, seconds: seconds)
            if case .success(let reply) = outcome, reply.isTruncated {
                outcome = exchange.ask(server, query.encoded(), overTCP: true, seconds: seconds)
            }
            switch outcome {
            case .success(let reply):
                let milliseconds = Int(reply.nanoseconds / 1_000_000)
                guard let message = try? reply.bytes.withUnsafeBytes({ try Message(decoding: $0) }) else {
                    exchanges.append(
                        Exchange(server: "\(server)", result: "no DNS message", milliseconds: milliseconds))
                    continue
                }
                let code = message.responseCode
                exchanges.append(
                    Exchange(server: "\(server)", result: code.description, milliseconds: milliseconds))
                // As `forward` does: another server may know better.
                if code == .servFail || code == .refused, server != servers.last { continue }
                return .reply(code, records: message.answer, exchanges)
            case .failure(let failure):
                exchanges.append(
                    Exchange(server: "\(server)", result: failure.clause, milliseconds: seconds * 1000))
            }
        }
        return .silence(exchanges)
    }
}
