import DNSMessage
import DNSResolver
import Testing

@Suite struct LookupErrorTests {
    @Test("says what was looked up and why nothing was found")
    func words() {
        let error = LookupError("web.prod", .serverFailure(.servFail, explanation: "not synced"))
        #expect("\(error)" == "web.prod: the server failed with SERVFAIL: not synced")
    }
}
