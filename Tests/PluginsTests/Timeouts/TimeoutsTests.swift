import PluginKit
import Testing

@Suite("timeouts")
struct TimeoutsTests {
    @Test("sets what the line says and leaves the rest")
    func sets() throws {
        var wanted = StreamOptions()
        #expect(try TestBlock("whoami").options.streams == wanted)
        wanted.readTimeout = .seconds(2)
        wanted.idleTimeout = .seconds(90)
        #expect(try TestBlock("timeouts {\nread 2\nidle 1m30s\n}").options.streams == wanted)
        wanted = StreamOptions()
        wanted.writeTimeout = .seconds(86_400)
        wanted.queriesMax = 7
        #expect(try TestBlock("timeouts {\nwrite 24h\nmaxtcpqueries 7\n}").options.streams == wanted)
        #expect(try TestBlock("timeouts {\nmaxtcpqueries -1\n}").options.streams == StreamOptions())
    }

    @Test(
        "reports mistakes",
        arguments: [
            ("timeouts", ["2:1 error: 'timeouts' with no timeouts specified"]),
            ("timeouts {\n}", ["2:1 error: 'timeouts' with no timeouts specified"]),
            ("timeouts 5s", ["2:10 error: Wrong argument count or unexpected line ending after '5s'"]),
            ("timeouts {\nread\n}", ["3:1 error: Wrong argument count or unexpected line ending after 'read'"]),
            (
                "timeouts {\nread 500ms\nidle 25h\n}",
                [
                    "3:6 error: timeout provided for 'read' must be between 1 second and 24 hours",
                    "4:6 error: timeout provided for 'idle' must be between 1 second and 24 hours",
                ]
            ),
            ("timeouts {\nread soon\n}", ["3:6 error: 'soon' is not a duration such as '30s' or '1m30s'"]),
            (
                "timeouts {\nmaxtcpqueries 0\n}",
                ["3:15 error: maxtcpqueries must be -1 or a number greater than 0: '0'"]
            ),
            ("timeouts {\nreed 2s\n}", ["3:1 error: unknown property 'reed'"]),
        ])
    func mistakes(lines: String, sentences: [String]) {
        #expect(TestBlock.mistakes(lines) == sentences)
    }
}
