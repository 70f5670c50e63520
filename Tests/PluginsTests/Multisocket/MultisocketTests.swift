import PluginKit
import Telemetry
import Testing

@Suite("multisocket")
struct MultisocketTests {
    @Test("counts sockets; without a number there is one for each worker")
    func counts() throws {
        let metrics = MetricsRegistry(workers: 3)
        #expect(try TestBlock("whoami", metrics: metrics).options.socketCount == nil)
        #expect(try TestBlock("multisocket", metrics: metrics).options.socketCount == 3)
        #expect(try TestBlock("multisocket 1024", metrics: metrics).options.socketCount == 1_024)
    }

    @Test(
        "reports mistakes",
        arguments: [
            ("multisocket 0", ["2:13 error: number of sockets must be in range [1, 1024]: 0"]),
            ("multisocket 1025", ["2:13 error: number of sockets must be in range [1, 1024]: 1025"]),
            ("multisocket many", ["2:13 error: number of sockets must be a whole number: 'many'"]),
            ("multisocket 1 2", ["2:15 error: Wrong argument count or unexpected line ending after '2'"]),
            ("multisocket {\nx\n}", ["2:1 error: 'multisocket' takes no block in braces"]),
        ])
    func mistakes(lines: String, sentences: [String]) {
        #expect(TestBlock.mistakes(lines) == sentences)
    }
}
