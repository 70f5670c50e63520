@testable import Instance
import PluginKit
import Telemetry
import Testing

@Suite("debug")
struct DebugTests {
    @Test("switches debug lines on when it starts, not when it is checked")
    func switchesOn() throws {
        var setting = Configuration.Setting.test(MetricsRegistry(workers: 1))
        setting.logSink = LogSink(descriptor: 2)
        let loaded = Configuration.load(text: ". {\n    debug\n}\n", file: "Corefile", setting)
        let block = try #require(loaded.configuration?.blocks.first)
        #expect(!setting.logSink.isDebugging)
        let part = try #require(block.parts.first?.part as? any Starting)
        try part.start(StartContext(workerCount: 1, sites: [], pluginNames: [], readiness: []))
        #expect(setting.logSink.isDebugging)
    }

    @Test("takes no arguments")
    func reportsMistakes() {
        let sentence = "2:7 error: Wrong argument count or unexpected line ending after 'on'"
        #expect(TestBlock.mistakes("debug on") == [sentence])
    }
}
