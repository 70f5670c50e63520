import Corefile
import Testing

@Suite("duration text")
struct GoDurationTextTests {
    @Test(
        "is what Go prints",
        arguments: [
            ("0", "0s"), ("1ns", "1ns"), ("1500ns", "1.5µs"), ("250ms", "250ms"), ("1050us", "1.05ms"), ("1s", "1s"),
            ("1.5s", "1.5s"), ("60s", "1m0s"), ("90s", "1m30s"), ("5m", "5m0s"), ("1h", "1h0m0s"),
            ("100h1ms", "100h0m0.001s"), ("-90s", "-1m30s"), ("-3ms", "-3ms"),
        ])
    func text(written: String, printed: String) throws {
        #expect(GoDuration.text(try GoDuration.parse(written)) == printed)
    }
}
