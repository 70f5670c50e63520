import Dispatch
import Glibc
import Locking
import DNSMessage
import PluginKit
import TestSupport

/// Asks without pause, from threads of its own, and remembers what was answered wrongly or not at all.
final class QueryLoad: Sendable {
    /// A query, and what may come of it.
    struct Case: Sendable {
        let query: QueryText
        let allowed: Set<String>

        init(_ query: String, _ allowed: Set<String>) {
            self.query = QueryText("\(query) bufsize=4096")
            self.allowed = allowed
        }
    }

    private struct State {
        var asked = 0
        var mistakes: [String] = []
        var isOver = false
    }

    /// Mistakes beyond these are not remembered.
    private static let mistakesMax = 20
    /// Leaves time for what is tested: all of it is one machine.
    private static let pauseMicroseconds: UInt32 = 5_000

    private let state = Lock(State())
    private let group = DispatchGroup()

    init(on server: TestServer, _ cases: [Case], threads: Int = 2) {
        let address = server.address()
        for thread in 0..<threads {
            DispatchQueue(label: "test.load").async(group: group) { [self] in
                ask(address, cases, from: thread * cases.count / threads)
            }
        }
    }

    convenience init(on server: TestServer, _ expectation: Expectation, threads: Int = 2) {
        self.init(on: server, expectation.outcomes.map { Case($0.key, [$0.value]) }, threads: threads)
    }

    private func ask(_ server: SocketAddress, _ cases: [Case], from start: Int) {
        var next = start
        // One port for all of it: a new one might get what another test's socket no longer waited for.
        let client = Result { try UDPClient(to: server) }
        while !state.withLock({ $0.isOver }) {
            let mistake = QueryLoad.mistake(cases[next], client)
            state.withLock { state in
                state.asked += 1
                if let mistake, state.mistakes.count < QueryLoad.mistakesMax { state.mistakes.append(mistake) }
            }
            next = (next + 1) % cases.count
            usleep(QueryLoad.pauseMicroseconds)
        }
    }

    private static func mistake(_ asked: Case, _ client: Result<UDPClient, any Error>) -> String? {
        do {
            let outcome = try client.get().ask(asked.query).outcome
            return asked.allowed.contains(outcome) ? nil : "\(asked.query): \(outcome)"
        } catch {
            return "\(asked.query): \(error)"
        }
    }

    /// How many queries were answered so far.
    var asked: Int { state.withLock { $0.asked } }

    /// Ends it; what went wrong, a line for each.
    func stop() -> [String] {
        state.withLock { $0.isOver = true }
        group.wait()
        return state.withLock { $0.mistakes }
    }
}
