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
            ("nothing", "", 0),
            ("half a request", "GET /hea", 0),
            ("a drop now and then", "GET /hea", 5),
            ("half a body", "POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc", 0),
            ("a request, then silence", "one request", 0),
        ])
    func stalled(_: String, text: String, drops: Int) async throws {
        let fixture = try Fixture.health()
        defer { fixture.stop() }
        let port = fixture.port
        // On a thread of its own: other tests must not delay the clock, nor this one hold up theirs.
        let (response, seconds) = await withCheckedContinuation { continuation in
            DispatchQueue(label: "stalling client").async {
                continuation.resume(returning: stall(port, text, drops))
            }
        }
        #expect(response == (text == "one request" ? "OK" : ""))
        #expect((4.5...8.0).contains(seconds))
    }

    private func stall(_ port: UInt16, _ text: String, _ drops: Int) -> (response: String, seconds: Double) {
        guard let client = Client(port: port) else { return ("refused", 0) }
        let start = ContinuousClock.now
        client.send(text == "one request" ? get : text)
        let response = text == "one request" ? String(client.readResponse().suffix(2)) : ""
        for _ in 0..<drops {
            sleep(1)
            client.send("x")
        }
        let rest = client.readToEnd()
        return (response + rest, (ContinuousClock.now - start) / .seconds(1))
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
    func slowReaders() throws {
        let body = [UInt8](repeating: 0x61, count: 32 << 20)
        let fixture = try Fixture([
            ("/metrics", { _ in HTTPResponse(body: body) }), ("/health", { _ in HTTPResponse(text: "OK") }),
        ])
        defer { fixture.stop() }
        let before = residentBytes()
        var held: [Client] = []
        for _ in 0..<40 {
            let client = try #require(Client(port: fixture.port))
            client.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
            held.append(client)
        }
        #expect(try fixture.exchange(get).hasSuffix("OK"))
        // Eight answers of 32 MB may be held, and one is being made.
        #expect(residentBytes() - before < 12 * (32 << 20))
    }

    private func residentBytes() -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, 256, file) != nil else { return 0 }
        let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
    }
}
