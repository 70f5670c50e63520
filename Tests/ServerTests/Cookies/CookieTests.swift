import DNSMessage
import PluginKit
@testable import Server
import Telemetry
import TestSupport
import Testing

/// DNS cookies (RFC 7873) in the form of RFC 9018.
@Suite struct CookieTests {
    /// The examples of RFC 9018 appendix A.
    @Test(
        "makes the cookies of the standard's examples, and knows them again",
        arguments: [
            (
                "e5e973e5a6b2a43f48e7dc849e37bfcf", "198.51.100.100", "2464c4abcf10c957", 1_559_731_985 as UInt32,
                "010000005cf79f111f8130c3eee29480"
            ),
            (
                "dd3bdf9344b678b185a6f5cb60fca715", "2001:db8:220:1:59de:d0f4:8769:82b8", "22681ab97d52c298",
                1_559_741_817, "010000005cf7c57926556bd0934c72f8"
            ),
            (
                "445536bcd2513298075a5d379663c962", "2001:db8:220:1:59de:d0f4:8769:82b8", "22681ab97d52c298",
                1_559_741_961, "010000005cf7c609a6bb79d16625507a"
            ),
        ])
    func standard(secret: String, client: String, cookie: String, time: UInt32, expected: String) throws {
        let key = HexBytes(secret).bytes.withUnsafeBytes { $0.loadUnaligned(as: (UInt64, UInt64).self) }
        let cookies = ServerCookies(key: (UInt64(littleEndian: key.0), UInt64(littleEndian: key.1)))
        let address = try #require(IPAddress(client))
        let other = try #require(IPAddress("192.0.2.1"))
        let whole = HexBytes(cookie + expected).bytes
        whole.withUnsafeBytes { bytes in
            #expect(cookies.check(bytes, from: address, now: time) == .known)
            #expect(cookies.check(bytes, from: address, now: time + 3_600) == .known)
            #expect(cookies.check(bytes, from: address, now: time + 3_601) == .stranger)
            #expect(cookies.check(bytes, from: address, now: time - 300) == .known)
            #expect(cookies.check(bytes, from: address, now: time - 301) == .stranger)
            #expect(cookies.check(bytes, from: other, now: time) == .stranger)
        }
    }

    @Test(
        "gives a client the cookie again that it showed, and a new one from half an hour on (RFC 9018 §4.3)",
        arguments: [(0, true), (1_799, true), (1_800, false), (-1, false)])
    func renews(age: Int, isSame: Bool) throws {
        let cookies = ServerCookies(key: (1, 2))
        let made: UInt32 = 1_559_731_985
        let shown = answer([1, 2, 3, 4, 5, 6, 7, 8], .client, at: made, of: cookies)
        let again = answer(shown, .known, at: UInt32(Int(made) + age), of: cookies)
        #expect(shown.count == 24 && again.count == 24 && again.prefix(8) == shown.prefix(8))
        #expect((again == shown) == isSame)
    }

    /// The option of a reply to a query whose option has been looked at.
    private func answer(_ option: [UInt8], _ state: CookieState, at now: UInt32, of cookies: ServerCookies) -> [UInt8] {
        var name = NameScratch()
        let question = QuestionView(name: name.read(.root), type: .a, class: .internet)
        var query = Query(worker: WorkerSlot(0), question: question)
        query.client = SocketAddress(IPAddress(v4: 0x7F00_0001), port: 53)
        query.response.begin(question, request: query.request)
        query.request.cookie = state
        option.withUnsafeBytes { cookies.answer($0, &query, now: now) }
        return Array(query.response.options.dropFirst(4))
    }

    private static let corefile = ". {\n fixture {\n record web.example. 5 IN A 10.0.0.1\n }\n}\n"

    @Test("gives a client a cookie and knows it when it comes back, over UDP and TCP")
    func givesCookie() throws {
        let server = try TestServer(Self.corefile)
        for transport in [Transport.udp, .tcp] {
            let first = try server.ask("web.example. A option=10:a1a2a3a4a5a6a7a8", over: transport)
            let edns = try #require(first.edns)
            #expect(edns.hasPrefix("size=1232 option=10:a1a2a3a4a5a6a7a801000000"))
            #expect(edns.count == "size=1232 option=10:".count + 48)
            let second = try server.ask(QueryText("web.example. A \(edns.dropFirst(10))"), over: transport)
            #expect(second.edns?.hasPrefix("size=1232 option=10:a1a2a3a4a5a6a7a801000000") == true)
        }
    }

    @Test("gives nothing to a client that has no cookie")
    func asksNobody() throws {
        let server = try TestServer(Self.corefile)
        #expect(try server.ask("web.example. A +edns").edns == "size=1232")
    }

    @Test(
        "refuses a cookie of a length that none has (RFC 7873 §5.2.2)",
        arguments: [
            (0, ResponseCode.formErr), (7, .formErr), (8, .noError), (9, .formErr), (15, .formErr), (16, .noError),
            (24, .noError), (40, .noError), (41, .formErr),
        ])
    func checksLength(length: Int, code: ResponseCode) throws {
        let server = try TestServer(Self.corefile)
        let option = "option=10:" + String(repeating: "ab", count: length)
        #expect(try server.ask(QueryText("web.example. A \(option)")).code == code)
    }
}
