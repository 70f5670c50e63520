import AdminHTTP
import Dispatch
import Glibc
import Testing

private let get = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"

@Suite("hostile clients")
struct HostileClientTests {
    @Test(
        "that stall are dropped after five seconds",
        arguments: [
            ("nothing", "", false),
            ("half a request", "GET /hea", false),
            ("a drop now and then", "GET /hea", true),
            ("half a body", "POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc", false),
            ("a request, then silence", "one request", false),
        ])
    func stalled(_: String, text: String, isDropping: Bool) async throws {
        let fixture = try Fixture.health()
        defer { fixture.stop() }
        let port = fixture.port
        // On a thread of its own: other tests must not delay the clock, nor this one hold up theirs.
        let (response, secondsUntilEnd) = await withCheckedContinuation { continuation in
            DispatchQueue(label: "stalling client").async {
                continuation.resume(returning: stall(port, text, isDropping))
            }
        }
        #expect(response == (text == "one request" ? "OK" : ""))
        #expect(try #require(secondsUntilEnd, "the server kept the connection") >= 5)
    }

    /// What the server said and when it closed; nil if it did not, though it was given far more than five seconds.
    private func stall(_ port: UInt16, _ text: String, _ isDropping: Bool) -> (response: String, seconds: Double?) {
        let start = ContinuousClock.now
        guard let client = Client(port: port) else { return ("refused", nil) }
        client.send(text == "one request" ? get : text)
        let response = text == "one request" ? String(client.readResponse().suffix(2)) : ""
        for _ in 0..<60 {
            if client.hasSomethingToRead(withinMilliseconds: 1000) {
                return (response + client.readToEnd(), (ContinuousClock.now - start) / .seconds(1))
            }
            if isDropping { client.send("x") }
        }
        return (response, nil)
    }

    @Test("that hold every connection cannot keep others out")
    func manyIdle() throws {
        let fixture = try Fixture.health()
        defer { fixture.stop() }
        var held: [Client] = []
        for _ in 0..<200 {
            let client = try #require(Client(port: fixture.port))
            client.send("GET /hea")
            held.append(client)
            if held.count % 20 == 0 { #expect(try fixture.exchange(get).hasSuffix("OK")) }
        }
        #expect(try fixture.exchange(get).hasSuffix("OK"))
    }

    @Test("that ask and do not read cannot hold memory")
    func slowReaders() async {
        // In a process of its own: the memory of tests beside this one is not the server's.
        await #expect(processExitsWith: .success) { try holdAnswers() }
    }
}

private func holdAnswers() throws {
    let bodyBytes = 32 << 20
    let body = [UInt8](repeating: 0x61, count: bodyBytes)
    let fixture = try Fixture([
        ("/metrics", { _ in HTTPResponse(body: body) }), ("/health", { _ in HTTPResponse(text: "OK") }),
    ])
    defer { fixture.stop() }
    let before = heldBytes()
    var held: [Client] = []
    for _ in 0..<40 {
        let client = try #require(Client(port: fixture.port))
        client.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        held.append(client)
    }
    #expect(try fixture.exchange(get).hasSuffix("OK"))
    // Eight answers may be held, and one is being made; unbounded, there would be forty.
    let after = heldBytes()
    #expect(after - before < 12 * bodyBytes)
    #expect(after - before > bodyBytes, "answers are held, so what is measured is theirs")
}

/// What this process has of memory. A sanitizer keeps back what was given up; it is asked what is in use instead.
private func heldBytes() -> Int {
    if let counter = dlsym(nil, "__sanitizer_get_current_allocated_bytes") {
        typealias Counter = @convention(c) () -> Int
        return unsafeBitCast(counter, to: Counter.self)()
    }
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, 256, file) != nil else { return 0 }
    let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
}
