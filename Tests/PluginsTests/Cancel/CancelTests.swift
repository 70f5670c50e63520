import DNSMessage
import PluginKit
import Testing

@Suite("cancel")
struct CancelTests {
    @Test("passes queries on", arguments: ["cancel", "cancel 2s", "cancel 1m30s"])
    func passesOn(lines: String) throws {
        let block = try TestBlock(lines, answering: CannedAnswer(["a.test. 5 IN A 192.0.2.1"]))
        #expect(block.chain.links.count == 2)
        #expect(try block.ask(TestQuery("a.test", .a)).answer == ["a.test. 5 IN A 192.0.2.1"])
    }

    @Test(
        "takes one duration above zero",
        arguments: [
            ("cancel 0s", "2:8 error: invalid duration: '0s' is not above 0"),
            ("cancel -1s", "2:8 error: invalid duration: '-1s' is not above 0"),
            ("cancel soon", "2:8 error: 'soon' is not a duration such as '30s' or '1m30s'"),
            ("cancel 1s 2s", "2:11 error: Wrong argument count or unexpected line ending after '2s'"),
        ])
    func reportsMistakes(lines: String, mistake: String) {
        #expect(TestBlock.mistakes(lines) == [mistake])
    }
}
