import ClusterIndex
import Dispatch
import DNSMessage
import Glibc
import KubernetesWatch
import Locking
import PluginKit
import TestSupport
import Testing

@Suite("services that come and go")
struct ChurnTests {
    private static let services = 1_000
    /// Each service is created and deleted so often.
    private static let rounds = 3

    @Test("of a thousand, each answer is what was last confirmed or newer, and in the end all are exact")
    func churn() async throws {
        let api = try APIServer()
        defer { api.stop() }
        api.apply(Sample.namespace("shop"))
        let dns = try TestServer(watching: api)
        let histories = Histories(ChurnTests.services)
        let askers = histories.ask(dns, threads: 3)
        var random = SeededRandom(UInt64.random(in: 0..<1_000_000))
        for _ in 0..<ChurnTests.rounds * 2 {
            for number in (0..<ChurnTests.services).shuffled(using: &random) {
                histories.change(number, api)
                if number.isMultiple(of: 50) { try? await Task.sleep(for: random.moment(upTo: 4)) }
            }
        }
        for number in stride(from: 0, to: ChurnTests.services, by: 2) { histories.change(number, api) }
        let wrong = try await differences(dns, from: api, gone: histories.gone)
        #expect(wrong == [])
        histories.stop()
        askers.wait()
        #expect(histories.mistakes == [])
        #expect(histories.asked > 0)
    }
}

/// What has happened to services, and what was seen of it. The states of a service are numbered: in those with an odd
/// number it is there, with an address that tells the number.
private final class Histories: Sendable {
    private struct History {
        /// The state that the API server has.
        var latest = 0
        /// A state that was seen: older ones may not be seen any more.
        var confirmed = 0
    }

    private struct State {
        var histories: [History]
        var asked = 0
        var mistakes: [String] = []
        var isOver = false
    }

    private let state: Lock<State>
    private let count: Int

    init(_ count: Int) {
        self.count = count
        state = Lock(State(histories: Array(repeating: History(), count: count)))
    }

    private static func name(_ number: Int) -> String { "s\(number)" }
    private static func address(_ number: Int, _ state: Int) -> String {
        "10.\(100 + state).\(number / 250).\(number % 250)"
    }

    /// Creates a service, or deletes it if it is there.
    func change(_ number: Int, _ api: APIServer) {
        // Before it happens, so that it is known when it is seen.
        let next = state.withLock { state in
            state.histories[number].latest += 1
            return state.histories[number].latest
        }
        if next.isMultiple(of: 2) {
            api.delete(.services, Sample.key(Self.name(number)))
        } else {
            api.apply(Sample.service(Self.name(number), at: Self.address(number, next)))
        }
    }

    /// What is to be answered of the services that are not there.
    var gone: [String: String] {
        let absent = state.withLock { state in (0..<count).filter { state.histories[$0].latest.isMultiple(of: 2) } }
        return Dictionary(uniqueKeysWithValues: absent.map { ("\(Sample.name(Self.name($0))) A", "NXDOMAIN") })
    }

    // MARK: Asking

    func ask(_ server: TestServer, threads: Int) -> DispatchGroup {
        let group = DispatchGroup()
        let address = server.address()
        for thread in 0..<threads {
            DispatchQueue(label: "test.churn").async(group: group) { [self] in
                var random = SeededRandom(UInt64(thread))
                while !state.withLock({ $0.isOver }) {
                    ask(Int.random(in: 0..<count, using: &random), address)
                    usleep(100)
                }
            }
        }
        return group
    }

    private func ask(_ number: Int, _ server: SocketAddress) {
        let confirmed = state.withLock { $0.histories[number].confirmed }
        let query = QueryText("\(Sample.name(Self.name(number))) A")
        let outcome = (try? UDPClient(to: server).ask(query).outcome) ?? "no answer"
        state.withLock { state in
            state.asked += 1
            let possible = confirmed...state.histories[number].latest
            let seen = possible.first {
                $0.isMultiple(of: 2) ? outcome == "NXDOMAIN" : outcome == Self.address(number, $0)
            }
            if let seen {
                state.histories[number].confirmed = max(state.histories[number].confirmed, seen)
            } else {
                state.mistakes.append("\(query): \(outcome) in states \(possible)")
            }
        }
    }

    var asked: Int { state.withLock { $0.asked } }
    var mistakes: [String] { state.withLock { Array($0.mistakes.prefix(20)) } }

    func stop() { state.withLock { $0.isOver = true } }
}
