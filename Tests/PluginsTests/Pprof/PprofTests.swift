import Testing

@Suite("pprof")
struct PprofTests {
    @Test(
        "says that it serves nothing, and what there is instead",
        arguments: [
            ("pprof", "localhost:6053"), ("pprof :6060", ":6060"), ("pprof 127.0.0.1:1 {\nblock 5\n}", "127.0.0.1:1"),
        ])
    func says(lines: String, address: String) throws {
        let logged = try RunningBlock(lines).finish()
        #expect(logged.count == 1)
        #expect(logged.first?.hasPrefix("[INFO] plugin/pprof: nothing is served on \(address): ") == true)
        #expect(logged.first?.contains("perf record") == true)
    }

    @Test(
        "reports mistakes",
        arguments: [
            ("pprof 6053", ["2:7 error: address 6053: missing port in address"]),
            ("pprof :1 :2", ["2:10 error: Wrong argument count or unexpected line ending after ':2'"]),
            ("pprof {\nblok\n}", ["3:1 error: unknown property 'blok'"]),
            ("pprof {\nblock fast\n}", ["3:7 error: block rate must be a whole number: 'fast'"]),
        ])
    func mistakes(lines: String, sentences: [String]) {
        #expect(TestBlock.mistakes(lines) == sentences)
    }
}
