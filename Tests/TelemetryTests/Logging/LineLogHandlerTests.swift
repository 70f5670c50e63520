import Logging
import Telemetry
import Testing

@Suite("log lines")
struct LineLogHandlerTests {
    @Test(
        "begin with level and plugin, as CoreDNS's do",
        arguments: [
            (Logger.Level.info, "[INFO] plugin/kubernetes: text\n"),
            (.notice, "[INFO] plugin/kubernetes: text\n"),
            (.warning, "[WARNING] plugin/kubernetes: text\n"),
            (.error, "[ERROR] plugin/kubernetes: text\n"),
            (.critical, "[FATAL] plugin/kubernetes: text\n"),
            (.debug, ""),
            (.trace, ""),
        ])
    func levels(level: Logger.Level, line: String) {
        #expect(logged { Logger(plugin: "kubernetes", sink: $0).log(level: level, "text") } == line)
    }

    @Test("of the server itself have no name")
    func server() {
        let text = logged { Logger(server: $0).info("SIGTERM: Shutting down servers then terminating") }
        #expect(text == "[INFO] SIGTERM: Shutting down servers then terminating\n")
    }

    @Test("for debugging appear once they are switched on, in loggers that exist already too")
    func debug() {
        let text = logged { sink in
            let logger = Logger(plugin: "bind", sink: sink)
            logger.debug("before")
            sink.isDebugging = true
            logger.debug("after")
        }
        #expect(text == "[DEBUG] plugin/bind: after\n")
    }

    @Test(
        "stay one line each and harmless, whatever the text holds",
        arguments: [
            ("two\nlines", "[ERROR] two\n[ERROR] lines\n"),
            ("\u{1B}[2Jgone\r", "[ERROR] \\x1b[2Jgone\\x0d\n"),
            ("a\tb", "[ERROR] a\tb\n"),
            ("Grüße", "[ERROR] Grüße\n"),
            ("", "[ERROR] \n"),
        ])
    func hostile(text: String, line: String) {
        #expect(logged { Logger(server: $0).error("\(text)") } == line)
    }

    @Test("are cut at the limit")
    func long() {
        let text = logged { Logger(server: $0).info("\(String(repeating: "y", count: 100_000))") }
        #expect(text.utf8.count == "[INFO] \n".utf8.count + LineLogHandler.textBytesMax)
    }

    @Test("carry metadata behind the text, sorted by key")
    func metadata() {
        let text = logged { sink in
            var logger = Logger(plugin: "x", sink: sink)
            logger[metadataKey: "b"] = "1"
            logger.info("text", metadata: ["a": "2", "c": "3"])
        }
        #expect(text == "[INFO] plugin/x: text a=2 b=1 c=3\n")
    }
}
