import Dispatch

@testable import KubernetesWatch

// Everything in it is touched on `queue` only.
/// Credentials on a queue of their own, asked from tests.
final class Asked: @unchecked Sendable {
    typealias Answer = Result<RequestCredentials, CredentialFault>

    private let queue = DispatchQueue(label: "credentials under test")
    private var credentials: Credentials?
    private var seconds = 1_800_000_000.0

    init(_ source: CredentialSource, timeLimit: Duration = .seconds(60)) {
        queue.sync {
            credentials = Credentials(source, queue: queue, timeLimit: timeLimit) { [unowned self] in seconds }
        }
    }

    /// One answer.
    func ask() async -> Answer { await ask(times: 1)[0] }

    /// The answers to questions asked in one go.
    func ask(times: Int) async -> [Answer] {
        await withCheckedContinuation { done in
            queue.async {
                var answers: [Answer] = []
                for _ in 0..<times {
                    self.credentials?.current { answer in
                        dispatchPrecondition(condition: .onQueue(self.queue))
                        answers.append(answer)
                        if answers.count == times { done.resume(returning: answers) }
                    }
                }
            }
        }
    }

    /// The `Authorization` field, or the words of the fault.
    func words() async -> String {
        switch await ask() {
        case .success(let credentials): credentials.authorization ?? ""
        case .failure(let fault): fault.description
        }
    }

    func refuse() { queue.sync { credentials?.refused() } }

    /// Moves the clock.
    func pass(seconds: Double) { queue.sync { self.seconds += seconds } }

    /// Asks, and lets go of the credentials before there can be an answer.
    func askAndForget() {
        queue.sync {
            credentials?.current { _ in }
            credentials = nil
        }
    }
}
