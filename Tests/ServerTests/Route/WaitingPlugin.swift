import DNSMessage
import EventLoop
import Locking
import PluginKit

/// A plugin for tests that makes queries wait, by the first letters of their names: `slow` waits once and goes on to
/// the next plugin, `twice` waits twice, `again` asks for web.example. if there is no such name, `forever` asks again
/// and again, `later` fails until a copy of the query has been answered in the background.
enum Waiting: PluginKind {
    static let name = "waiting"

    static func setUp(_ setup: inout Setup) { setup.link(WaitingPlugin()) }
}

final class WaitingPlugin: QueryHandling, ResponseReviewing {
    private let hasBackgroundAnswer = Lock(false)

    func onQuery(_ query: inout Query) -> Verdict {
        switch Self.word(of: query.question) {
        case "slow": return Delay.park(&query, rounds: 1)
        case "twice": return Delay.park(&query, rounds: 2)
        case "later":
            if hasBackgroundAnswer.withLock({ $0 }) { return .next }
            query.askInBackground()
            return query.fail(Failure(plugin: "waiting", "not yet"))
        default: return .next
        }
    }

    func review(_ query: inout Query) -> Review {
        switch Self.word(of: query.asked) {
        case "again" where query.response.responseCode == .nxDomain: return askForWeb(&query)
        case "forever": return askForWeb(&query)
        case "later" where query.isBackground:
            hasBackgroundAnswer.withLock { $0 = query.response.writer.answerCount == 1 }
            return .keep
        default: return .keep
        }
    }

    private func askForWeb(_ query: inout Query) -> Review {
        Name("web.example.").wire.withUnsafeBytes { wire in
            query.changeQuestion(name: wire.baseAddress.unsafelyUnwrapped, type: query.question.type)
        }
        return .askAgain
    }

    private static func word(of question: QuestionView) -> String {
        String(decoding: question.name.label(0).prefix { UInt8(ascii: "a") <= $0 }, as: UTF8.self)
    }
}

/// Resumes a query after a while, on its worker's queue.
private final class Delay: TimerHandler {
    private let parked: ParkedQuery
    private let rounds: Int

    static func park(_ query: inout Query, rounds: Int) -> Verdict {
        guard query.canPark, let loop = query.loop else { return .fail(.refused) }
        loop.schedule(after: 30_000_000, Delay(query.parked(), rounds))
        return .park
    }

    init(_ parked: ParkedQuery, _ rounds: Int) {
        self.parked = parked
        self.rounds = rounds
    }

    func onTimer(_ token: TimerToken) {
        parked.resume { rounds > 1 ? Delay.park(&$0, rounds: rounds - 1) : .next }
        // A query that was resumed is not resumed again.
        parked.resume { _ in .drop }
    }
}
