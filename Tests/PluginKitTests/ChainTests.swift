import DNSMessage
import PluginKit
import Locking
import Telemetry
import Testing

struct ChainTests {
    /// Decides as told and remembers in which order it was asked.
    private final class Probe: QueryHandling, ResponseHandling {
        let name: String
        let verdict: Verdict
        let trace: Trace

        init(_ name: String, _ verdict: Verdict, _ trace: Trace) {
            (self.name, self.verdict, self.trace) = (name, verdict, trace)
        }

        func onQuery(_ query: inout Query) -> Verdict {
            trace.add("\(name)?")
            return verdict
        }

        func onResponse(_ query: inout Query) { trace.add("\(name)!") }
    }

    private final class ChaosProbe: QueryHandling, ForeignClassAnswering {
        func onQuery(_ query: inout Query) -> Verdict { .reply }
    }

    private final class Trace: Sendable {
        private let steps = Lock<[String]>([])
        var text: String { steps.withLock { $0.joined(separator: " ") } }
        func add(_ step: String) { steps.withLock { $0.append(step) } }
    }

    @Test(
        "asks downwards until one decides, then shows the response upwards",
        arguments: [
            (Verdict.reply, "a? b? b! a!", ResponseCode.noError),
            (.fail(.refused), "a? b? b! a!", .refused),
            (.next, "a? b? c? c! b! a!", .servFail),
        ])
    func order(verdict: Verdict, expected: String, code: ResponseCode) {
        let trace = Trace()
        let probes = [Probe("a", .next, trace), Probe("b", verdict, trace), Probe("c", .next, trace)]
        let (found, failure) = run(Chain(links(probes)))
        #expect(trace.text == expected)
        #expect(found == code)
        #expect((failure == "no next plugin found") == (code == .servFail))
    }

    @Test("an empty chain refuses")
    func empty() {
        #expect(run(Chain([])).code == .refused)
    }

    @Test("a class other than IN is shown only to plugins that answer it")
    func foreignClass() {
        let trace = Trace()
        let deaf = Chain(links([Probe("a", .reply, trace)]))
        #expect(!deaf.takesForeignClasses)
        #expect(run(deaf, class: .chaos).code == .refused)
        let chaos = Chain(links([Probe("a", .reply, trace), ChaosProbe()]))
        #expect(chaos.takesForeignClasses)
        #expect(run(chaos, class: .chaos).code == .noError)
        #expect(!trace.text.contains("a?"))
    }

    private func links(_ plugins: [any Plugin]) -> [Chain.Link] {
        plugins.enumerated().map { Chain.Link($1, position: $0) }
    }

    private func run(_ chain: Chain, class: RecordClass = .internet) -> (code: ResponseCode, failure: String?) {
        var scratch = NameScratch()
        let question = QuestionView(name: scratch.read("a.test"), type: .a, class: `class`)
        var query = Query(worker: WorkerSlot(0), question: question)
        query.response.begin(question, request: Request())
        _ = chain.run(&query)
        return (query.response.responseCode, query.failure?.text)
    }
}
